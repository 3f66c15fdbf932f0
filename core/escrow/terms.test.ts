// Terms: JSON keeps them exactly, contradictions are refused, every field counts in the hash.
import fc from 'fast-check'
import { hexToString, pad } from 'viem'
import { describe, expect, test } from 'vitest'
import { anyTerms, bytes32, sampleTerms } from '../../test/world/terms.ts'
import { hashTerms, parseTerms, priceAssetKey, refKey, type Terms, termsToJson, termsTypes } from './terms.ts'

const place = { chainId: 8453, router: pad('0x01', { size: 20 }) } as const
const terms = sampleTerms({ nowSeconds: 1_700_000_000n })

describe('JSON', () => {
  test('gives back the same terms, whatever they are', () => {
    fc.assert(
      fc.property(anyTerms, (any) => {
        expect(parseTerms(JSON.parse(JSON.stringify(termsToJson(any))))).toEqual(any)
      }),
    )
  })

  test('writes wide integers as decimal strings and the price in dollars', () => {
    expect(termsToJson(terms)).toMatchObject({ pricePerHour: '2.000000', fundBy: '1700000900', tokenPrice: '0' })
  })

  test.each<[string, Partial<Terms>]>([
    ['untracked with a tag', { memberTag: bytes32(5n) }],
    ['tracked without a tag', { tracked: true }],
    ['a token price for USD', { tokenPrice: 1n }],
    ['a price asset without its price', { priceAsset: priceAssetKey('AKT') }],
    ['a minimum above the maximum', { minSeconds: 3601 }],
    ['a start before the funding ends', { startBy: terms.fundBy - 1n }],
    ['a fee above a tenth', { feeBps: 1001 }],
    ['no GPU', { gpuCount: 0 }],
    ['no seconds', { maxSeconds: 0 }],
    ['more than a year', { maxSeconds: 365 * 86_400 + 1 }],
    ['the zero address', { refundTo: pad('0x', { size: 20 }) }],
  ])('refuses %s', (_name, change) => {
    const json = JSON.parse(
      JSON.stringify({ ...terms, ...change }, (_key, value) => (typeof value === 'bigint' ? `${value}` : value)),
    )
    expect(parseTerms({ ...json, pricePerHour: '2.000000' })).toBeUndefined()
  })

  test('refuses a field that it does not know', () => {
    expect(parseTerms({ ...termsToJson(terms), extra: 1 })).toBeUndefined()
  })

  test('the unchanged example is accepted, so the refusals above are for the change', () => {
    expect(parseTerms(termsToJson(terms))).toEqual(terms)
  })
})

describe('hash', () => {
  test('covers every field', () => {
    const other: Terms = {
      refundTo: pad('0x02', { size: 20 }),
      provider: bytes32(2n),
      gpuCount: 3,
      pricePerHour: (terms.pricePerHour + 1n) as Terms['pricePerHour'],
      maxSeconds: 3601,
      minSeconds: 1,
      feeBps: 251,
      fundBy: terms.fundBy + 1n,
      startBy: terms.startBy + 1n,
      decisionRoot: bytes32(3n),
      decisionHash: bytes32(4n),
      decisionLength: 4097,
      memberTag: bytes32(6n),
      tracked: true,
      priceAsset: priceAssetKey('AKT'),
      tokenPrice: 1n,
      ref: refKey('0000-0000'),
      salt: bytes32(7n),
    }
    const fields = termsTypes.Terms.map((field) => field.name)
    expect(new Set(fields)).toEqual(new Set(Object.keys(terms)))
    const hashes = fields.map((field) => hashTerms({ terms: { ...terms, [field]: other[field] }, ...place }))
    expect(new Set([...hashes, hashTerms({ terms, ...place })]).size).toBe(fields.length + 1)
  })

  test('belongs to one router on one chain', () => {
    const hash = hashTerms({ terms, ...place })
    expect(hashTerms({ terms, ...place, chainId: 84_532 })).not.toBe(hash)
    expect(hashTerms({ terms, ...place, router: pad('0x02', { size: 20 }) })).not.toBe(hash)
  })
})

test('a ref on chain is its letters', () => {
  expect(hexToString(refKey('K7QF-3M2P'), { size: 32 })).toBe('K7QF-3M2P')
})
