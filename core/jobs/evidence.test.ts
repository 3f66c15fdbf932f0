// Evidence: made twice it is the same file; nothing but figures and roots is public; only the key opens the results.
import fc from 'fast-check'
import { bytesToHex, hexToBytes, sha256 } from 'viem'
import { describe, expect, test } from 'vitest'
import { blindHash } from '../supply/blindHash.ts'
import { signReceipt, verifyReceipt } from '../supply/receiptSignature.ts'
import { removePlainResults, storeEvidence } from './evidence.ts'
import { putLogChunk, putOutput } from './jobLog.ts'
import { resultKeyOf } from './logTail.ts'
import { evidenceSchema, isSignedFor } from './publicEvidence.ts'
import { decryptResult, encryptResult } from './resultCipher.ts'
import { createTestJobs, payer, runner } from './testJobs.ts'
import { getUploaded } from './upload.ts'
import { usedSeconds } from './usedSeconds.ts'

const key = `0x${'4b'.repeat(32)}` as const
const jobId = `0x${'1d'.repeat(32)}` as const
const bytes = new TextEncoder().encode('epoch 1\nloss 0.042\n')

describe('the cipher', () => {
  test('OUTPUT-01: gives back what was put in, whatever it was', async () => {
    const kind = fc.constantFrom('log' as const, 'output' as const)
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), kind, async (plain, of) => {
        const sealed = await encryptResult({ key, jobId, kind: of, bytes: plain })
        expect(sealed).toHaveLength(plain.length + 28)
        expect(await decryptResult({ key, jobId, kind: of, bytes: sealed })).toEqual(Uint8Array.from(plain))
      }),
      { numRuns: 40 },
    )
  })

  test('the same bytes come to the same file; any other bytes, key, job or kind have another nonce', async () => {
    const seal = async (change: object = {}) => {
      const file = await encryptResult({ key, jobId, kind: 'log', bytes, ...change })
      return { nonce: Buffer.from(file.subarray(0, 12)).toString('hex'), file: Buffer.from(file).toString('hex') }
    }
    expect(await seal()).toEqual(await seal())
    const others = [
      { bytes: bytes.slice(1) },
      { kind: 'output' },
      { jobId: `0x${'1e'.repeat(32)}` },
      { key: `0x${'4c'.repeat(32)}` },
    ]
    const nonces = await Promise.all([{}, ...others].map(async (change) => (await seal(change)).nonce))
    expect(new Set(nonces).size).toBe(5)
  })

  test('a wrong key, another job, another kind, or a changed byte opens nothing', async () => {
    const file = await encryptResult({ key, jobId, kind: 'log', bytes })
    const wrong = [
      { key: `0x${'4c'.repeat(32)}` },
      { jobId: `0x${'1e'.repeat(32)}` },
      { kind: 'output' },
      { bytes: new Uint8Array() },
    ]
    for (const change of wrong)
      await expect(
        decryptResult({ key, jobId, kind: 'log', bytes: file, ...(change as object) }),
      ).rejects.toMatchObject({ code: 'result.unreadable' })
    for (let at = 0; at < file.length; at += 7) {
      const changed = file.slice()
      changed[at] = (changed[at] ?? 0) ^ 1
      await expect(decryptResult({ key, jobId, kind: 'log', bytes: changed })).rejects.toMatchObject({
        code: 'result.unreadable',
      })
    }
  })
})

