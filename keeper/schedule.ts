// Work at set times, on node-cron: no run begins while the one before is under way, and the last one stands in the metrics.
import { schedule } from 'node-cron'
import type { Clock } from '../core/clock.ts'
import { errorText } from '../core/errors.ts'
import type { Metrics } from '../core/health/metrics.ts'
import type { Log } from '../core/log.ts'

export interface Schedule {
  readonly name: string
  /** Minute, hour, day of the month, month, weekday; in UTC, where no hour is lost or comes twice. */
  readonly cron: string
  work(signal: AbortSignal): Promise<void>
}

/** Calls `onTick` at the times of `cron` until stopped, and `onSkip` instead while the call before has not ended. */
export type Ticker = (options: { name: string; cron: string; onTick: () => Promise<void>; onSkip: () => void }) => {
  stop(): unknown
}

export const cronTicker: Ticker = ({ name, cron, onTick, onSkip }) => {
  const silent = () => undefined
  const task = schedule(cron, onTick, {
    name,
    noOverlap: true,
    timezone: 'UTC',
    // Told by `onSkip`; its own lines would go around the log.
    logger: { info: silent, warn: silent, error: silent, debug: silent },
  })
  task.on('execution:overlap', onSkip)
  task.on('execution:missed', onSkip)
  return { stop: () => task.destroy() }
}

/** Runs them until the signal, then waits for what is under way. A run that fails is told; the next comes all the same. */
export async function runSchedules(
  options: { schedules: readonly Schedule[]; ticker?: Ticker; clock: Clock; log: Log; metrics: Metrics },
  signal: AbortSignal,
): Promise<void> {
  const { schedules, ticker = cronTicker, clock, log, metrics } = options
  const underWay = new Set<Promise<void>>()

  async function run({ name, work }: Schedule): Promise<void> {
    const startedAtMs = clock.now()
    let isOk = true
    try {
      await work(signal)
    } catch (error) {
      if (signal.aborted) return
      isOk = false
      log.warn({ msg: 'schedule failed', schedule: name, error: errorText(error) })
    }
    metrics.set('scheduleLastRun', startedAtMs / 1000, name)
    metrics.set('scheduleSeconds', (clock.now() - startedAtMs) / 1000, name)
    metrics.set('scheduleOk', isOk ? 1 : 0, name)
  }

  const tickers = schedules.map((one) =>
    ticker({
      ...one,
      onTick() {
        const done = run(one).finally(() => underWay.delete(done))
        underWay.add(done)
        return done
      },
      onSkip() {
        metrics.count('scheduleSkips', 1, one.name)
        log.warn({ msg: 'schedule skipped, the run before is under way', schedule: one.name })
      },
    }),
  )
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  for (const one of tickers) one.stop()
  await Promise.all(underWay)
}
