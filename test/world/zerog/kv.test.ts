// The adapter's key-value index against a node that replays the flow: what is written, what is dropped and why, what is never paid for.
import { Batcher, getFlowContract, KvClient, StorageNode } from '@0gfoundation/0g-ts-sdk'
import { type Hex, keccak256, toHex } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import { describe, test } from 'vitest'
import { randomBytes } from '../../../core/ids.ts'
import { createMemoryJournal } from '../../../core/zerog/journal.ts'
import { createKvBatch, type KvBatch, kvTags } from '../../../core/zerog/kvBatch.ts'
import { sdkSigner } from './plainSdk.ts'
import {
  bedFor,
  keyOf,
  pushHash,
  rpc,
  type StorageBed,
  sample,
  submissionOf,
  submitDirectly,
  until,
} from './storageBed.ts'

const streamId = keccak256(toHex('a stream of the node'))
const utf8 = (text: string) => new TextEncoder().encode(text)
const batchOf = (entries: Record<string, string>, stream = streamId): KvBatch =>
  createKvBatch({
    streamId: stream,
    entries: Object.entries(entries).map(([key, value]) => ({ key: utf8(key), value: utf8(value) })),
    random: randomBytes,
  })
const at = (key: string) => ({ streamId, key: utf8(key) })
const ask = async (bed: StorageBed, method: string, ...params: unknown[]) =>
  bed.kv && (await rpc(bed.kv, method, ...params)).result
const base64 = (text: string) => Buffer.from(text).toString('base64')
const text = (value: Uint8Array | undefined) => value && Buffer.from(value).toString('utf8')

describe.concurrent('the index', () => {
  test('0G-11: several keys in one payment, read back; missing and deleted ones are not there', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished, { streamIds: [streamId] })
    const storage = bed.open()
    const hashes: Hex[] = []
    const put = await storage.kvPut(batchOf({ a: 'one', b: 'two', c: 'three' }), { onStep: pushHash(hashes) })
    expect(put).toMatchObject({ txHash: hashes[0], txSeq: 0, deduplicated: false })
    expect(await Promise.all(['a', 'b', 'c', 'd'].map(async (key) => text(await storage.kvGet(at(key)))))).toEqual([
      'one',
      'two',
      'three',
      undefined,
    ])
    // What a node says of a key that never was, and of one that is gone.
    expect(await ask(bed, 'kv_getValue', streamId, base64('d'), 0, 10)).toEqual({ version: 0, data: '', size: 0 })
    await storage.kvPut(batchOf({ b: '' }))
    expect(await storage.kvGet(at('b'))).toBeUndefined()
    expect(await ask(bed, 'kv_getValue', streamId, base64('b'), 0, 10)).toEqual({ version: 1, data: '', size: 0 })
    expect(await ask(bed, 'kv_getNext', streamId, base64('a'), 0, 10, false)).toMatchObject({ key: base64('c') })
    expect(await bed.submissions()).toBe(2)
  }, 60_000)

  test('0G-11: equal entries again are written again, and the last call wins', async ({ expect, onTestFinished }) => {
    const bed = await bedFor(onTestFinished, { streamIds: [streamId] })
    const storage = bed.open()
    for (const value of ['A', 'B', 'A']) await storage.kvPut(batchOf({ key: value }))
    expect(text(await storage.kvGet(at('key')))).toBe('A')
    await Promise.all(['1', '2', '3'].map((value) => storage.kvPut(batchOf({ key: value }))))
    expect(text(await storage.kvGet(at('key')))).toBe('3')
    expect(await bed.submissions()).toBe(6)
  }, 60_000)

  test('0G-11: more than 256 KiB, an empty key and nothing at all are refused before the SDK sees them', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished, { streamIds: [streamId] })
    for (const entries of [{ key: 'x'.repeat(256 * 1024) }, { '': 'value' }, {}]) {
      expect(() => batchOf(entries)).toThrow(expect.objectContaining({ code: 'zerog.bad-size', retry: 'never' }))
    }
    const large = { streamId, bytes: sample(256 * 1024 + 1) }
    await expect(bed.open().kvPut(large)).rejects.toMatchObject({ code: 'zerog.bad-size', retry: 'never' })
    expect(bed.node.stats().requests).toEqual({})
  }, 60_000)

  test('0G-11: a stream the node does not replay, or that another owns, is never paid for', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished, { streamIds: [streamId] })
    const other = keccak256(toHex('another stream'))
    await expect(bed.open().kvPut(batchOf({ key: 'v' }, other))).rejects.toMatchObject({
      code: 'zerog.kv-stream',
      retry: 'later',
      details: expect.stringContaining(`does not replay stream ${other}`),
    })
    await bed.open().kvPut(batchOf({ key: 'ours' }))
    const second = bed.open({ signerKey: keyOf(3) })
    await expect(second.kvPut(batchOf({ key: 'theirs' }))).rejects.toMatchObject({ code: 'zerog.kv-stream' })
    expect(text(await second.kvGet(at('key')))).toBe('ours')
    expect(await bed.submissions()).toBe(1)
    const without = bed.open({ kvUrl: undefined })
    await expect(without.kvPut(batchOf({ key: 'v' }))).rejects.toMatchObject({ code: 'zerog.kv-not-set' })
    await expect(without.kvGet(at('key'))).rejects.toMatchObject({ code: 'zerog.kv-not-set' })
  }, 60_000)

  test('0G-11: a node that is away, or goes away after the payment: later, and one payment in all', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished, { streamIds: [streamId] })
    const { kv } = bed
    if (!kv) throw new Error('no key-value node')
    const journal = createMemoryJournal()
    const storage = bed.open({ journal })
    const batch = batchOf({ key: 'value' })
    kv.faults.down = true
    await expect(storage.kvPut(batch)).rejects.toMatchObject({ code: 'zerog.unavailable', retry: 'later' })
    await expect(storage.kvGet(at('key'))).rejects.toMatchObject({ code: 'zerog.unavailable', retry: 'later' })
    // Files do not care.
    await storage.put(sample(300))
    kv.faults.down = false
    kv.faults.http500 = ['kv_getTransactionResult']
    await expect(storage.kvPut(batch)).rejects.toMatchObject({ code: 'zerog.unavailable', retry: 'later' })
    kv.faults.http500 = false
    expect(await bed.open({ journal }).kvPut(batch)).toMatchObject({ txSeq: 1, deduplicated: true })
    expect(text(await storage.kvGet(at('key')))).toBe('value')
    expect(await bed.submissions()).toBe(2)
  }, 60_000)
})

