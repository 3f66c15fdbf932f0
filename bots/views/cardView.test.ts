// The card's notes on token prices, in both of its forms.
import { expect, test } from 'vitest'
import type { Card } from '../../core/jobs/card.ts'
import { perGpuHour, perJobHour } from '../../core/money.ts'
import { cardBlocks } from './cardView.ts'

const note = 'AKT price is 12 min old: CoinGecko could not be read.'
const empty: Card = {
  offersTotal: 1,
  offersOfGpu: 1,
  offersFitting: 0,
  alternatives: [],
  comparison: [],
  nearMisses: [],
  histogram: [],
  relaxations: [],
}
const chosen: Card = {
  ...empty,
  offersFitting: 1,
  choice: {
    offerId: 'akash:1',
    provider: 'akash',
    providerName: 'Akash',
    gpu: 'h100-80gb-sxm',
    region: 'DE',
    model: 'token',
    usdPerGpuHour: perGpuHour(2_000_000n),
    usdPerHour: perJobHour(2_000_000n),
    totalUsd: 8_000_000n,
    minSeconds: 0,
    lines: [
      { label: '1 AKT = 0.50000000 USD', usd: 500_000n, source: 'coingecko, last known, 2026-11-20T11:48:00.000Z' },
    ],
    ageMs: 0,
  },
}

test.each([
  ['with a choice', chosen],
  ['when nothing fits', empty],
])('FEED-03 a token price that is last known is said %s', (_, card) => {
  expect(cardBlocks({ ...card, tokenNotes: [note] })).toContainEqual({ kind: 'note', text: note })
  expect(cardBlocks(card)).not.toContainEqual({ kind: 'note', text: note })
})

test('FEED-03 the line of the arithmetic names it too, with its time', () => {
  expect(JSON.stringify(cardBlocks(chosen))).toContain('coingecko, last known, seen 11:48 UTC')
})
