// The adapter with the unmodified SDK against the local network: round trips, equal bytes, liars, and who gets paid.
import { Indexer, MemData } from '@0gfoundation/0g-ts-sdk'
import { type Hex, keccak256, toHex } from 'viem'
import { describe, test } from 'vitest'
import { merkleRoot } from '../../../core/record/merkleRoot.ts'
import { joinPages, pageBytes, splitPages } from '../../../core/record/pages.ts'
import { createSdkPool } from '../../../core/zerog/sdkPool.ts'
import { sdkSigner } from './plainSdk.ts'
import {
  bedFor,
  keyOf,
  pushHash,
  rpc,
  sample,
  storageChainId,
  submissionOf,
  submitDirectly,
  until,
} from './storageBed.ts'

const stranger = '0x1111111111111111111111111111111111111111'
const otherFlow = '0x2222222222222222222222222222222222222222'

describe.concurrent('round trips', () => {
  test('0G-1: objects of every awkward size come back byte for byte', async ({ expect, onTestFinished }) => {
    const bed = await bedFor(onTestFinished)
    const storage = bed.open()
    const files = [1, 255, 256, 257, 4096, 4097, pageBytes - 1, pageBytes].map((size) => sample(size, size))
    await Promise.all(
      files.map(async (bytes) => {
        const put = await storage.put(bytes)
        expect(put).toEqual({
          root: merkleRoot(bytes),
          txHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
          txSeq: expect.any(Number),
          deduplicated: false,
          finalized: true,
        })
        expect(await storage.status(put.root)).toEqual({
          known: true,
          finalized: true,
          txSeq: put.txSeq,
          pruned: false,
        })
        const expected = { expectLength: bytes.length, expectHash: keccak256(bytes) }
        expect(await storage.get(put.root, expected)).toEqual(bytes)
        expect(bed.node.peek(put.root)?.bytes).toEqual(bytes)
      }),
    )
    expect(await bed.submissions()).toBe(files.length)
    expect(await storage.health()).toEqual({ ok: true, problems: [], nodes: 1, balanceWei: expect.any(BigInt) })
  }, 60_000)

  test('0G-1: the SDK stores files of several segments under the root computed offline', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished)
    const { rpcUrl, flowAddress } = bed
    // Straight to the workers: the adapter itself takes no more than one segment.
    const pool = createSdkPool({ maxWorkers: 3 })
    onTestFinished(() => pool.close())
    const files = [pageBytes + 1, 600_000, 1_300_000].map((size) => sample(size, size))
    for (const bytes of files) {
      const { root } = await submitDirectly({ ...bed, submission: submissionOf(bytes, stranger) })
      await until(() => bed.node.peek(root) !== undefined)
    }
    const noPayment = {
      signal: new AbortController().signal,
      send: () => Promise.reject(new Error('a submitted file needs no payment')),
    }
    const target = {
      rpcUrl,
      chainId: storageChainId,
      indexerUrl: bed.node.url,
      flowAddress,
      submitter: stranger,
    } as const
    await Promise.all(
      files.map(async (bytes) => {
        await pool.run({ kind: 'upload', bytes, tags: '0x', ...target }, noPayment)
        const root = merkleRoot(bytes)
        expect(bed.node.peek(root)).toMatchObject({ final: true, bytes })
        const down = await pool.run({ kind: 'download', root, indexerUrl: bed.node.url }, noPayment)
        expect(down).toEqual({ type: 'downloaded', bytes })
      }),
    )
  }, 60_000)

  test('more than one segment, and nothing, are refused before the SDK sees them', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished)
    const storage = bed.open()
    for (const size of [0, pageBytes + 1]) {
      await expect(storage.put(new Uint8Array(size))).rejects.toMatchObject({ code: 'zerog.bad-size', retry: 'never' })
    }
    expect(bed.node.stats().requests).toEqual({})
  })

  test('a record of several pages goes up in parallel and comes back whole', async ({ expect, onTestFinished }) => {
    const bed = await bedFor(onTestFinished)
    const storage = bed.open()
    const bytes = sample(430 * 1024, 5)
    const record = splitPages(bytes)
    await Promise.all(record.objects.map((object) => storage.put(object.bytes)))
    expect(await joinPages({ ...record, fetch: storage.get })).toEqual(bytes)
  }, 60_000)

  test('0G-10: twenty puts at once from one wallet on a chain with block time: nonces in a row, all final', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished, { blockTimeSeconds: 1 })
    const storage = bed.open()
    const hashes: Hex[] = []
    const files = Array.from({ length: 20 }, (_, i) => sample(100 + i, i))
    const puts = await Promise.all(files.map((bytes) => storage.put(bytes, { onStep: pushHash(hashes) })))
    const sent = await Promise.all(hashes.map((hash) => bed.local.client.getTransaction({ hash })))
    expect(sent.map((tx) => tx.nonce)).toEqual(files.map((_, i) => i))
    expect(new Set(puts.map((put) => put.txSeq)).size).toBe(20)
    expect(bed.node.stats()).toMatchObject({ submissions: 20, finalFiles: 20 })
  }, 120_000)
})

