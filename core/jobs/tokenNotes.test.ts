// What people are told of token prices that could not be renewed.
import { expect, test } from 'vitest'
import { defaultPolicy } from '../pricing/policy.ts'
import { priceOffer } from '../pricing/priceOffer.ts'
import { isQuote } from '../pricing/quote.ts'
import { nowMs, plainAsk, plainOffer } from '../pricing/testOffers.ts'
import type { TokenPrice } from '../pricing/tokenPrice.ts'
import { tokenNotes } from './tokenNotes.ts'

const minute = 60_000
const price = (token: string, ageMs: number, more: Partial<TokenPrice> = { lastKnown: true }): TokenPrice => ({
  token,
  usdPerToken: '0.5',
  source: 'coingecko',
  atMs: nowMs - ageMs,
  ...more,
})

/** The notes of one offer for each token that is asked for. */
function notesOf(tokens: TokenPrice[], offered = tokens.map(({ token }) => token)) {
  const quotes = offered
    .map((token) => plainOffer({ price: { model: 'token', token, tokensPerHour: '1', per: 'gpu', gpus: 1 } }))
    .map((offer) => priceOffer({ offer, ask: plainAsk, tokens, policy: defaultPolicy, nowMs }))
    .filter(isQuote)
  return tokenNotes({ quotes, tokens, names: { akash: 'Akash' }, nowMs })
}

test('FEED-03 one sentence per token, with the age rounded up and the source by its name', () => {
  expect(notesOf([price('AKT', 11.2 * minute), price('NOS', 1)])).toEqual([
    'AKT price is 12 min old: CoinGecko could not be read.',
    'NOS price is 1 min old: CoinGecko could not be read.',
  ])
  expect(notesOf([price('AKT', 150 * minute, { lastKnown: true, source: 'akash' })])).toEqual([
    'AKT price is 3 h old: Akash could not be read.',
  ])
})

test('once for several offers, and nothing of prices that were read or that price no offer', () => {
  expect(notesOf([price('AKT', minute)], ['AKT', 'AKT'])).toHaveLength(1)
  expect(notesOf([price('AKT', minute, {})])).toEqual([])
  expect(notesOf([price('AKT', minute), price('NOS', minute)], ['NOS'])).toEqual([
    'NOS price is 1 min old: CoinGecko could not be read.',
  ])
  // A source that could be read is used instead, so the other one is nobody's concern.
  expect(notesOf([price('AKT', minute), price('AKT', 0, { source: 'akash' })], ['AKT'])).toEqual([])
})
