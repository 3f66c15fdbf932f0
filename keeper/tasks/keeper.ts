// What the keeper's tasks share: the jobs, the two senders, the intents they left, and the chain's clock.
import type { Address, Hex } from 'viem'
import type { JobRecord } from '../../core/escrow/jobRecord.ts'
import type { JobsContext } from '../../core/jobs/context.ts'
import type { KeyedQueue } from '../../core/keyedQueue.ts'
import type { Collection } from '../../core/store/store.ts'
import type { Intent } from '../tx/intent.ts'
import type { Sender } from '../tx/sender.ts'

export interface KeeperContext {
  readonly context: JobsContext
  readonly intents: Collection<Intent>
  /** Starts, completes, cancels, lists sellers. */
  readonly agent: Pick<Sender, 'submit'>
  /** Pays the gas of funding; has no role. */
  readonly relay: Pick<Sender, 'submit'>
  /** The most that both bid for one unit of gas, in wei. */
  readonly feeCapWei: bigint
  /** What must be decided one after the other, by who sends it: fundings by the relay's gas, settlements by which batch. */
  readonly turns: KeyedQueue
  readonly router: Address
  readonly registry: Address
  /** The latest block's time in Unix seconds: what the contract compares with. */
  chainNowSeconds(signal: AbortSignal): Promise<number>
  /** The time, in Unix seconds, of the last block whose events are applied for good: who had paid by then is known. */
  chainReadSeconds(signal: AbortSignal): Promise<number>
  /** The first block whose events are not applied for good yet. */
  chainReadBlock(): Promise<bigint>
  /** Where the escrow has a job in its latest block; undefined when it knows none of that id. */
  chainStatus(jobId: Hex, signal: AbortSignal): Promise<JobRecord['status'] | undefined>
  /** When this process began to watch: a runner could not be heard before. */
  readonly startedAtMs: number
}

/** How often a stored intent is looked at again; its own sender reacts at once, this only reads the store. */
export const LOOK_AGAIN_MS = 500

/** Where an intent stands: undefined = there is none. */
export async function outcomeOf(keeper: Pick<KeeperContext, 'intents'>, id: string): Promise<Intent | undefined> {
  return (await keeper.intents.get(id))?.value
}

/** Shows people what holds a job up; nothing is written when it says so already. */
export const withTrouble = <T extends { trouble?: { code: string; text: string } | undefined }>(
  job: T,
  code: string,
  text: string,
): T | undefined =>
  job.trouble?.code === code && job.trouble.text === text ? undefined : { ...job, trouble: { code, text } }
