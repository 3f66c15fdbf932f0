// Verification: honest records pass every step, each kind of tampering fails at its own.
import fc from 'fast-check'
import type { Hex } from 'viem'
import { describe, expect, test } from 'vitest'
import { hashTerms, priceAssetKey, refKey, type Terms } from '../escrow/terms.ts'
import { perJobHour } from '../money.ts'
import { anyAsk, anyOffers, plainOffer } from '../pricing/testOffers.ts'
import { canonicalBytes, parseCanonical } from './canonicalJson.ts'
import { splitPages } from './pages.ts'
import { replay } from './replay.ts'
import { type Sealed, seal } from './seal.ts'
import { sealInput, user } from './testRecord.ts'
import { type ComparedJob, verifyAgainstChain } from './verifyAgainstChain.ts'
import { verifyBytes } from './verifyRecord.ts'

const sealed = seal({ ...sealInput, user })
const expected = { root: sealed.root, hash: sealed.hash, length: sealed.length }
type Json = Record<string, unknown>

/** The record with something changed, as its forger would seal it: canonical, with its own root and hash. */
function forge(change: (json: Json) => void, from = sealed) {
  const json = parseCanonical(from.bytes) as Json
  change(json)
  const bytes = canonicalBytes(json)
  const { root, hash, length } = splitPages(bytes)
  return { bytes, expected: { root, hash, length } }
}
const at = (json: Json, ...path: (string | number)[]): Json => path.reduce((inner, key) => inner[key] as Json, json)
const list = (json: Json, key: string) => json[key] as unknown[]
const results = (verified: ReturnType<typeof verifyBytes>) =>
  Object.fromEntries(verified.steps.map(({ step, ok }) => [step, ok]))

