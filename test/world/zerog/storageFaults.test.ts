// Everything that can go wrong between a payment and finality: typed errors in time, nothing left running, never a second payment.
import type { Hex } from 'viem'
import { describe, test } from 'vitest'
import { type Clock, systemClock } from '../../../core/clock.ts'
import { merkleRoot } from '../../../core/record/merkleRoot.ts'
import { createMemoryJournal, type TransactionJournal } from '../../../core/zerog/journal.ts'
import { bedFor, deadlineByHand, pushHash, type StorageBed, sample, until } from './storageBed.ts'

const bytes = sample(900)
const root = merkleRoot(bytes)
const uploadTimeoutMs = 987_654

describe.concurrent('network trouble', () => {
  test('0G-5, 0G-8: a node that never syncs: timeout at the deadline, nothing left polling, then the same payment counts', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished, { faults: { syncDelayMs: Number.POSITIVE_INFINITY } })
    const journal = createMemoryJournal()
    const { clock, expire } = deadlineByHand(uploadTimeoutMs)
    const storage = bed.open({ uploadTimeoutMs, clock, journal })
    const hashes: Hex[] = []
    const put = storage.put(bytes, { onStep: pushHash(hashes) }).catch((error: unknown) => error)
    await until(() => (bed.node.stats().requests.zgs_getStatus ?? 0) >= 3)
    expire()
    expect(await put).toMatchObject({ code: 'zerog.timeout', retry: 'unknown' })
    expect(hashes).toHaveLength(1)
    await expectQuiet(bed, expect)
    bed.node.faults.syncDelayMs = 0
    const again = await bed.open({ journal }).put(bytes)
    expect(again).toMatchObject({ txHash: hashes[0], deduplicated: false })
    expect(await storage.put(bytes)).toEqual({ ...again, deduplicated: true })
    expect(await bed.submissions()).toBe(1)
  }, 60_000)

  test('0G-8: a node that never finalises: timeout, then the upload is resumed without a payment', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished, { faults: { neverFinalize: true } })
    const { clock, expire } = deadlineByHand(uploadTimeoutMs)
    const storage = bed.open({ uploadTimeoutMs, clock })
    const put = storage.put(bytes).catch((error: unknown) => error)
    await until(() => bed.node.stats().requests.zgs_uploadSegmentsByTxSeq === 1)
    expire()
    expect(await put).toMatchObject({ code: 'zerog.timeout' })
    await expectQuiet(bed, expect)
    expect(await storage.status(root)).toEqual({ known: true, finalized: false, txSeq: 0, pruned: false })
    bed.node.faults.neverFinalize = false
    expect(await storage.put(bytes)).toMatchObject({ txSeq: 0, txHash: expect.any(String) })
    expect(await bed.submissions()).toBe(1)
  }, 60_000)

  test('0G-8: a payment that is mined and reverts is told at once, and may be made again', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished)
    const journal = createMemoryJournal()
    const stingy = bed.open({ gasLimit: 60_000n, journal })
    await expect(stingy.put(bytes)).rejects.toMatchObject({ code: 'zerog.reverted', retry: 'later' })
    expect(await bed.submissions()).toBe(0)
    expect(await bed.open({ journal }).put(bytes)).toMatchObject({ txSeq: 0 })
    expect(await journal.load(root)).toHaveLength(2)
  }, 60_000)

  test('0G-8: HTTP 500, a closed socket and a dead chain are "later" and cost nothing', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished)
    const storage = bed.open()
    bed.node.faults.http500 = true
    await expect(storage.put(bytes)).rejects.toMatchObject({ code: 'zerog.unavailable', retry: 'later' })
    expect(await storage.health()).toMatchObject({ ok: false, nodes: 0 })
    Object.assign(bed.node.faults, { http500: false, down: true })
    await expect(storage.put(bytes)).rejects.toMatchObject({ code: 'zerog.unavailable', retry: 'later' })
    bed.node.faults.down = false
    const nowhere = bed.open({ rpcUrl: 'http://127.0.0.1:9' })
    await expect(nowhere.put(bytes)).rejects.toMatchObject({ code: 'zerog.unavailable', retry: 'later' })
    expect(await bed.submissions()).toBe(0)
  }, 60_000)

  test('0G-8: a download is tried five times, twice as long apart each time, at the nodes and then at the gateway', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished)
    await bed.open().put(bytes)
    const pauses: number[] = []
    let heals = Number.POSITIVE_INFINITY
    const sleep: Clock['sleep'] = async (ms, signal) => {
      // The deadline of the whole download is no pause.
      if (ms > 5_000) return systemClock.sleep(ms, signal)
      if (pauses.push(ms) === heals) bed.node.faults.http500 = false
    }
    const storage = bed.open({ clock: { now: systemClock.now, sleep } })
    const { requests } = bed.node.stats()
    bed.node.faults.http500 = true
    await expect(storage.get(root)).rejects.toMatchObject({ code: 'zerog.unavailable', retry: 'later' })
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000])
    const asked = bed.node.stats().requests
    expect(asked.indexer_getFileLocations).toBe((requests.indexer_getFileLocations ?? 0) + 5)
    expect(asked['GET /file']).toBe((requests['GET /file'] ?? 0) + 5)
    bed.node.faults.down = true
    await expect(storage.get(root)).rejects.toMatchObject({ code: 'zerog.unavailable' })
    bed.node.faults.down = false
    pauses.length = 0
    heals = 2
    expect(await storage.get(root)).toEqual(bytes)
    expect(pauses).toEqual([500, 1_000])
  }, 60_000)

  test('0G-8: a slow node ends in a timeout, and a caller can stop waiting', async ({ expect, onTestFinished }) => {
    const bed = await bedFor(onTestFinished, { faults: { responseDelayMs: 30_000 } })
    await expect(bed.open({ uploadTimeoutMs: 1_000 }).put(bytes)).rejects.toMatchObject({ code: 'zerog.timeout' })
    const stop = new AbortController()
    const get = bed.open().get(root, { signal: stop.signal })
    stop.abort()
    await expect(get).rejects.toMatchObject({ code: 'zerog.aborted', retry: 'unknown' })
  }, 60_000)

  test('"too many data writing" is waited out; when it does not end, the next put resumes', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished, { faults: { rejectSegments: 3 } })
    const storage = bed.open()
    const refused = {
      code: 'zerog.unavailable',
      retry: 'later',
      details: expect.stringContaining('too many data writing'),
    }
    await expect(storage.put(bytes)).rejects.toMatchObject(refused)
    bed.node.faults.rejectSegments = 1
    expect(await storage.put(bytes)).toMatchObject({ txSeq: 0, deduplicated: false })
    expect(await bed.submissions()).toBe(1)
  }, 60_000)
})

