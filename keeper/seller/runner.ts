// The reference runner: takes one job at a time from the desk, runs it, accounts for it.
import { appendFileSync } from 'node:fs'
import type { Hex, LocalAccount } from 'viem'
import type { Clock } from '../../core/clock.ts'
import { errorText, NectoError } from '../../core/errors.ts'
import type { RunnerJob } from '../../core/jobs/runnerDesk.ts'
import type { Log } from '../../core/log.ts'
import type { SellerApiClient } from './apiClient.ts'
import type { Driver } from './driver.ts'
import type { JobFolder, JobFolders, JobState, RunEnding } from './jobFolder.ts'
import { runWorkload } from './runWorkload.ts'
import { settleJob } from './settleJob.ts'

export interface RunnerOptions {
  readonly client: SellerApiClient
  readonly account: LocalAccount
  /** The escrow's chain, for the receipts. */
  readonly chainId: number
  readonly driver: Driver
  readonly folders: JobFolders
  readonly clock: Clock
  readonly log: Log
  readonly heartbeatMs: number
  /** After a stop, how long to try to hand in the receipt; the next start hands in what is left. @default 10_000 */
  readonly handInMs?: number
}

const ASK_AGAIN_MS = 2_000
const LONGEST_PAUSE_MS = 10_000
const LAST_HEARTBEAT_MS = 2_000
// Whatever it answered, nobody was there to see it.
const UNKNOWN_EXIT = -1

/** Works until aborted: then the job is stopped, and its receipt is handed in if the desk answers in time. */
export async function runSeller(options: RunnerOptions, signal: AbortSignal): Promise<void> {
  const { client, folders, clock, log } = options
  for (const id of folders.list()) await resume({ runner: options, id, signal })

  let pauseMs = ASK_AGAIN_MS
  while (!signal.aborted) {
    const askedAtMs = clock.now()
    try {
      const job = await client.next(signal)
      pauseMs = ASK_AGAIN_MS
      if (job && (await take({ runner: options, job, signal }))) continue
      // A desk that holds the question open has waited for us already.
      if (clock.now() - askedAtMs > ASK_AGAIN_MS) continue
    } catch (error) {
      if (signal.aborted) return
      log.warn({ msg: 'no work to be had', reason: errorText(error) })
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    }
    await clock.sleep(pauseMs, signal).catch(() => {})
  }
}

interface Work {
  readonly runner: RunnerOptions
  readonly job: RunnerJob
  readonly folder: JobFolder
  readonly signal: AbortSignal
}

/** Runs and settles one job; false when it is one whose receipt was refused, which is never run again. */
async function take(options: Pick<Work, 'runner' | 'job' | 'signal'>): Promise<boolean> {
  const { runner, job: offered, signal } = options
  const { client, folders, log } = runner
  if (folders.has(offered.jobId)) {
    await resume({ runner, id: offered.jobId, signal })
    return !folders.has(offered.jobId)
  }
  const job = await client.accept(offered.jobId, signal)
  log.info({ msg: 'job accepted', jobId: job.jobId, maxSeconds: job.maxSeconds })
  const folder = folders.open(job.jobId)
  folder.save({ phase: 'accepted', job })
  await work({ runner, job, folder, signal })
  return true
}

async function work(options: Work): Promise<void> {
  const { runner, job } = options
  const ending = await runWorkload(options)
  runner.log.info({ msg: 'job ended', jobId: job.jobId, ...ending })
  // The desk pays for the time between the heartbeats it saw, so it has to see the end.
  await runner.client.heartbeat(job.jobId, AbortSignal.timeout(LAST_HEARTBEAT_MS)).catch(() => {})
  await handIn({ ...options, ending })
}

/** Settles; after a stop only for a while. */
async function handIn(options: Work & { ending: RunEnding }): Promise<void> {
  const { runner, job, signal } = options
  const given = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const give = () => {
    timer = setTimeout(() => given.abort(), runner.handInMs ?? 10_000)
  }
  if (signal.aborted) give()
  signal.addEventListener('abort', give, { once: true })
  try {
    await settleJob({ ...options, signal: given.signal })
  } catch (error) {
    if (!given.signal.aborted) throw error
    runner.log.warn({ msg: 'receipt kept for the next start', jobId: job.jobId })
  } finally {
    signal.removeEventListener('abort', give)
    clearTimeout(timer)
  }
}

/** Goes on with a job of an earlier life of this runner. */
async function resume(options: { runner: RunnerOptions; id: Hex; signal: AbortSignal }): Promise<void> {
  const { runner, id, signal } = options
  const folder = runner.folders.open(id)
  const state = folder.read()
  const { job } = state
  if (state.phase === 'refused') {
    runner.log.warn({ msg: 'the receipt of this job was refused; it is not run again', jobId: id, reason: state.why })
  } else if (state.phase === 'accepted') {
    await work({ runner, job, folder, signal })
  } else {
    const ending = state.phase === 'ended' ? state.ending : await endAfterRestart({ runner, state, folder })
    await handIn({ runner, job, folder, signal, ending })
  }
}

/** A job that was running when the runner died: ended now, and paid for no longer than it was known to run. */
async function endAfterRestart(options: {
  runner: RunnerOptions
  state: Extract<JobState, { phase: 'running' }>
  folder: JobFolder
}): Promise<RunEnding> {
  const { runner, state, folder } = options
  const { job, startedAtMs, aliveAtMs, handle } = state
  if (state.driver !== runner.driver.name) {
    throw new NectoError('seller.other-driver', `A job of the ${state.driver} driver is open; start that one first.`)
  }
  const wasRunning = await runner.driver.endLeftover(handle)
  const endMs = wasRunning ? runner.clock.now() : aliveAtMs
  const usedSeconds = Math.min(job.maxSeconds, Math.max(0, Math.floor((endMs - startedAtMs) / 1000)))
  appendFileSync(folder.logPath, 'necto: the runner was restarted while this job ran, and stopped it.\n')
  const ending: RunEnding = { usedSeconds, exitCode: UNKNOWN_EXIT, reason: 'stopped' }
  folder.save({ phase: 'ended', job, ending })
  runner.log.warn({ msg: 'job found after a restart', jobId: job.jobId, wasRunning, ...ending })
  return ending
}
