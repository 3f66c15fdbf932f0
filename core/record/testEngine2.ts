// Inputs of engine 2's golden record: an ask that only compares prices, over fees, an estimate and what cannot be booked.
import { nowMs, plainAsk, plainOffer, usd } from '../pricing/testOffers.ts'
import type { SealInput } from './seal.ts'
import { sealInput } from './testRecord.ts'

const { runtime: _, ...pricesOnly } = plainAsk
const fixed = (dollars: number) => ({
  model: 'fixed' as const,
  unit: { per: 'gpu' as const, usdPerHour: usd(dollars) },
})

/** Best is nosana:1 at $1.98 with its fee, which cannot be booked; the rate card's $1 is no offer. */
export const engine2Input: SealInput = {
  ...sealInput,
  ref: '2NDE-NG1N',
  ask: { ...pricesOnly, minUptimePercent: 95, maxAgeSeconds: 120 },
  offers: [
    plainOffer({
      id: 'nosana:1',
      provider: 'nosana',
      price: fixed(1.8),
      fees: [{ label: 'network fee', bps: 1000 }],
      bookable: { no: 'no key' },
      uptimePercent: { value: 99.5, how: '30 days' },
    }),
    plainOffer({ id: 'akash:1', uptimePercent: { value: 97.25, how: '7 days' } }),
    plainOffer({ id: 'akash:old', uptimePercent: { value: 99, how: '7 days' }, observedAtMs: nowMs - 121_000 }),
    plainOffer({ id: 'akash:down', uptimePercent: { value: 90, how: '7 days' } }),
    plainOffer({ id: 'render:card', provider: 'render', price: fixed(1), estimated: 'the card of 2026-11-22' }),
  ],
}