describe.concurrent('equal bytes', () => {
  test('0G-2: a second put, also at the same moment, finds the first and pays nothing', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished)
    const storage = bed.open()
    const [first, second] = await Promise.all([storage.put(sample(500)), storage.put(sample(500))])
    expect(second).toEqual({ ...first, deduplicated: true })
    const others = bed.open({ signerKey: keyOf(3) })
    expect(await others.put(sample(500))).toEqual({ ...first, txHash: null, deduplicated: true })
    expect(await bed.submissions()).toBe(1)
  }, 60_000)

  test('0G-2: with skipIfFinalized off the SDK pays again, and the new submission is final by copying', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished)
    const bytes = sample(800)
    const { root, txSeq } = await bed.open().put(bytes)
    const sent = bed.node.stats().requests.zgs_uploadSegmentsByTxSeq
    const signer = sdkSigner({ rpcUrl: bed.rpcUrl, key: keyOf(4) }, onTestFinished)
    const again = { tags: '0x' as const, skipIfFinalized: false }
    const [result, error] = await new Indexer(bed.node.url).upload(new MemData(bytes), bed.rpcUrl, signer, again)
    expect(error).toBeNull()
    expect(result).toMatchObject({ rootHash: root, txHash: expect.stringMatching(/^0x/) })
    expect(await bed.submissions()).toBe(2)
    await until(() => bed.node.stats().finalFiles === 2)
    expect((await rpc(bed.node, 'zgs_getFileInfoByTxSeq', txSeq + 1)).result).toMatchObject({ finalized: true })
    expect(bed.node.stats().requests.zgs_uploadSegmentsByTxSeq).toBe(sent)
  }, 60_000)

  test('bytes that another submitted but did not upload are uploaded without a payment', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished)
    const submission = submissionOf(sample(700), stranger)
    const { root } = await submitDirectly({ ...bed, submission })
    const storage = bed.open()
    await until(async () => (await storage.status(root)).known)
    expect(await storage.put(sample(700))).toEqual({
      root,
      txHash: null,
      txSeq: 0,
      deduplicated: false,
      finalized: true,
    })
    expect(await bed.submissions()).toBe(1)
  }, 60_000)
})

describe.concurrent('nothing is believed', () => {
  test('0G-7: a flipped bit, a cut end and added zeros are refused, from the nodes and from the gateway', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished)
    const storage = bed.open()
    const { root } = await storage.put(sample(1000))
    const length = { expectLength: 1000 }
    bed.node.faults.corruptDownload = true
    await expect(storage.get(root)).rejects.toMatchObject({ code: 'zerog.corrupt' })
    bed.node.faults.corruptDownload = false
    for (const offset of [-1, 1, 24]) {
      bed.node.faults.sizeOffsetBytes = offset
      await expect(storage.get(root, length)).rejects.toMatchObject({ code: 'zerog.corrupt' })
    }
    bed.node.faults.sizeOffsetBytes = 0
    await expect(storage.get(root, { expectHash: keccak256(toHex('other')) })).rejects.toMatchObject({
      code: 'zerog.corrupt',
    })
    expect(await storage.get(root, length)).toEqual(sample(1000))
  }, 60_000)

  test('0G-12: the gateway serves what the nodes do not, and what nobody has is not found', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished)
    const storage = bed.open()
    const { root } = await storage.put(sample(1000))
    const before = bed.node.stats().requests['GET /file'] ?? 0
    bed.node.prune(merkleRoot(sample(999)))
    bed.node.faults.http500 = ['indexer_getFileLocations']
    expect(await storage.get(root, { expectLength: 1000 })).toEqual(sample(1000))
    expect(bed.node.stats().requests['GET /file']).toBe(before + 1)
    bed.node.faults.http500 = false
    await expect(storage.get(merkleRoot(sample(999)))).rejects.toMatchObject({
      code: 'zerog.not-found',
      retry: 'later',
    })
    bed.node.prune(root)
    await expect(storage.get(root)).rejects.toMatchObject({ code: 'zerog.not-found' })
    expect(await storage.status(root)).toMatchObject({ finalized: false })
  }, 60_000)

  test('a node of another flow contract or a chain with another id is never paid', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished, {
      faults: { reportedFlowAddress: otherFlow },
    })
    const storage = bed.open()
    await expect(storage.put(sample(10))).rejects.toMatchObject({ code: 'zerog.wrong-network', retry: 'never' })
    expect((await storage.health()).problems).toEqual([expect.stringContaining(otherFlow)])
    bed.node.faults.reportedFlowAddress = undefined
    await expect(bed.open({ chainId: 16661 }).put(sample(10))).rejects.toMatchObject({ code: 'zerog.wrong-network' })
    await storage.put(sample(11))
    // The network was right when it was checked; a node that changes later is caught before each upload.
    bed.node.faults.reportedFlowAddress = otherFlow
    await expect(storage.put(sample(12))).rejects.toMatchObject({ code: 'zerog.wrong-network' })
    expect(await bed.submissions()).toBe(1)
  }, 60_000)

  test('an empty wallet and too high a gas price are refused before anything is sent', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished)
    const poor = bed.open({ signerKey: keccak256(toHex('nobody')) })
    await expect(poor.put(sample(10))).rejects.toMatchObject({ code: 'zerog.insufficient-funds', retry: 'never' })
    expect((await poor.health()).problems).toEqual(['the storage wallet is empty'])
    const thrifty = bed.open({ maxGasPriceWei: 1n })
    await expect(thrifty.put(sample(10))).rejects.toMatchObject({ code: 'zerog.gas-price-too-high', retry: 'later' })
    expect(await bed.submissions()).toBe(0)
  }, 60_000)
})
