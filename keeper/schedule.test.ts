// Schedules: one run at a time, failures told and not fatal, the last run in the metrics; ticks are fired by hand.
import { beforeEach, expect, test } from 'vitest'
import { createManualClock } from '../core/clock.ts'
import { createMetrics, type Metrics } from '../core/health/metrics.ts'
import { silentLog } from '../core/log.ts'
import { runSchedules, type Ticker } from './schedule.ts'
import { eventually } from './tx/testChain.ts'

let clock: ReturnType<typeof createManualClock>
let metrics: Metrics
let stop: AbortController
let ticks: Map<string, Parameters<Ticker>[0]>
let stopped: string[]
beforeEach(() => {
  clock = createManualClock(1_000_000)
  metrics = createMetrics()
  stop = new AbortController()
  ticks = new Map()
  stopped = []
})

const byHand: Ticker = (options) => {
  ticks.set(options.name, options)
  return { stop: () => stopped.push(options.name) }
}
const start = (work: (signal: AbortSignal) => Promise<void>, more: { cron?: string; ticker?: Ticker } = {}) =>
  runSchedules(
    {
      schedules: [{ name: 'test', cron: more.cron ?? '* * * * *', work }],
      ticker: more.ticker ?? byHand,
      clock,
      log: silentLog,
      metrics,
    },
    stop.signal,
  )
const figures = async () => (await metrics.text()).split('\n').filter((line) => line.includes('schedule="test"'))

test('a run stands in the metrics with its begin and how long it took', async () => {
  const running = start(() => clock.sleep(2_500))
  const tick = ticks.get('test')?.onTick()
  await clock.tick(2_500)
  await tick
  expect(await figures()).toEqual([
    'necto_schedule_last_run_seconds{schedule="test"} 1000',
    'necto_schedule_duration_seconds{schedule="test"} 2.5',
    'necto_schedule_ok{schedule="test"} 1',
  ])
  stop.abort()
  await running
  expect(stopped).toEqual(['test'])
})

test('a run that fails is told, and the next one comes', async () => {
  let isBroken = true
  const running = start(async () => {
    if (isBroken) throw new Error('no')
  })
  await ticks.get('test')?.onTick()
  expect(await figures()).toContain('necto_schedule_ok{schedule="test"} 0')
  isBroken = false
  await ticks.get('test')?.onTick()
  expect(await figures()).toContain('necto_schedule_ok{schedule="test"} 1')
  stop.abort()
  await running
})

test('a stop waits for the run under way, which is told to end', async () => {
  let hasEnded = false
  const running = start(async (signal) => {
    await clock.sleep(60_000, signal).catch(() => undefined)
    hasEnded = true
  })
  void ticks.get('test')?.onTick()
  stop.abort()
  await running
  expect(hasEnded).toBe(true)
})

test('node-cron itself begins no run while one is under way, and says that it left one out', async () => {
  const { cronTicker } = await import('./schedule.ts')
  let begun = 0
  let atOnce = 0
  let release = () => {}
  const running = start(
    async () => {
      begun++
      atOnce++
      expect(atOnce).toBe(1)
      if (begun === 1)
        await new Promise<void>((resolve) => {
          release = resolve
        })
      atOnce--
    },
    { cron: '* * * * * *', ticker: cronTicker },
  )
  await eventually(async () => (await figures()).some((line) => /skips_total\{schedule="test"\} [1-9]/.test(line)))
  expect(begun).toBe(1)
  release()
  await eventually(() => begun > 1)
  stop.abort()
  await running
})

test('times that node-cron does not understand are refused at once', async () => {
  const { cronTicker } = await import('./schedule.ts')
  await expect(start(async () => {}, { cron: 'every quarter', ticker: cronTicker })).rejects.toThrow()
})
