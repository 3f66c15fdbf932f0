// The index of jobs on 0G: one batch at a time, one payment each whatever dies, rebuilt where it lost entries, and never in the way.
import { type Hex, keccak256, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import { openCollections } from '../../core/jobs/context.ts'
import { indexStream, readJobIndex } from '../../core/jobs/jobIndex.ts'
import { createTestJobs, place, secretWorkload } from '../../core/jobs/testJobs.ts'
import { queueUpload, type Upload } from '../../core/jobs/upload.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { createStoreJournal, submissions } from '../../core/zerog/storeJournal.ts'
import type { ZeroG } from '../../core/zerog/zeroG.ts'
import { createCrashingStore } from '../../test/crash/crashingStore.ts'
import { bedFor } from '../../test/world/zerog/storageBed.ts'
import { createIndexing } from './indexJobs.ts'
import { storeFile } from './storeFiles.ts'

const { signal } = new AbortController()
const streamId = indexStream(place)
const DAY_MS = 86_400_000
const MAX_LIVES = 10

/** A Necto whose 0G is given; `live` runs its two tasks until nothing is left to do. */
async function createBench(store = createMemoryStore()) {
  const clock = createManualClock(Date.UTC(2026, 10, 23))
  const shop = await createTestJobs({ store, clock })
  const { context } = shop
  const pending = () => context.uploads.list({ index: 'state', key: 'pending' })
  return {
    ...{ shop, context, clock, pending },
    /** As `finish` leaves it; without its last write if it dies before that. */
    async evidence(ref: string, byte: number, dies = false) {
      const bytes = Uint8Array.of(byte)
      const { root } = await queueUpload({ ...context, kind: 'evidence', ref, bytes, nowMs: clock.now() })
      if (!dies) await shop.change(ref, (now) => ({ ...now, evidence: { root } }))
      return { root }
    },
    batches: () => context.uploads.list({ index: 'ref', key: 'index' }),
    async storeAll(zeroG: Pick<ZeroG, 'put' | 'kvPut'>, of = context) {
      for (const doc of await pending()) await storeFile({ context: of, zeroG, doc, signal })
    },
  }
}

/** 0G that takes everything and remembers its payments; with a key-value node that can be away. */
function createQuickZeroG() {
  const paid: Hex[] = []
  const values = new Map<string, Uint8Array>()
  const kv = { isSet: true, isAway: false, drops: false, next: 100 }
  const pay = (bytes: Uint8Array) => {
    const root = keccak256(bytes)
    if (!paid.includes(root)) paid.push(root)
    return { root, txHash: root, txSeq: paid.indexOf(root), deduplicated: false, finalized: true as const }
  }
  const fail = (code: string) => Promise.reject(new NectoError(code, 'no', { retry: 'later' }))
  const zeroG = {
    put: async (bytes: Uint8Array) => pay(bytes),
    kvPut: async ({ bytes }: { bytes: Uint8Array }) => {
      if (!kv.isSet) return fail('zerog.kv-not-set')
      if (kv.isAway) return fail('zerog.unavailable')
      if (kv.drops) {
        pay(bytes)
        return fail('zerog.kv-refused')
      }
      for (const [key, value] of writesOf(bytes)) values.set(key, value)
      return pay(bytes)
    },
    kvGet: async ({ key, after = 0 }: { key: Uint8Array; after?: number | undefined }) =>
      kv.isAway ? fail('zerog.unavailable') : after >= kv.next ? fail('zerog.kv-behind') : values.get(toHex(key)),
  }
  return { zeroG, paid, values, kv }
}

/** The writes of a batch, as a node reads them. */
function writesOf(bytes: Uint8Array): [string, Uint8Array][] {
  const at = Buffer.from(bytes)
  const heads: [string, number][] = []
  let from = 16
  for (let i = 0; i < at.readUInt32BE(12); i++) {
    const keyLength = at.readUIntBE(from + 32, 3)
    heads.push([
      `0x${at.toString('hex', from + 35, from + 35 + keyLength)}`,
      Number(at.readBigUInt64BE(from + 35 + keyLength)),
    ])
    from += 43 + keyLength
  }
  return heads.map(([key, length]) => {
    from += length
    return [key, bytes.slice(from - length, from)]
  })
}

describe('the index', () => {
  test('ZERO-04: what is stored goes in one batch, later things into the next; nothing but public facts', async () => {
    const { shop, context, batches, evidence, storeAll } = await createBench()
    const { zeroG, paid, values } = createQuickZeroG()
    const indexing = createIndexing({ context, zeroG, streamId })
    const jobs = [await shop.signed(), await shop.signed()]
    await indexing(signal)
    expect(await batches()).toEqual([])
    await storeAll(zeroG)
    await indexing(signal)
    await indexing(signal)
    expect((await batches()).map(({ value }) => value.batch?.names.length)).toEqual([2])
    await storeAll(zeroG)
    for (const job of jobs) {
      const { root, length, hash } = job.record ?? {}
      const found = await readJobIndex({ zeroG, streamId, ref: job.ref })
      expect(found).toEqual({ root, length, hash, txSeq: expect.any(Number) })
    }
    const { root } = await evidence(jobs[0]?.ref ?? '', 1)
    await storeAll(zeroG)
    await indexing(signal)
    await storeAll(zeroG)
    await indexing(signal)
    expect((await batches()).length).toBe(2)
    expect(await readJobIndex({ zeroG, streamId, ref: jobs[0]?.ref ?? '', kind: 'evidence' })).toMatchObject({ root })
    expect(await readJobIndex({ zeroG, streamId, ref: jobs[1]?.ref ?? '', kind: 'evidence' })).toBeUndefined()
    expect(paid.length).toBe(5)
    const text = [...values]
      .map(([key, value]) => Buffer.from(key.slice(2), 'hex').toString() + Buffer.from(value))
      .join()
    for (const secret of ['Annabel', '7700770077', ...secretWorkload.command, jobs[0]?.workload?.hash])
      expect(text).not.toContain(secret)
  })

  test('entries that are gone, or are another’s, are written again at the next start and the next day, not before the node is there', async () => {
    const { shop, context, clock, batches, storeAll } = await createBench()
    const { zeroG, values, kv } = createQuickZeroG()
    const indexing = createIndexing({ context, zeroG, streamId })
    const refs = [(await shop.signed()).ref, (await shop.signed()).ref]
    await storeAll(zeroG)
    await indexing(signal)
    await storeAll(zeroG)
    const [first = '', second = ''] = values.keys()
    values.delete(first)
    values.set(second, Buffer.from('{"not":"ours"}'))
    await indexing(signal)
    expect((await batches()).length).toBe(1)
    await clock.tick(DAY_MS)
    kv.next = 0
    await expect(indexing(signal)).rejects.toMatchObject({ code: 'zerog.kv-behind' })
    kv.isAway = true
    await expect(indexing(signal)).rejects.toMatchObject({ code: 'zerog.unavailable' })
    Object.assign(kv, { next: 100, isAway: false })
    await indexing(signal)
    await storeAll(zeroG)
    expect((await batches()).map(({ value }) => value.batch?.names.length)).toEqual([2, 2])
    for (const ref of refs) expect(await readJobIndex({ zeroG, streamId, ref })).toBeDefined()
    values.clear()
    const restarted = createIndexing({ context, zeroG, streamId })
    await restarted(signal)
    expect((await batches()).length).toBe(3)
  })

  test('a key-value node that is away keeps no record waiting, and its one batch goes when it is back', async () => {
    const { shop, context, clock, batches, storeAll } = await createBench()
    const { zeroG, paid, kv } = createQuickZeroG()
    const indexing = createIndexing({ context, zeroG, streamId })
    const [early, late] = [await shop.signed(), await shop.signed()]
    await storeAll(zeroG)
    kv.isAway = true
    await indexing(signal)
    for (let i = 0; i < 5; i++) {
      await storeAll(zeroG)
      await indexing(signal)
      await clock.tick(600_000)
    }
    expect((await batches()).map(({ value }) => value.state)).toEqual(['pending'])
    const third = await shop.signed()
    await storeAll(zeroG)
    for (const { ref } of [early, late, third]) expect((await shop.jobOf(ref)).recordStored).toBeDefined()
    kv.isAway = false
    await clock.tick(600_000)
    await storeAll(zeroG)
    await indexing(signal)
    await storeAll(zeroG)
    expect((await batches()).map(({ value }) => value.state)).toEqual(['stored', 'stored'])
    expect(paid.length).toBe(5)
  })

  test('of two files of evidence the one that the job names has the entry, and no day pays for another', async () => {
    const { shop, context, clock, batches, evidence, storeAll } = await createBench()
    const { zeroG } = createQuickZeroG()
    const indexing = createIndexing({ context, zeroG, streamId })
    const { ref } = await shop.signed()
    await evidence(ref, 1, true)
    await storeAll(zeroG)
    await indexing(signal)
    const { root } = await evidence(ref, 2)
    for (let day = 0; day < 3; day++) {
      await storeAll(zeroG)
      await indexing(signal)
      await storeAll(zeroG)
      expect(await readJobIndex({ zeroG, streamId, ref, kind: 'evidence' })).toMatchObject({ root })
      await clock.tick(DAY_MS)
    }
    await indexing(signal)
    expect((await batches()).length).toBe(2)
  })

  test('metered again: the entry follows the evidence that the job names now', async () => {
    const { shop, context, clock, batches, evidence, storeAll } = await createBench()
    const { zeroG } = createQuickZeroG()
    const indexing = createIndexing({ context, zeroG, streamId })
    const { ref } = await shop.signed()
    for (const byte of [1, 2]) {
      const { root } = await evidence(ref, byte)
      await storeAll(zeroG)
      await indexing(signal)
      await storeAll(zeroG)
      expect(await readJobIndex({ zeroG, streamId, ref, kind: 'evidence' })).toMatchObject({ root })
    }
    await clock.tick(DAY_MS)
    await indexing(signal)
    expect((await batches()).length).toBe(2)
  })

  test('a batch for another router’s stream is ended unpaid, and what it names goes into one of ours', async () => {
    const { shop, context, batches, storeAll } = await createBench()
    const { zeroG, paid } = createQuickZeroG()
    const { ref } = await shop.signed()
    await storeAll(zeroG)
    await createIndexing({ context, zeroG, streamId: `0x${'0d'.repeat(32)}` })(signal)
    const indexing = createIndexing({ context, zeroG, streamId })
    await indexing(signal)
    await storeAll(zeroG)
    await indexing(signal)
    expect((await batches()).map(({ value }) => value.state)).toEqual(['stored', 'stored'])
    expect(await readJobIndex({ zeroG, streamId, ref })).toBeDefined()
    expect(paid.length).toBe(2)
  })

  test('without a node a batch waits without an error, and goes when there is one again', async () => {
    const { shop, context, clock, batches, storeAll } = await createBench()
    const { zeroG, kv } = createQuickZeroG()
    const { ref } = await shop.signed()
    await storeAll(zeroG)
    await createIndexing({ context, zeroG, streamId })(signal)
    const lines: unknown[] = []
    const note = (line: unknown) => void lines.push(line)
    kv.isSet = false
    for (let i = 0; i < 8; i++) {
      await storeAll(zeroG, { ...context, log: { ...context.log, warn: note, error: note } })
      await clock.tick(600_000)
    }
    expect(lines).toEqual([])
    expect((await batches()).map(({ value }) => value.state)).toEqual(['pending'])
    kv.isSet = true
    await storeAll(zeroG)
    expect(await readJobIndex({ zeroG, streamId, ref })).toBeDefined()
  })

  test('a batch that was paid for and dropped is not paid for again before the next check', async () => {
    const { shop, context, clock, batches, storeAll } = await createBench()
    const { zeroG, paid, kv } = createQuickZeroG()
    const indexing = createIndexing({ context, zeroG, streamId })
    const { ref } = await shop.signed()
    await storeAll(zeroG)
    kv.drops = true
    for (let i = 0; i < 3; i++) {
      await indexing(signal)
      await storeAll(zeroG)
    }
    expect((await batches()).map(({ value }) => [value.state, value.trouble])).toEqual([['stored', 'no']])
    expect(paid.length).toBe(2)
    kv.drops = false
    await clock.tick(DAY_MS)
    await indexing(signal)
    await storeAll(zeroG)
    expect(await readJobIndex({ zeroG, streamId, ref })).toBeDefined()
  })

  test('dies at every write of a batch: one batch, paid for once, every entry there', async () => {
    const play = async (at: Parameters<typeof createCrashingStore>[1] = {}) => {
      const inner = createMemoryStore()
      const { context, shop, clock, storeAll, batches } = await createBench(inner)
      const { zeroG, paid } = createQuickZeroG()
      const refs = [(await shop.signed()).ref, (await shop.signed()).ref]
      await storeAll(zeroG)
      const disk = createCrashingStore(inner, at)
      const isDone = async () => (await batches()).length > 0 && (await batches()).every((doc) => isStored(doc.value))
      for (let life = 0; !(await isDone()) || life < 2; life++) {
        if (life > MAX_LIVES) throw new Error('stuck')
        const store = disk.begin()
        const alive = { ...context, ...openCollections(store), blobs: store.blobs }
        const indexing = createIndexing({ context: alive, zeroG, streamId })
        await indexing(signal).catch(() => undefined)
        await storeAll(zeroG, alive).catch(() => undefined)
        await clock.tick(600_000)
      }
      for (const ref of refs) expect(await readJobIndex({ zeroG, streamId, ref })).toBeDefined()
      expect({ ...at, batches: (await batches()).length, paid: paid.length }).toEqual({ ...at, batches: 1, paid: 3 })
      return disk.writes()
    }
    const writes = await play()
    expect(writes).toBeGreaterThanOrEqual(6)
    for (let crashAt = 1; crashAt <= writes; crashAt++)
      for (const side of ['before', 'after'] as const) await play({ crashAt, side })
  })

  test('ZERO-04: with the real SDK, two jobs and one payment for both; the stream is the router’s', async ({
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished, { streamIds: [streamId] })
    const { shop, context, storeAll, batches } = await createBench()
    const journal = createStoreJournal({ collection: shop.store.collection(submissions), clock: context.clock })
    const zeroG = bed.open({ journal })
    const jobs = [await shop.signed(), await shop.signed()]
    await storeAll(zeroG)
    const indexing = createIndexing({ context, zeroG, streamId })
    await indexing(signal)
    await storeAll(zeroG)
    const [batch] = await batches()
    expect(batch?.value).toMatchObject({ state: 'stored', txSeq: 2 })
    for (const job of jobs) {
      const found = await readJobIndex({ zeroG, streamId, ref: job.ref, after: 2 })
      expect(found).toMatchObject({ root: job.record?.root, length: job.record?.length })
      const txSeq = (await shop.jobOf(job.ref)).recordStored?.txSeq
      expect(found?.txSeq).toBe(txSeq)
    }
    await expect(readJobIndex({ zeroG, streamId, ref: 'AAAA-0000', after: 3 })).rejects.toMatchObject({
      code: 'zerog.kv-behind',
      retry: 'later',
    })
    expect(await bed.submissions()).toBe(3)
  }, 60_000)
})

const isStored = ({ state }: Upload) => state === 'stored'
