// Watches a rented machine: one that never starts, is taken back, or does not stop when told ends its job.
import { errorText } from '../../core/errors.ts'
import type { MachineStatus } from '../../core/launch/launcher.ts'
import {
  call,
  endJob,
  LOOK_AT_MACHINE_MS,
  launcherOf,
  memoryOf,
  pause,
  pauseAfter,
  type RentingOf,
  rentedOf,
  START_WITHIN_MS,
  waitMs,
} from './renting.ts'

/** From the moment a machine may have heard of it. */
const STOP_WITHIN_MS = 60_000

/** An active or running job with a machine: when to look again. */
export async function watchMachine(of: RentingOf & { ref: string }): Promise<number | undefined> {
  const { renting, doc, launch, ref } = of
  const { clock, log } = renting.keeper.context
  const job = doc.value
  const memory = memoryOf(of)
  if (job.run?.stopRequested) {
    memory.stopSeenAtMs ??= clock.now()
    if (clock.now() >= memory.stopSeenAtMs + STOP_WITHIN_MS)
      return endJob(of, 'The machine did not stop when it was told, and was taken away.')
  }
  // While this process was down no machine could be heard.
  const startedBy = Math.max(launch.launchedAtMs ?? 0, renting.keeper.startedAtMs) + START_WITHIN_MS
  const launcher = launcherOf(of)
  if (job.state === 'active' && clock.now() >= startedBy) {
    const why = `The machine did not start the job within ${START_WITHIN_MS / 60_000} minutes.`
    return endJob(of, launcher?.needs ? `${why} ${launcher.needs}` : why)
  }
  if (!launcher) return LOOK_AT_MACHINE_MS
  const pausedMs = waitMs(of)
  if (pausedMs > 0) return pausedMs
  let status: MachineStatus
  try {
    status = await call(of, (signal) => launcher.status(rentedOf(job, { ...launch, ref }), signal))
  } catch (error) {
    if (of.signal.aborted) throw error
    log.warn({ msg: 'machine not seen', ref: doc.id, provider: launch.provider, reason: errorText(error) })
    return pauseAfter(error, of)
  }
  memory.failures = 0
  return status.state === 'ended' ? endJob(of, whyEnded(status)) : pause(LOOK_AT_MACHINE_MS, of)
}

const whyEnded = ({ cause, why }: Extract<MachineStatus, { state: 'ended' }>): string =>
  cause === 'exited' ? `The machine went away without saying how the job ended. ${why}` : why
