// Rents a machine for a job that has none: written down before it is asked for, one attempt at a time.
import { errorText, NectoError } from '../../core/errors.ts'
import { VISIBLE_WITHIN_MS } from '../../core/launch/launched.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { machineUrl } from '../api/createMachineApi.ts'
import { withTrouble } from './keeper.ts'
import {
  call,
  changeLaunch,
  endJob,
  launcherOf,
  pauseAfter,
  type RentingOf,
  START_WITHIN_MS,
  waitMs,
} from './renting.ts'

/** A job without a machine, or whose machine began before its name was written down: when to look again. */
export async function rentMachine(of: RentingOf): Promise<number | undefined> {
  const { renting, doc, launch } = of
  const { clock, log } = renting.keeper.context
  const job = doc.value
  const launcher = launcherOf(of)
  if (!launcher) {
    log.error({ msg: 'no launcher for a paid job', ref: doc.id, provider: launch.provider })
    return endJob(of, 'Necto cannot rent machines there any more.')
  }
  const { jobId, terms, workload } = job
  if (!jobId || !terms || !workload || launch.token === undefined) return endJob(of, 'There is nothing to run.')
  // While this process was down nobody asked for a machine, so the time to find one begins anew.
  const sinceMs = Math.max(launch.requestedAtMs ?? clock.now(), renting.keeper.startedAtMs)
  if (job.state === 'active' && clock.now() >= sinceMs + START_WITHIN_MS)
    return endJob(
      of,
      `No machine was to be had within ${START_WITHIN_MS / 60_000} minutes. ${job.trouble?.text ?? ''}`.trim(),
    )

  const pausedMs = waitMs(of)
  if (pausedMs > 0) return pausedMs
  const attempt = launch.attempt ?? 1
  const { unsureSinceMs } = launch
  // What runs is not to be started twice, however long its name stays unknown.
  const isUnsure =
    job.state === 'running' || (unsureSinceMs !== undefined && clock.now() < unsureSinceMs + VISIBLE_WITHIN_MS)
  const asked = await updateDocument({
    collection: renting.keeper.context.jobs,
    id: doc.id,
    change: (now) => {
      if (now.state !== job.state || !now.launch || now.launch.ref !== undefined || now.stopRequested) return undefined
      const askedAtMs = clock.now()
      return {
        ...now,
        launch: {
          ...now.launch,
          ...{ attempt, askedAtMs, unsureSinceMs: askedAtMs },
          requestedAtMs: now.launch.requestedAtMs ?? askedAtMs,
        },
      }
    },
  })
  if (!asked) return undefined
  let ref: string
  try {
    ref = (
      await call(of, (signal) =>
        launcher.launch(
          {
            jobId,
            attempt,
            isUnsure,
            offer: launch.offer,
            gpuCount: terms.gpuCount,
            ceilingUsdPerHour: terms.pricePerHour,
            maxSeconds: terms.maxSeconds,
            workload: workload.value,
            machineUrl: machineUrl(renting.machinesUrl, launch.token ?? ''),
          },
          signal,
        ),
      )
    ).ref
  } catch (error) {
    return afterFailure({ ...of, attempt, isUnsure, error })
  }
  // In whatever state the job is by now: what is rented must be given back.
  await changeLaunch(of, ({ unsureSinceMs: _, ...now }) => ({ ...now, ref, launchedAtMs: clock.now() }))
  return undefined
}

async function afterFailure(
  of: RentingOf & { attempt: number; isUnsure: boolean; error: unknown },
): Promise<number | undefined> {
  const { renting, doc, launch, attempt, isUnsure, error, signal } = of
  if (signal.aborted || !(error instanceof NectoError)) throw error
  const { jobs, log } = renting.keeper.context
  const facts = { ref: doc.id, provider: launch.provider, attempt, code: error.code, reason: errorText(error) }
  // It runs: only its name is not known, and silence or its end will be noticed without.
  if (doc.value.state === 'running') return pauseAfter(error, of)
  if (error.retry === 'never') {
    log.error({ msg: 'launch refused', ...facts })
    return endJob(of, error.message)
  }
  log.warn({ msg: 'no machine yet', ...facts })
  await updateDocument({
    collection: jobs,
    id: doc.id,
    change: (now) => {
      if (!now.launch || now.state !== 'active') return undefined
      const { unsureSinceMs: _, ...kept } = now.launch
      // Only where nothing was started may the next one be another: else it is asked for again under the same number.
      const after = isUnsure ? { ...kept, unsureSinceMs: launch.unsureSinceMs } : { ...kept, attempt: attempt + 1 }
      const next = error.retry === 'later' ? { ...now, launch: after } : undefined
      return withTrouble(next ?? now, 'no-machine', error.message) ?? next
    },
  })
  return pauseAfter(error, of)
}