describe.concurrent('a crash', () => {
  test('0G-9: between payment and segments: the restart resumes with the same payment', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished)
    const journal = createMemoryJournal()
    const first = bed.open({ journal })
    const hashes: Hex[] = []
    const put = first.put(bytes, {
      async onStep(step) {
        if (step.state !== 'registered') return
        hashes.push(step.txHash)
        void first.close()
      },
    })
    await expect(put).rejects.toMatchObject({ code: 'zerog.closed', retry: 'later' })
    expect(bed.node.stats().requests.zgs_uploadSegmentsByTxSeq).toBeUndefined()
    const resumed = await bed.open({ journal }).put(bytes)
    expect(resumed).toMatchObject({ txHash: hashes[0], txSeq: 0, deduplicated: false })
    expect(await bed.submissions()).toBe(1)
  }, 60_000)

  test('0G-9: between writing the payment down and sending it: the restart sends those very bytes', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished)
    const journal = createMemoryJournal()
    const dying = bed.open({ journal: diesAfterSave(journal) })
    await expect(dying.put(bytes)).rejects.toMatchObject({ code: 'zerog.unavailable' })
    expect(await bed.submissions()).toBe(0)
    const [written] = await journal.load(root)
    expect(await bed.open({ journal }).put(bytes)).toMatchObject({ txHash: written?.hash, txSeq: 0 })
    expect(await journal.load(root)).toEqual([written])
  }, 60_000)

  test('while the payment waits in the mempool for less than is asked now: replaced at its nonce for more', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished)
    const { test: chain } = bed.local
    const journal = createMemoryJournal()
    await chain.setAutomine(false)
    const { clock, expire } = deadlineByHand(uploadTimeoutMs)
    const first = bed.open({ journal, uploadTimeoutMs, clock })
    const put = first.put(bytes, { onStep: async () => void systemClock.sleep(500).then(expire) })
    await expect(put).rejects.toMatchObject({ code: 'zerog.timeout' })
    expect((await journal.load(root)).map((sent) => sent.nonce)).toEqual([0])
    await chain.setNextBlockBaseFeePerGas({ baseFeePerGas: 50_000_000_000n })
    const second = bed.open({ journal }).put(bytes)
    await until(async () => (await journal.load(root)).length === 2)
    await chain.setAutomine(true)
    await chain.mine({ blocks: 1 })
    const done = await second
    const sent = await journal.load(root)
    expect(sent.map((one) => one.nonce)).toEqual([0, 0])
    expect(done.txHash).toBe(sent[1]?.hash)
    expect(await bed.submissions()).toBe(1)
  }, 60_000)

  test('while the chain dropped two payments: the later one, tried first, does not wait for the earlier one', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished)
    const { test: chain } = bed.local
    const journal = createMemoryJournal()
    const later = sample(700, 1)
    await chain.setAutomine(false)
    for (const [nonce, file] of [bytes, later].entries()) {
      const { clock, expire } = deadlineByHand(uploadTimeoutMs)
      const put = bed.open({ journal, uploadTimeoutMs, clock }).put(file)
      const ended = put.catch((error: unknown) => error)
      await until(async () => (await chain.getTxpoolStatus()).pending === nonce + 1)
      expire()
      expect(await ended).toMatchObject({ code: 'zerog.timeout' })
    }
    const [[first], [second]] = [await journal.load(root), await journal.load(merkleRoot(later))]
    for (const sent of [second, first]) await chain.dropTransaction({ hash: sent?.hash ?? expect.unreachable() })
    await chain.setAutomine(true)
    const again = bed.open({ journal })
    expect(await again.put(later)).toMatchObject({ txHash: second?.hash, txSeq: 1 })
    expect(await again.put(bytes)).toMatchObject({ txSeq: 0 })
    expect(await bed.submissions()).toBe(2)
  }, 60_000)
})

/** Loses its process right after the write: what follows never happens. */
function diesAfterSave(journal: TransactionJournal): TransactionJournal {
  return {
    ...journal,
    async save(sent) {
      await journal.save(sent)
      throw new Error('killed')
    },
  }
}

/** No request reaches the node any more. */
async function expectQuiet(
  bed: StorageBed,
  expect: (value: unknown) => { toEqual(other: unknown): void },
): Promise<void> {
  const before = bed.node.stats().requests
  await systemClock.sleep(1_500)
  expect(bed.node.stats().requests).toEqual(before)
}
