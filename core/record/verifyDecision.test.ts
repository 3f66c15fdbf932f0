// The whole verification by ref, id, root and bytes, of records in one object and in pages; each fault at its own step.
import { describe, expect, test } from 'vitest'
import { NectoError } from '../errors.ts'
import type { JobRecord } from '../escrow/jobRecord.ts'
import { depositOf } from '../escrow/metering.ts'
import type { Terms } from '../escrow/terms.ts'
import { refKey } from '../escrow/terms.ts'
import { createTestJobs, fundedEvent, place } from '../jobs/testJobs.ts'
import { plainOffer } from '../pricing/testOffers.ts'
import { seal } from './seal.ts'
import { sealInput } from './testRecord.ts'
import { type VerifySources, type VerifyTarget, verifyDecision } from './verifyDecision.ts'

/** A sealed decision, the terms that were paid for it, and where a stranger reads both. */
async function paid(offers = 0) {
  const more = Array.from({ length: offers }, (_, i) => plainOffer({ id: `akash:more-${String(i).padStart(4, '0')}` }))
  const sealed = seal({ ...sealInput, offers: [...sealInput.offers, ...more] })
  const { selection } = sealed.record
  const base = (await (await createTestJobs()).signed({ mode: 'untracked' })).terms
  if (!selection) throw new Error('nothing selected')
  const terms: Terms = {
    ...base,
    provider: selection.payee,
    gpuCount: selection.gpuCount,
    pricePerHour: selection.usdPerHour,
    maxSeconds: selection.maxSeconds,
    minSeconds: selection.minSeconds,
    feeBps: selection.feeBps,
    fundBy: BigInt(Math.floor(selection.expiresAtMs / 1000)),
    startBy: BigInt(Math.floor(selection.expiresAtMs / 1000)) + 1800n,
    decisionRoot: sealed.root,
    decisionHash: sealed.hash,
    decisionLength: sealed.length,
    ref: refKey(sealed.record.ref),
  }
  return { sealed, terms, sources: (change: Partial<Terms> = {}) => sourcesOf(sealed, { ...terms, ...change }) }
}

function sourcesOf(sealed: ReturnType<typeof seal>, terms: Terms): VerifySources {
  const objects = new Map(sealed.objects.map(({ root, bytes }) => [root, bytes]))
  const funding = fundedEvent(terms)
  const job: JobRecord = {
    id: funding.id,
    status: 'funded',
    refundTo: terms.refundTo,
    provider: terms.provider,
    payout: funding.payout,
    gpuCount: terms.gpuCount,
    pricePerHour: terms.pricePerHour,
    maxSeconds: terms.maxSeconds,
    minSeconds: terms.minSeconds,
    usedSeconds: 0,
    feeBps: terms.feeBps,
    depositMicroUsd: depositOf(terms),
    paidMicroUsd: 0n,
    startByMs: Number(terms.startBy) * 1000,
    startedAtMs: undefined,
    stopRequestedAtMs: undefined,
    decisionRoot: terms.decisionRoot,
    tracked: terms.tracked,
    memberTag: undefined,
    priceVerified: true,
  }
  return {
    router: place,
    async fetchObject(root) {
      const bytes = objects.get(root)
      if (!bytes) throw new NectoError('verify.not-stored', 'no such file')
      return bytes
    },
    findFunding: async (by) => (('id' in by ? by.id === funding.id : refKey(by.ref) === terms.ref) ? [funding] : []),
    readJob: async (id) => (id === funding.id ? job : undefined),
  }
}

describe.each([
  ['one object', 0],
  ['pages and a manifest', 600],
])('AGENT-04: a record of %s', (_, offers) => {
  test('passes by ref, by id, by root and by its bytes, with every step judged', async () => {
    const { sealed, terms, sources } = await paid(offers)
    expect(sealed.objects.length > 1).toBe(offers > 0)
    const targets: VerifyTarget[] = [
      { kind: 'ref', ref: sealed.record.ref },
      { kind: 'id', id: fundedEvent(terms).id },
      { kind: 'root', root: sealed.root },
      { kind: 'bytes', bytes: sealed.bytes },
    ]
    for (const target of targets) {
      const { steps, failed, jobId } = await verifyDecision({ target, sources: sources() })
      expect({ kind: target.kind, failed, jobId }).toEqual({
        kind: target.kind,
        failed: undefined,
        jobId: fundedEvent(terms).id,
      })
      expect(steps.map(({ ok }) => ok).filter((ok) => ok !== true)).toEqual([])
    }
  })

  test('a flipped byte, a changed price and a wrong length fail, by whichever way it is read', async () => {
    const { sealed, sources } = await paid(offers)
    const text = new TextDecoder().decode(sealed.bytes)
    const flipped = sealed.bytes.slice()
    flipped[sealed.bytes.length - 30] = (flipped[sealed.bytes.length - 30] ?? 0) ^ 1
    const altered = [
      flipped,
      sealed.bytes.slice(0, -1),
      new TextEncoder().encode(text.replace('"2.200000"', '"2.100000"')),
    ]
    for (const bytes of altered) {
      const target = { kind: 'ref', ref: sealed.record.ref } as const
      expect((await verifyDecision({ target, bytes, sources: sources() })).failed).toBeDefined()
    }
  })
})

test.each<[string, Partial<Terms>, string]>([
  ['another provider', { provider: `0x${'99'.repeat(32)}` }, 'terms-provider'],
  ['fewer GPUs', { gpuCount: 7 }, 'terms-gpus'],
  ['more seconds', { maxSeconds: 20_000 }, 'terms-seconds'],
  ['another fee', { feeBps: 999 }, 'terms-fee'],
  ['a later end', { fundBy: 1n << 40n, startBy: 1n << 41n }, 'terms-expiry'],
  ['a member tag', { tracked: true, memberTag: `0x${'77'.repeat(32)}` }, 'terms-mode'],
])('terms with %s fail at their step', async (_, change, step) => {
  const { sealed, sources } = await paid()
  const { failed } = await verifyDecision({ target: { kind: 'ref', ref: sealed.record.ref }, sources: sources(change) })
  // The job record on chain holds the mode too, and is compared first.
  expect(step === 'terms-mode' ? ['terms-mode', 'job-terms'] : [step]).toContain(failed)
})

test('what was never paid, or is not there, is said so', async () => {
  const { sealed, sources } = await paid()
  const unpaid: VerifySources = { ...sources(), findFunding: async () => [] }
  const gone: VerifySources = { ...sources(), fetchObject: () => Promise.reject(new Error('down')) }
  const at = (target: VerifyTarget, from: VerifySources) => verifyDecision({ target, sources: from })
  expect((await at({ kind: 'ref', ref: 'AAAA-AAAA' }, sources())).failed).toBe('job')
  expect((await at({ kind: 'ref', ref: sealed.record.ref }, gone)).failed).toBe('bytes')
  const alone = await at({ kind: 'root', root: sealed.root }, unpaid)
  expect(alone.failed).toBeUndefined()
  expect(alone.steps.at(-1)).toMatchObject({ step: 'job-root', detail: expect.stringContaining('nothing was paid') })
  const unknown: VerifySources = { ...sources(), readJob: async () => undefined }
  expect((await at({ kind: 'ref', ref: sealed.record.ref }, unknown)).failed).toBe('job-root')
})