describe('storeEvidence', () => {
  async function ended(mode: 'tracked' | 'untracked') {
    const shop = await createTestJobs()
    const job = await shop.signed({ mode })
    const { blobs } = shop.context
    await putLogChunk({ blobs, jobId: job.jobId, number: 0, bytes })
    await putOutput({ blobs, jobId: job.jobId, bytes: new Uint8Array([1, 2, 3]) })
    const run = {
      runner: runner.address,
      acceptedAtMs: 1,
      lastSeenAtMs: 2,
      logChunks: 1,
      logBytes: bytes.length,
      stopRequested: false,
    }
    return { shop, job: { ...job, run } }
  }

  test.each(['tracked', 'untracked'] as const)('made again after a crash queues nothing new (%s)', async (mode) => {
    const { shop, job } = await ended(mode)
    const first = await storeEvidence({ context: shop.context, job, usedSeconds: 60 })
    expect(await storeEvidence({ context: shop.context, job, usedSeconds: 60 })).toEqual(first)
    const kinds = (await shop.context.uploads.list({ index: 'ref', key: job.ref })).map((doc) => doc.value.kind)
    expect(kinds.toSorted()).toEqual(['evidence', 'log', 'output', 'record'])
  })

  test('made again with other seconds after log and output were removed in plain, it still names both', async () => {
    const { shop, job } = await ended('tracked')
    const { context } = shop
    const { root, ...files } = await storeEvidence({ context, job, usedSeconds: 60 })
    const settling = { ...job, evidence: { root, ...files } }
    await removePlainResults({ context, job: settling })
    const again = await storeEvidence({ context, job: settling, usedSeconds: 90 })
    expect(again).toEqual({ root: expect.not.stringMatching(root), ...files })
    expect(files).toMatchObject({ log: {}, output: {} })
  })

  test('OUTPUT-01: what is public names roots and seconds; with the key the log is there', async () => {
    const { shop, job } = await ended('tracked')
    const { context } = shop
    const evidence = await storeEvidence({ context, job, usedSeconds: 60 })
    const text = new TextDecoder().decode(await getUploaded({ ...context, root: evidence.root }))
    expect(Object.keys(JSON.parse(text)).toSorted()).toEqual([
      'jobId',
      'log',
      'output',
      'schema',
      'seen',
      'usedSeconds',
    ])
    const sealed = await getUploaded({ ...context, root: evidence.log?.root ?? '0x' })
    const opened = await decryptResult({
      key: job.resultKey ?? '0x',
      jobId: job.jobId,
      kind: 'log',
      bytes: sealed ?? new Uint8Array(),
    })
    expect(opened).toEqual(bytes)
  })

  test('MODE-03: no guess at the log is confirmed by what is public; with the key the seller’s signature is', async () => {
    const { shop, job } = await ended('untracked')
    const { context } = shop
    const salt = `0x${'5a'.repeat(32)}` as const
    const hashOf = (kind: 'log' | 'output', of: Uint8Array) => blindHash(kind, { salt, hash: sha256(of) })
    const { chainId } = context.escrow
    const signed = await signReceipt({
      account: runner,
      chainId,
      receipt: {
        jobId: job.jobId,
        usedSeconds: 61,
        exitCode: 0,
        reason: 'exited',
        logHash: hashOf('log', bytes),
        outputHash: hashOf('output', new Uint8Array([1, 2, 3])),
      },
    })
    const run = { ...job.run, acceptedAtMs: 1_700, lastSeenAtMs: 63_000, receipt: { ...signed, salt } }
    const { root } = await storeEvidence({ context, job: { ...job, run, meteredAtSeconds: 70 }, usedSeconds: 61 })
    const text = new TextDecoder().decode(await getUploaded({ ...context, root }))
    for (const secret of [salt, sha256(bytes), sha256(new Uint8Array([1, 2, 3]))])
      expect(text).not.toContain(secret.slice(2))
    const evidence = evidenceSchema.parse(JSON.parse(text))
    expect(evidence.seen).toEqual({ acceptedAt: 1, seconds: 62, meteredAt: 70 })
    // A stranger, from what is public and the chain's start: the same seconds, and whose signature they stand under.
    const { seen } = evidence
    expect(
      usedSeconds({
        receiptSeconds: evidence.signed?.receipt.usedSeconds,
        acceptedAtMs: 0,
        lastSeenAtMs: (seen?.seconds ?? 0) * 1000,
        startedAtSeconds: 0,
        chainNowSeconds: seen?.meteredAt ?? 0,
        maxSeconds: 3600,
      }),
    ).toBe(evidence.usedSeconds)
    expect(await verifyReceipt({ signed, runner: runner.address, chainId })).toBe(true)
    // Who holds the key opens the salt.
    const key = await resultKeyOf(context, job)
    const sealed = hexToBytes(evidence.sealedSalt ?? '0x')
    const opened = await decryptResult({ key: key ?? '0x', jobId: job.jobId, kind: 'salt', bytes: sealed })
    const check = { evidence, salt: bytesToHex(opened), runner: runner.address, chainId }
    expect(await isSignedFor({ ...check, kind: 'log', plain: bytes })).toBe(true)
    expect(await isSignedFor({ ...check, kind: 'log', plain: bytes.slice(1) })).toBe(false)
    expect(await isSignedFor({ ...check, kind: 'output', plain: new Uint8Array([1, 2, 3]) })).toBe(true)
    expect(await isSignedFor({ ...check, kind: 'log', plain: bytes, runner: payer.address })).toBe(false)
    expect(await isSignedFor({ ...check, evidence: {}, kind: 'log', plain: bytes })).toBeUndefined()
  })

  test('a job that never ran has evidence without files', async () => {
    const shop = await createTestJobs()
    const job = await shop.signed()
    expect(await storeEvidence({ context: shop.context, job, usedSeconds: 0 })).toEqual({
      root: expect.stringMatching(/^0x/),
    })
  })
})