describe.concurrent('the node drops', () => {
  test('0G-11: bytes that are no batch, a version of long ago, and the adapter says what it was told', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished, { streamIds: [streamId] })
    const storage = bed.open()
    const refused = (details: string) => ({
      code: 'zerog.kv-refused',
      retry: 'never',
      details: expect.stringContaining(details),
    })
    await expect(storage.kvPut({ streamId, bytes: sample(100) })).rejects.toMatchObject(refused('DataParseError'))
    await storage.kvPut(batchOf({ key: 'new' }))
    const outdated = batchOf({ key: 'old' })
    outdated.bytes.fill(0, 0, 8)
    await expect(storage.kvPut(outdated)).rejects.toMatchObject(refused('VersionConfliction'))
    const elsewhere = batchOf({ key: 'elsewhere' }, keccak256(toHex('not in the tags')))
    await expect(storage.kvPut({ ...elsewhere, streamId })).rejects.toMatchObject(refused('TagsMismatch'))
    expect(text(await storage.kvGet(at('key')))).toBe('new')
    expect(await bed.submissions()).toBe(4)
  }, 60_000)

  test('0G-11: a batch for a stream it is not set up for is ignored, and holds up nothing', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished, { streamIds: [streamId] })
    const storage = bed.open()
    const other = keccak256(toHex('not set up'))
    const batch = batchOf({ key: 'ignored' }, other)
    const submission = submissionOf(batch.bytes, privateKeyToAddress(keyOf(2)), kvTags(other))
    const { root } = await submitDirectly({ ...bed, submission })
    await until(async () => (await storage.status(root)).known)
    // Known and unpaid by us: only its bytes are brought.
    await storage.put(batch.bytes)
    await storage.kvPut(batchOf({ key: 'taken' }))
    expect(await ask(bed, 'kv_getTransactionResult', 0)).toBeNull()
    expect(await ask(bed, 'kv_getTransactionResult', 1)).toBe('Commit')
    expect(await ask(bed, 'kv_getReplayProgress')).toEqual({ appliedSeq: 2, firstTxSeq: 0 })
    expect(await storage.kvGet({ streamId: other, key: utf8('key') })).toBeUndefined()
  }, 60_000)

  test('0G-11: with the SDK’s own batcher and client: a second writer needs a role, and the payer counts, not the submitter named', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished, { streamIds: [streamId] })
    const client = new KvClient(bed.kv?.url ?? '')
    let seq = 0
    const write = async (wallet: number, value: string, submitter?: string) => {
      const signer = sdkSigner({ rpcUrl: bed.rpcUrl, key: keyOf(wallet) }, onTestFinished)
      const nodes = [new StorageNode(bed.node.url)]
      const batcher = new Batcher(Number.MAX_SAFE_INTEGER, nodes, getFlowContract(bed.flowAddress, signer), bed.rpcUrl)
      batcher.streamDataBuilder.set(streamId, utf8('key'), utf8(value))
      const [, error] = await batcher.exec({ ...fresh, ...(submitter && { submitter }) })
      if (error) throw error
      const mine = seq++
      await until(async () => (await ask(bed, 'kv_getTransactionResult', mine)) !== null)
      return ask(bed, 'kv_getTransactionResult', mine)
    }
    expect(await write(4, 'first')).toBe('Commit')
    expect(await write(5, 'stranger')).toBe('SenderNoWritePermission')
    expect(await write(5, 'forger', privateKeyToAddress(keyOf(4)))).toBe('SenderNoWritePermission')
    expect(await client.getValue(streamId, utf8('key'))).toMatchObject({ version: 0, data: base64('first') })
    expect(text(await bed.open().kvGet(at('key')))).toBe('first')
  }, 60_000)
})

/** Named one by one: without them the SDK's batcher would mark its module's defaults, and every later file with them. */
const fresh = {
  tags: '0x' as const,
  submitter: '',
  finalityRequired: true,
  taskSize: 1,
  expectedReplica: 1,
  skipTx: false,
  fee: 0n,
}