describe('BUYER-04 the bytes', () => {
  test('an honest record passes every step', () => {
    const verified = verifyBytes({ bytes: sealed.bytes, expected })
    expect(results(verified)).toEqual({
      bytes: true,
      length: true,
      root: true,
      hash: true,
      canonical: true,
      schema: true,
      replay: true,
    })
    expect(verified).not.toHaveProperty('failed')
    expect(verified.record).toEqual(sealed.record)
  })

  test('any honest record replays to itself', () => {
    fc.assert(
      fc.property(anyOffers, anyAsk, (offers, ask) => {
        expect(replay(seal({ ...sealInput, offers, ask }).record)).toEqual({ same: true })
        expect(replay(seal({ ...sealInput, offers, ask, pick: offers[0]?.id }).record)).toEqual({ same: true })
      }),
      { numRuns: 50 },
    )
  })

  test('any one changed byte fails at root and hash', () => {
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = sealed.bytes.map((byte, i) => (i === at ? byte ^ flip : byte))
        const verified = verifyBytes({ bytes, expected })
        expect(verified.failed).toBe('root')
        expect(results(verified)).toMatchObject({ bytes: true, length: true, root: false, hash: false })
      }),
      { numRuns: 30 },
    )
  })

  test('zeros at the end keep the root and fail at the length', () => {
    const bytes = new Uint8Array(Math.ceil(sealed.length / 256) * 256)
    bytes.set(sealed.bytes)
    const verified = verifyBytes({ bytes, expected })
    expect(verified.failed).toBe('length')
    expect(results(verified)).toMatchObject({ root: true, hash: false, canonical: false })
  })

  test('a wrong length, root or hash on chain fails there alone', () => {
    const zero: Hex = `0x${'00'.repeat(32)}`
    for (const [step, change] of [
      ['length', { length: 1 }],
      ['root', { root: zero }],
      ['hash', { hash: zero }],
    ] as const) {
      const verified = verifyBytes({ bytes: sealed.bytes, expected: { ...expected, ...change } })
      expect(verified.steps.filter(({ ok }) => ok !== true).map((each) => each.step)).toEqual([step])
      expect(verified.failed).toBe(step)
    }
  })

  test('nothing to compare with is not a pass', () => {
    const verified = verifyBytes({ bytes: sealed.bytes })
    expect(results(verified)).toMatchObject({ length: undefined, root: undefined, hash: undefined, replay: true })
    expect(verified.found).toEqual(expected)
  })

  test('no bytes', () => {
    const verified = verifyBytes({ bytes: new Uint8Array(), expected })
    expect(verified.failed).toBe('bytes')
    expect(results(verified)).toMatchObject({
      length: false,
      root: false,
      canonical: false,
      schema: undefined,
      replay: undefined,
    })
  })

  test('white space and key order fail at canonical', () => {
    const bytes = new TextEncoder().encode(JSON.stringify(parseCanonical(sealed.bytes), undefined, 1))
    const { root, hash, length } = splitPages(bytes)
    const verified = verifyBytes({ bytes, expected: { root, hash, length } })
    expect(verified.failed).toBe('canonical')
    expect(results(verified)).toMatchObject({ schema: true, replay: true })
  })

  test.each<[string, (json: Json) => void]>([
    ['an extra key', (json) => Object.assign(json, { note: 'x' })],
    ['a null user', (json) => Object.assign(json, { user: null })],
    ['a missing policy', (json) => delete json.policy],
    ['a number for money', (json) => Object.assign(at(json, 'selection'), { totalUsd: 64 })],
    ['another schema', (json) => Object.assign(json, { schema: 'necto.decision/9' })],
    ['one offer twice', (json) => list(json, 'offers').push(at(json, 'offers', 0))],
  ])('%s fails at schema', (_name, change) => {
    const verified = verifyBytes(forge(change))
    expect(verified.failed).toBe('schema')
    expect(results(verified)).toMatchObject({ root: true, hash: true, canonical: true, replay: undefined })
  })

  test.each<[string, (json: Json) => void, RegExp]>([
    [
      'a changed offer price',
      (json) => Object.assign(at(json, 'offers', 0, 'price', 'unit'), { usdPerHour: '1.000000' }),
      /^quotes\[0\]\.listedUsdPerGpuHour/,
    ],
    [
      'a changed quote',
      (json) => Object.assign(at(json, 'quotes', 1), { totalUsd: '1.000000' }),
      /^quotes\[1\]\.totalUsd/,
    ],
    [
      'a changed selection',
      (json) => Object.assign(at(json, 'selection'), { payee: `0x${'66'.repeat(32)}` }),
      /^selection\.payee/,
    ],
    [
      'a dearer selection',
      (json) => Object.assign(at(json, 'selection'), { usdPerHour: '17.000000' }),
      /^selection\.usdPerHour/,
    ],
    ['a removed selection', (json) => delete json.selection, /^selection: the record says nothing/],
    ['a changed ranking', (json) => list(json, 'ranking').reverse(), /^ranking\[0\]/],
    ['a dropped verdict', (json) => list(json, 'verdicts').pop(), /^verdicts\[5\]/],
    [
      'a hidden reason',
      (json) => Object.assign(at(json, 'verdicts', 2), { rejections: [] }),
      /^verdicts\[2\]\.rejections\[0\]/,
    ],
    ['a changed policy', (json) => Object.assign(at(json, 'policy'), { feeBps: 0 }), /^selection\.feeBps/],
    ['a changed token price', (json) => Object.assign(at(json, 'tokens', 0), { usdPerToken: '9' }), /^quotes\[2\]/],
    ['a removed offer', (json) => list(json, 'offers').pop(), /^quotes\[5\]/],
    ['another time', (json) => Object.assign(json, { createdAtMs: 0 }), /^(quotes|selection)/],
    ['an unknown engine', (json) => Object.assign(json, { engine: 99 }), /^engine/],
    ['a time beyond calendars', (json) => Object.assign(at(json, 'offers', 0), { observedAtMs: 9e15 }), /cannot run/],
  ])('%s fails at replay', (_name, change, detail) => {
    const verified = verifyBytes(forge(change))
    expect(verified.failed).toBe('replay')
    expect(verified.steps.filter(({ ok }) => ok !== true)).toHaveLength(1)
    expect(verified.steps.at(-1)?.detail).toMatch(detail)
  })
})

