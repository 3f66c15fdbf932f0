// Pricing and deciding on large markets, over a plain loop that reads the same offers and quotes.
import { priceOffer } from '../../core/pricing/priceOffer.ts'
import { isQuote } from '../../core/pricing/quote.ts'
import { decide } from '../../core/router/decide.ts'
import type { Bench, Row } from './bench.ts'
import { anythingAsk, type LargeMarket, largeMarket, nowMs, policy, tokens, typicalAsk } from './largeMarket.ts'
import { measure } from './measure.ts'

const AIM_MS = 15

export const routerBench: Bench = {
  name: 'router',
  about: 'price and decide 5,000 and 100,000 offers',
  async run() {
    const small = largeMarket({ size: 5_000, ask: typicalAsk })
    const large = largeMarket({ size: 100_000, ask: typicalAsk })
    return [
      await decideRow({ what: 'decide 5,000 offers', market: small, ask: typicalAsk, runs: 200 }),
      await decideRow({ what: 'decide 100,000 offers', market: large, ask: typicalAsk, runs: 40, aim: AIM_MS }),
      await decideRow({
        what: '  and read every verdict and the explanation',
        market: large,
        ask: typicalAsk,
        runs: 10,
        read: true,
      }),
      await decideRow({
        what: 'decide 100,000 offers of the asked GPU, prices only',
        market: largeMarket({ size: 100_000, ask: anythingAsk, family: 'h100' }),
        ask: anythingAsk,
        runs: 40,
      }),
      await priceRow(large),
    ]
  },
}

async function decideRow(options: {
  what: string
  market: LargeMarket
  ask: typeof typicalAsk
  runs: number
  aim?: number
  /** Read the verdicts and the explanation too. */
  read?: true
}): Promise<Row> {
  const { market, ask, runs, aim, read } = options
  const loop = await plainLoop(market, runs)
  const measured = await measure({
    runs,
    warmUps: 10,
    prepare: () => undefined,
    run() {
      const decision = decide({ ask, ...market, policy, nowMs })
      if (decision.ranking.length === 0) throw new Error('nothing fits, so there was nothing to rank')
      if (read && decision.verdicts.length + decision.explanation.histogram.length < market.offers.length)
        throw new Error('a verdict is missing')
    },
  })
  const fitting = decide({ ask, ...market, policy, nowMs }).ranking.length
  return {
    what: read ? options.what : `${options.what} (${fitting.toLocaleString('en')} fit)`,
    unit: 'ms',
    ...measured,
    ratio: { value: measured.median / loop, to: 'a plain loop' },
    ...(aim !== undefined && { aim }),
  }
}

async function priceRow({ offers }: LargeMarket): Promise<Row> {
  const loop = await plainLoop({ offers, quotes: [] }, 40)
  const measured = await measure({
    runs: 10,
    warmUps: 3,
    prepare: () => undefined,
    run: () => offers.map((offer) => priceOffer({ offer, ask: typicalAsk, tokens, policy, nowMs })),
  })
  return {
    what: 'price 100,000 offers',
    unit: 'ms',
    ...measured,
    ratio: { value: measured.median / loop, to: 'a plain loop' },
  }
}

/** The median of touching every offer and quote once. */
async function plainLoop({ offers, quotes }: LargeMarket, runs: number): Promise<number> {
  const { median } = await measure({
    runs,
    warmUps: 10,
    prepare: () => undefined,
    run() {
      let seen = 0
      for (const offer of offers) if (offer.gpu?.family === 'h100' && offer.observedAtMs > 0) seen++
      for (const priced of quotes) if (isQuote(priced) && priced.usdPerGpuHour > 1n) seen++
      if (seen === 0) throw new Error('nothing was read')
    },
  })
  return median
}
