// Sealing: what a record holds and what it never does, and that the mode changes one key only.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultPolicy } from '../pricing/policy.ts'
import { anyAsk, anyOffers, nowMs, plainOffer, tokens } from '../pricing/testOffers.ts'
import { canonicalBytes, parseCanonical } from './canonicalJson.ts'
import { joinPages, pageBytes } from './pages.ts'
import { recordSchema } from './record.ts'
import { recordBytes, seal } from './seal.ts'
import { sealInput, user } from './testRecord.ts'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const jsonOf = (input = sealInput) => parseCanonical(seal(input).bytes) as Record<string, unknown>

describe('ZERO-02 what a record holds', () => {
  test('the selection is what terms must carry', () => {
    expect(seal(sealInput).record.selection).toEqual({
      offerId: 'akash:node',
      provider: 'akash',
      payee: `0x${'11'.repeat(32)}`,
      usdPerHour: 16_000_000n,
      gpuCount: 8,
      maxSeconds: 14_400,
      minSeconds: 3600,
      totalUsd: 64_000_000n,
      feeBps: defaultPolicy.feeBps,
      expiresAtMs: nowMs + defaultPolicy.quoteValidMs,
    })
  })

  test('a token-priced selection names its asset and the price used', () => {
    const offers = [plainOffer({ price: { model: 'token', token: 'AKT', tokensPerHour: '3', per: 'gpu', gpus: 1 } })]
    expect(seal({ ...sealInput, offers }).record.selection).toMatchObject({
      priceAsset: 'AKT',
      tokenPrice: 51_234_568n,
    })
  })

  test('every offer of the family and unknown GPUs are recorded, other families are counted per provider', () => {
    const { record } = seal(sealInput)
    expect(record.offers.map(({ id }) => id)).toEqual([
      'akash:2',
      'akash:node',
      'ionet:akt',
      'ionet:dear',
      'ionet:odd',
      'necto:1',
    ])
    expect(record.quotes).toHaveLength(6)
    expect(record.verdicts.filter(({ rejections }) => rejections.length === 0).map(({ offerId }) => offerId)).toEqual([
      'akash:2',
      'akash:node',
      'necto:1',
    ])
    expect(record.ranking).toEqual(['akash:node', 'necto:1', 'akash:2'])
    expect(
      record.providers.map(({ id, outcome, offers, otherFamilies }) => [id, outcome, offers, otherFamilies]),
    ).toEqual([
      ['akash', 'answered', 2, 1],
      ['aws-spot', 'skipped', 0, 0],
      ['ionet', 'answered', 3, 0],
      ['necto', 'answered', 1, 0],
      ['nosana', 'failed', 0, 0],
      ['render', 'late', 0, 0],
    ])
  })

  test('money is decimal strings, and no floats but measurements', () => {
    const json = jsonOf()
    expect(json.quotes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ offerId: 'akash:2', usdPerGpuHour: '2.200000', totalUsd: '70.400000' }),
      ]),
    )
    expect(json).toMatchObject({ schema: 'necto.decision/1', engine: 2, ref: 'K7QF-3M2P', sequence: 1 })
  })

  test('ZERO-01 a decision that found nothing is sealed too, without a selection', () => {
    const { record, decision } = seal({ ...sealInput, offers: [] })
    expect(record).not.toHaveProperty('selection')
    expect(record.ranking).toEqual([])
    expect(decision.outcome).toBe('nothing-fits')
  })

  test('a pick re-seals with another selection under another root', () => {
    const [first, picked] = [seal(sealInput), seal({ ...sealInput, sequence: 2, pick: 'necto:1' })]
    expect(picked.record.selection?.offerId).toBe('necto:1')
    expect(picked.record.ranking).toEqual(first.record.ranking)
    expect(picked.root).not.toBe(first.root)
    expect(seal({ ...sealInput, pick: 'ionet:akt' }).record).not.toHaveProperty('selection')
  })
})

describe('ZERO-05 ZERO-06 MODE-03 tracked and untracked', () => {
  test('differ by the key "user" alone, byte for byte', () => {
    const [tracked, untracked] = [seal({ ...sealInput, user }), seal(sealInput)]
    const { user: recorded, ...rest } = parseCanonical(tracked.bytes) as Record<string, unknown>
    expect(recorded).toEqual(user)
    expect(text(canonicalBytes(rest))).toBe(text(untracked.bytes))
    expect(text(untracked.bytes)).not.toMatch(/"user"|pseudonym|"team"|tracked/)
  })

  test('the routing is the same', () => {
    fc.assert(
      fc.property(anyOffers, anyAsk, (offers, ask) => {
        const input = { ...sealInput, offers, ask }
        const [tracked, untracked] = [seal({ ...input, user }), seal(input)]
        expect(tracked.decision).toEqual(untracked.decision)
      }),
      { numRuns: 30 },
    )
  })
})

describe('the bytes', () => {
  test('are the same whatever order offers and providers came in, and with members set to undefined', () => {
    const shuffled = {
      ...sealInput,
      pick: undefined,
      user: undefined,
      offers: sealInput.offers.toReversed(),
      providers: sealInput.providers.toReversed(),
    }
    expect(seal(shuffled).root).toBe(seal(sealInput).root)
  })

  test('read back to the record', () => {
    fc.assert(
      fc.property(anyOffers, anyAsk, (offers, ask) => {
        const { bytes, record } = seal({ ...sealInput, offers, ask, user })
        expect(recordSchema.parse(parseCanonical(bytes))).toEqual(record)
        expect(recordBytes(record)).toEqual(bytes)
      }),
      { numRuns: 30 },
    )
  })

  test('500 offers become pages that join again', async () => {
    const offers = Array.from({ length: 500 }, (_each, i) => plainOffer({ id: `akash:${i}` }))
    const { bytes, objects, root, hash, length } = seal({ ...sealInput, offers })
    expect(length).toBeGreaterThan(pageBytes)
    const stored = new Map(objects.map((object) => [object.root, object.bytes]))
    const fetch = async (wanted: `0x${string}`) => stored.get(wanted) ?? new Uint8Array()
    expect(await joinPages({ root, hash, length, fetch })).toEqual(bytes)
  })

  test("a provider's broken text does not keep a decision from being sealed", () => {
    const offers = [plainOffer({ rawGpu: 'H100 \ud800' })]
    expect(seal({ ...sealInput, offers }).record.offers[0]?.rawGpu).toBe('H100 \ufffd')
  })

  test.each([
    ['two offers with one id', { offers: [plainOffer(), plainOffer()] }],
    ['a ref that is none', { ref: 'job-1' }],
    ['a sequence below one', { sequence: 0 }],
  ])('%s is refused', (_name, changes) => {
    expect(() => seal({ ...sealInput, ...changes })).toThrow(expect.objectContaining({ code: 'record.invalid' }))
  })
})

test('a record takes no key that could carry a workload, a person or a whitelist', () => {
  const json = jsonOf()
  expect(tokens.length).toBeGreaterThan(0)
  for (const key of ['image', 'command', 'env', 'text', 'whitelist', 'userId', 'chat']) {
    expect(recordSchema.safeParse({ ...json, [key]: 'x' }).success).toBe(false)
    expect(recordSchema.safeParse({ ...json, ask: { ...(json.ask as object), [key]: 'x' } }).success).toBe(false)
  }
})
