// How much longer a scan takes than the slowest provider that answers, over sockets; and what a hung one costs.
import { systemClock } from '../../core/clock.ts'
import type { SynapseProvider } from '../../core/market/provider.ts'
import { scan } from '../../core/market/scan.ts'
import { createIonetProvider } from '../../core/providers/ionet/index.ts'
import { startIonet } from '../world/providers/ionetApi.ts'
import type { Fault } from '../world/providers/standInServer.ts'
import type { Bench, Row } from './bench.ts'
import { typicalAsk } from './largeMarket.ts'
import { summarize } from './measure.ts'

const ANSWER_AFTER_MS = [30, 150, 500, 1_200, 2_200, 3_500]
const SLOWEST_MS = Math.max(...ANSWER_AFTER_MS)
const DEADLINE_MS = 6_000
const LAG_AIM_MS = 50
const RUNS = 3

interface Times {
  /** From the call of scan to the last answer that was yielded, and to the end. */
  readonly lastAnswerMs: number
  readonly endMs: number
}

export const scanBench: Bench = {
  name: 'scan',
  about: 'scan six providers that take 0.03 to 3.5 s, one that answers 429, then one that hangs as well',
  async run() {
    const answering = await Promise.all(ANSWER_AFTER_MS.map((delayMs, i) => startMarket({ id: `after-${i}`, delayMs })))
    const busy = await startMarket({ id: 'busy', delayMs: 30, fault: { kind: 'busy', retryAfterSeconds: 60 } })
    const hung = await startMarket({ id: 'hung', delayMs: 10 * DEADLINE_MS })
    try {
      const without = await scanRepeatedly([...answering, busy])
      const withHung = await scanRepeatedly([...answering, busy, hung])
      return [
        wallRow('scan, one of seven busy', without),
        lagRow('  its end, after the slowest answered', without, ({ endMs }) => endMs - SLOWEST_MS),
        wallRow('scan, one busy and one hung', withHung),
        lagRow('  its last answer shown, after the slowest answered', withHung, (t) => t.lastAnswerMs - SLOWEST_MS),
        lagRow(`  its end, after the deadline of ${DEADLINE_MS / 1000} s`, withHung, (t) => t.endMs - DEADLINE_MS),
      ]
    } finally {
      await Promise.all([...answering, busy, hung].map(({ stop }) => stop()))
    }
  },
}

const wallRow = (what: string, times: readonly Times[]): Row => {
  const measured = summarize(times.map(({ endMs }) => endMs))
  return { what, unit: 'ms', ...measured, ratio: { value: measured.median / SLOWEST_MS, to: 'the slowest' } }
}

const lagRow = (what: string, times: readonly Times[], lagMs: (times: Times) => number): Row => ({
  what,
  unit: 'ms',
  ...summarize(times.map(lagMs)),
  aim: LAG_AIM_MS,
})

interface StartedMarket {
  readonly provider: SynapseProvider
  stop(): Promise<void>
}

/** A market of its own server, read by the product's adapter. */
async function startMarket(options: { id: string; delayMs: number; fault?: Fault }): Promise<StartedMarket> {
  const { id, delayMs, fault } = options
  const { server } = await startIonet({
    seed: id,
    clock: systemClock,
    originMs: 0,
    pinned: () => undefined,
    delay: () => () => delayMs,
  })
  server.setFault(fault)
  const provider = createIonetProvider({ baseUrl: server.url, clock: systemClock, timeoutMs: 2 * DEADLINE_MS })
  return { provider: { ...provider, id, name: id }, stop: () => server.stop() }
}

async function scanRepeatedly(markets: readonly StartedMarket[]): Promise<Times[]> {
  const providers = markets.map(({ provider }) => provider)
  await scanOnce(providers.slice(0, 1))
  const times: Times[] = []
  for (let run = 0; run < RUNS; run++) times.push(await scanOnce(providers))
  return times
}

async function scanOnce(providers: readonly SynapseProvider[]): Promise<Times> {
  const startedAt = performance.now()
  const signal = new AbortController().signal
  let lastAnswerMs = 0
  for await (const event of scan({ providers, ask: typicalAsk, clock: systemClock, deadlineMs: DEADLINE_MS, signal })) {
    if (event.kind === 'answered') lastAnswerMs = performance.now() - startedAt
  }
  return { lastAnswerMs, endMs: performance.now() - startedAt }
}
