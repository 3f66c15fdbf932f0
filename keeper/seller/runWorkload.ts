// Runs one accepted job to its end: heartbeats, live log, time limit, the buyer's stop and the seller's.
import { closeSync, openSync, writeSync } from 'node:fs'
import { errorText, NectoError } from '../../core/errors.ts'
import { envFault } from '../../core/jobs/jobEnv.ts'
import type { RunnerJob } from '../../core/jobs/runnerDesk.ts'
import type { Assignment, Ending, RunningWorkload } from './driver.ts'
import type { JobFolder, RunEnding } from './jobFolder.ts'
import { createLogShipper, fileSize } from './logShipper.ts'
import type { RunnerOptions } from './runner.ts'

// A job that floods its log must not fill the seller's disk; the desk stops taking it long before.
const MAX_LOG_FILE_BYTES = 256 * 1024 * 1024
const SHIP_EVERY_MS = 1_000
const LONGEST_SLEEP_MS = 3_600_000

type StopCause = Exclude<RunEnding['reason'], 'exited' | 'failed'>

/**
 * Runs it and answers how it ended, which is on disk then. Aborting stops the workload; nothing the desk does or fails
 * to do throws here, except that a job it no longer knows is stopped.
 */
export async function runWorkload(options: {
  runner: RunnerOptions
  job: RunnerJob
  folder: JobFolder
  signal: AbortSignal
}): Promise<RunEnding> {
  const { runner, job, folder, signal } = options
  const { driver, clock } = runner
  const logFd = openSync(folder.logPath, 'a', 0o600)
  const over = new AbortController()
  const stop = createStop(signal)
  const { workPath, outputPath } = folder
  const { env: _, ...noted } = job
  const assignment: Assignment = { job, workPath, outputPath, logFd }
  let startedAtMs: number | undefined

  // Both go on while a workload takes its time to stop: those seconds are real, too.
  const beating = beat(options, stop, over.signal)
  const shipping = ship(options, stop, over.signal)
  try {
    const why = driver.refuses(job) ?? envFault(job.env ?? {})
    if (why) return end({ exitCode: 126, failure: why })
    await driver.prepare(assignment, stop.signal)
    // Taken before: on a busy machine the program runs for a while before this process hears of it.
    const startingAtMs = clock.now()
    const workload = driver.start(assignment, (handle) => {
      startedAtMs = startingAtMs
      // From here on nothing starts it again, so nothing needs its secrets.
      folder.save({ phase: 'running', job: noted, driver: driver.name, handle, startedAtMs, aliveAtMs: startedAtMs })
    })
    const limiting = limit(startedAtMs ?? clock.now())
    const ending = await ended(workload, stop)
    over.abort()
    await limiting
    return end(ending)
  } catch (error) {
    if (stop.cause) return end({ exitCode: 143 })
    runner.log.error({ msg: 'job not started', jobId: job.jobId, reason: errorText(error) })
    return end({
      exitCode: 125,
      failure: error instanceof NectoError ? error.message : 'The runner could not start it.',
    })
  } finally {
    over.abort()
    await Promise.all([beating, shipping])
    closeSync(logFd)
  }

  function end({ exitCode, failure }: Ending): RunEnding {
    if (failure) writeSync(logFd, `necto: ${failure}\n`)
    const ranMs = startedAtMs === undefined || failure ? 0 : clock.now() - startedAtMs
    const usedSeconds = Math.min(job.maxSeconds, Math.max(0, Math.floor(ranMs / 1000)))
    const ending: RunEnding = { usedSeconds, exitCode, reason: failure ? 'failed' : (stop.cause ?? 'exited') }
    folder.save({ phase: 'ended', job: noted, ending })
    return ending
  }

  async function limit(fromMs: number) {
    const endMs = fromMs + job.maxSeconds * 1000
    // In pieces: timers hold no more than 24 days, jobs may.
    while (clock.now() < endMs && !over.signal.aborted) {
      await clock.sleep(Math.min(endMs - clock.now(), LONGEST_SLEEP_MS), over.signal).catch(() => {})
    }
    if (!over.signal.aborted) stop.because('timeout')
  }
}

interface Stop {
  readonly signal: AbortSignal
  readonly cause: StopCause | undefined
  because(cause: StopCause): void
}

/** The first reason to stop wins; the seller's own stop is one of them. */
function createStop(outer: AbortSignal): Stop {
  const inner = new AbortController()
  let cause: StopCause | undefined
  function because(reason: StopCause) {
    cause ??= reason
    inner.abort()
  }
  if (outer.aborted) because('stopped')
  outer.addEventListener('abort', () => because('stopped'), { once: true })
  return {
    signal: inner.signal,
    get cause() {
      return cause
    },
    because,
  }
}

function ended(workload: RunningWorkload, stop: Stop): Promise<Ending> {
  if (stop.signal.aborted) workload.stop()
  stop.signal.addEventListener('abort', () => workload.stop(), { once: true })
  return workload.ended
}

type Run = Parameters<typeof runWorkload>[0]

async function beat(run: Run, stop: Stop, signal: AbortSignal): Promise<void> {
  const { runner, job, folder } = run
  while (!signal.aborted) {
    try {
      const state = folder.read()
      if (state.phase === 'running') folder.save({ ...state, aliveAtMs: runner.clock.now() })
      if ((await runner.client.heartbeat(job.jobId, signal)).stop) stop.because('stopped')
    } catch (error) {
      if (signal.aborted) return
      runner.log.warn({ msg: 'heartbeat not answered', jobId: job.jobId, reason: errorText(error) })
      // The desk knows the job no more: whatever runs on is not paid.
      if (error instanceof NectoError && error.retry === 'never') stop.because('stopped')
    }
    await runner.clock.sleep(runner.heartbeatMs, signal).catch(() => {})
  }
}

async function ship(run: Run, stop: Stop, signal: AbortSignal): Promise<void> {
  const { runner, job, folder } = run
  const shipper = createLogShipper({ client: runner.client, jobId: job.jobId, path: folder.logPath })
  while (!signal.aborted) {
    if ((await fileSize(folder.logPath)) > MAX_LOG_FILE_BYTES) stop.because('stopped')
    await shipper.ship(signal).catch((error: unknown) => {
      if (!signal.aborted) runner.log.warn({ msg: 'log not taken', jobId: job.jobId, reason: errorText(error) })
    })
    await runner.clock.sleep(SHIP_EVERY_MS, signal).catch(() => {})
  }
}
