// What the steps of a rented machine share: the launchers, how long things may take, and how a job without its machine ends.
import type { Address } from 'viem'
import { NectoError, wrapError } from '../../core/errors.ts'
import type { Job } from '../../core/jobs/job.ts'
import { transition } from '../../core/jobs/transitions.ts'
import type { Launch } from '../../core/launch/launch.ts'
import type { Launcher, Machine, RentedMachine } from '../../core/launch/launcher.ts'
import { retryPauseMs } from '../../core/retryPause.ts'
import type { Stored } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { withTimeLimit } from '../../core/timeLimit.ts'
import type { KeeperContext } from './keeper.ts'

/** For one call to a provider. */
const CALL_TIMEOUT_MS = 60_000
/** How often a machine is looked at. */
export const LOOK_AT_MACHINE_MS = 10_000
/** From the first asking to a machine, and again from the machine to its program. */
export const START_WITHIN_MS = 15 * 60_000

/** A job on its way through the hands of a launcher. */
export interface Renting {
  readonly keeper: Pick<KeeperContext, 'context' | 'startedAtMs'>
  readonly launchers: readonly Launcher[]
  /** The address of the machines' interface that a machine reaches. */
  readonly machinesUrl: string
  /** What need not outlast the process, by job and what is being done for it. */
  readonly memory: Map<string, Memory>
}

export interface RentingOptions extends Pick<Renting, 'launchers' | 'machinesUrl'> {
  /** Necto's wallet, which the escrow pays for such jobs. */
  readonly payout: Address
  /** Asks what the accounts may rent, until the signal: what they may not is no longer offered. */
  readonly watchStandings?: (signal: AbortSignal) => Promise<void>
}

/** Calls that failed in a row, when the next may be made, and when a stop was first seen. */
interface Memory {
  failures: number
  nextCallAtMs: number
  stopSeenAtMs?: number
}
export type Doing = 'renting' | 'watching' | 'returning'

export interface RentingOf {
  readonly renting: Renting
  readonly doc: Stored<Job>
  readonly launch: Launch
  readonly doing: Doing
  readonly signal: AbortSignal
}
type Of = Pick<RentingOf, 'renting' | 'doc' | 'doing'>

export const launcherOf = ({ renting, launch }: Pick<RentingOf, 'renting' | 'launch'>): Launcher | undefined =>
  renting.launchers.find(({ provider }) => provider === launch.provider)

export const machineOf = (job: Job, { offer, ref, askedAtMs = 0 }: Launch): Machine => ({
  jobId: job.jobId ?? '0x',
  offer,
  ref,
  askedAtMs,
})

export const rentedOf = (job: Job, launch: Launch & { ref: string }): RentedMachine => ({
  ...machineOf(job, launch),
  ref: launch.ref,
})

/** One call to a provider, within its time; a failure is a NectoError. */
export async function call<T>(
  { renting, signal }: Pick<RentingOf, 'renting' | 'signal'>,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = new NectoError('launch.timeout', 'The provider did not answer in time.', { retry: 'unknown' })
  const { clock } = renting.keeper.context
  try {
    return await withTimeLimit({ clock, signal, timeoutMs: CALL_TIMEOUT_MS, timeout }, run)
  } catch (error) {
    signal.throwIfAborted()
    throw wrapError(error, { code: 'launch.failed', message: 'The provider could not be reached.', retry: 'unknown' })
  }
}

export function memoryOf({ renting, doc, doing }: Of): Memory {
  const key = `${doc.id} ${doing}`
  const known = renting.memory.get(key) ?? { failures: 0, nextCallAtMs: 0 }
  renting.memory.set(key, known)
  return known
}

/** How long the provider is still to be left alone: a changed document is no reason to ask it again. */
export const waitMs = (of: Of): number => memoryOf(of).nextCallAtMs - of.renting.keeper.context.clock.now()

/** How long to leave the provider alone after another failure in a row. */
export function pauseAfter(error: unknown, of: Of): number {
  const memory = memoryOf(of)
  memory.failures += 1
  return pause(retryPauseMs(error, memory.failures), of)
}

/** Leaves the provider alone for so long. */
export function pause(ms: number, of: Of): number {
  memoryOf(of).nextCallAtMs = of.renting.keeper.context.clock.now() + ms
  return ms
}

/** The job needs none of it any more. */
export function forget({ renting, doc }: Pick<RentingOf, 'renting' | 'doc'>): void {
  for (const doing of ['renting', 'watching', 'returning'] satisfies Doing[])
    renting.memory.delete(`${doc.id} ${doing}`)
}

/** Changes what the job keeps of its machine, whatever state the job has come to. */
export const changeLaunch = (
  { renting, doc }: Pick<RentingOf, 'renting' | 'doc'>,
  change: (launch: Launch) => Launch,
) =>
  updateDocument({
    collection: renting.keeper.context.jobs,
    id: doc.id,
    change: (job) => job.launch && { ...job, launch: change(job.launch) },
  })

/** Ends the job for want of its machine, unless it moved on meanwhile; what was seen of it is paid, and people are told why. */
export async function endJob({ renting, doc }: Pick<RentingOf, 'renting' | 'doc'>, why: string): Promise<undefined> {
  const { jobs, clock } = renting.keeper.context
  await updateDocument({
    collection: jobs,
    id: doc.id,
    change: (now) =>
      now.state === doc.value.state && now.launch
        ? transition(now, 'finish', {
            launch: { ...now.launch, why },
            trouble: undefined,
            ...(now.run && { run: { ...now.run, endedAtMs: clock.now() } }),
          })
        : undefined,
  })
}
