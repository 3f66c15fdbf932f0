// The one table of a job's life: which event leads from which states to which; everything else is refused.
import type { Job, JobState } from './job.ts'

interface Transition {
  readonly from: readonly JobState[]
  readonly to: JobState
}

export const TRANSITIONS = {
  /** The scan found something that fits and can be booked. */
  offer: { from: ['scanning'], to: 'offered' },
  /** Nothing fits. */
  refuse: { from: ['scanning'], to: 'refused' },
  /** The decision is sealed and the pay link exists. */
  order: { from: ['offered'], to: 'ordered' },
  /** Somebody named a refund address and has signed terms; those for other addresses change nothing here. */
  sign: { from: ['ordered'], to: 'signed' },
  /** The payer's authorization is stored. */
  authorize: { from: ['signed'], to: 'paying' },
  /** The authorization could not be used; no money moved. */
  decline: { from: ['paying'], to: 'signed' },
  /** The escrow holds the deposit, final on chain. */
  fund: { from: ['signed', 'paying'], to: 'funded' },
  /** The start transaction is stored as an intent. */
  start: { from: ['funded'], to: 'starting' },
  /** Active on chain, final: a runner may take it. The chain's word, also when a cancellation came too late. */
  activate: { from: ['funded', 'starting', 'cancelling'], to: 'active' },
  /** A runner took it. */
  accept: { from: ['active'], to: 'running' },
  /** It ended, or never ran: the evidence is stored before the money moves. */
  finish: { from: ['active', 'running'], to: 'finishing' },
  /** The completing transaction is stored as an intent. */
  settle: { from: ['finishing'], to: 'settling' },
  /** The chain has paid for more than the settlement says, so it takes none of this: seconds and evidence once more. */
  meterAgain: { from: ['settling'], to: 'finishing' },
  /** Settled on chain, final; also when somebody else's transaction did it. */
  settled: { from: ['active', 'running', 'finishing', 'settling', 'starting'], to: 'settled' },
  /** The refunding transaction is stored as an intent. */
  cancel: { from: ['funded', 'starting'], to: 'cancelling' },
  /** The deposit went back, final. */
  refunded: {
    from: ['funded', 'starting', 'cancelling', 'active', 'running', 'finishing', 'settling'],
    to: 'refunded',
  },
  /** The quote ran out before anything was paid. */
  lapse: { from: ['offered', 'ordered', 'signed', 'paying'], to: 'lapsed' },
  /** The asker gave it up before paying. */
  abandon: { from: ['scanning', 'offered', 'ordered', 'signed'], to: 'cancelled' },
} as const satisfies Record<string, Transition>

export type JobEvent = keyof typeof TRANSITIONS

/** The job after the event with `changes` applied, or undefined when the event does not apply in its state. */
export function transition(job: Job, event: JobEvent, changes: Partial<Job> = {}): Job | undefined {
  const { from, to }: Transition = TRANSITIONS[event]
  return from.includes(job.state) ? { ...job, ...changes, state: to } : undefined
}