describe('the chain', () => {
  const place = { chainId: 8453, router: `0x${'77'.repeat(20)}` as const }
  function termsOf({ record, root, hash, length }: Sealed): Terms {
    const { selection } = record
    if (!selection) throw new Error('nothing selected')
    return {
      refundTo: `0x${'88'.repeat(20)}`,
      provider: selection.payee,
      gpuCount: selection.gpuCount,
      pricePerHour: selection.usdPerHour,
      maxSeconds: selection.maxSeconds,
      minSeconds: selection.minSeconds,
      feeBps: selection.feeBps,
      fundBy: BigInt(Math.floor(selection.expiresAtMs / 1000)),
      startBy: BigInt(Math.floor(selection.expiresAtMs / 1000)) + 900n,
      decisionRoot: root,
      decisionHash: hash,
      decisionLength: length,
      memberTag: record.user?.member.tag ?? `0x${'00'.repeat(32)}`,
      tracked: record.user !== undefined,
      priceAsset: priceAssetKey(selection.priceAsset ?? 'USD'),
      tokenPrice: selection.tokenPrice ?? 0n,
      ref: refKey(record.ref),
      salt: `0x${'99'.repeat(32)}`,
    }
  }
  const jobOf = (terms: Terms, changes: Partial<ComparedJob> = {}): ComparedJob => ({
    ...terms,
    id: hashTerms({ terms, ...place }),
    memberTag: terms.tracked ? terms.memberTag : undefined,
    ...changes,
  })
  const check = (of: Sealed, terms: Terms, job: Partial<ComparedJob> = {}) =>
    verifyAgainstChain({
      record: of.record,
      sealed: of,
      terms,
      termsId: hashTerms({ terms, ...place }),
      jobRecord: jobOf(terms, job),
    })

  test.each([
    ['tracked', sealed],
    ['untracked', seal(sealInput)],
    [
      'token-priced',
      seal({
        ...sealInput,
        offers: [plainOffer({ price: { model: 'token', token: 'AKT', tokensPerHour: '3', per: 'gpu', gpus: 1 } })],
      }),
    ],
  ])('CHAIN-05 an honest %s job passes every step', (_name, of) => {
    const { steps, ...rest } = check(of, termsOf(of))
    expect(rest).toEqual({})
    expect(steps).toHaveLength(14)
    expect(steps.every(({ ok }) => ok === true)).toBe(true)
  })

  const bytes: Hex = `0x${'aa'.repeat(32)}`
  test.each<[string, Partial<Terms>]>([
    ['terms-provider', { provider: bytes }],
    ['terms-price', { pricePerHour: perJobHour(16_000_001n) }],
    ['terms-gpus', { gpuCount: 4 }],
    ['terms-seconds', { maxSeconds: 14_401 }],
    ['terms-min-seconds', { minSeconds: 0 }],
    ['terms-fee', { feeBps: 1000 }],
    ['terms-mode', { tracked: false, memberTag: `0x${'00'.repeat(32)}` }],
    ['terms-mode', { memberTag: bytes }],
    ['terms-token', { priceAsset: priceAssetKey('AKT'), tokenPrice: 1n }],
    ['terms-expiry', { fundBy: 9_999_999_999n }],
    ['terms-ref', { ref: refKey('AAAA-AAAA') }],
    ['terms-decision', { decisionLength: 1 }],
    ['terms-decision', { decisionHash: bytes }],
    ['terms-decision', { decisionRoot: bytes }],
  ])('terms that differ fail at %s', (step, changes) => {
    const terms = { ...termsOf(sealed), ...changes }
    const { failed, steps } = check(sealed, terms, { decisionRoot: sealed.root })
    // A job record that points at this record although its terms do not is its own failure.
    expect(steps.filter(({ ok }) => ok !== true).map((each) => each.step)).toContain(step)
    expect(failed).toBe('decisionRoot' in changes ? 'job-terms' : step)
  })

  test.each<[string, Partial<ComparedJob>]>([
    ['job-root', { decisionRoot: bytes }],
    ['job-terms', { pricePerHour: perJobHour(1n) }],
    ['job-terms', { refundTo: `0x${'01'.repeat(20)}` }],
    ['job-terms', { tracked: false, memberTag: undefined }],
    ['terms-id', { id: bytes }],
  ])('a job record that differs fails at %s', (step, changes) => {
    expect(check(sealed, termsOf(sealed), changes).failed).toBe(step)
  })

  test('a decision that selected nothing cannot have been paid for', () => {
    const nothing = seal({ ...sealInput, offers: [], user })
    const terms = {
      ...termsOf(sealed),
      decisionRoot: nothing.root,
      decisionHash: nothing.hash,
      decisionLength: nothing.length,
    }
    expect(check(nothing, terms).failed).toBe('terms-provider')
  })
})
