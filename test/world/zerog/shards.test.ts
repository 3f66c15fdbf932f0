// Two nodes with half the segments each, as on the live networks: what the SDK gets through, and what it never does.
import { describe, test } from 'vitest'
import { segmentBytes } from '../../../core/record/merkleTree.ts'
import { createSdkPool } from '../../../core/zerog/sdkPool.ts'
import { bedFor, type StorageBed, sample, storageChainId, submissionOf, submitDirectly, until } from './storageBed.ts'

const stranger = '0x1111111111111111111111111111111111111111'
const noPayment = () => Promise.reject(new Error('a submitted file needs no payment'))

/** The SDK's upload of a file that is submitted already, straight in a worker: the adapter takes one segment at most. */
async function sdkUpload(
  bed: StorageBed,
  options: { bytes: Uint8Array; signal: AbortSignal; onTestFinished: (clear: () => Promise<void>) => void },
) {
  const { bytes, signal } = options
  const { rpcUrl, flowAddress } = bed
  const { root } = await submitDirectly({ ...bed, submission: submissionOf(bytes, stranger) })
  await until(() => bed.nodes.every((node) => node.peek(root) !== undefined))
  const pool = createSdkPool({ maxWorkers: 1 })
  options.onTestFinished(() => pool.close())
  const target = {
    rpcUrl,
    flowAddress,
    chainId: storageChainId,
    indexerUrl: bed.node.url,
    submitter: stranger,
  } as const
  const uploading = pool.run({ kind: 'upload', bytes, tags: '0x', ...target }, { signal, send: noPayment })
  return { root, pool, uploading }
}

describe.concurrent('two shards', () => {
  test.for([1, 2, 4])(
    '0G-6: a file of %i segments: each node holds its half, and it comes back',
    { timeout: 60_000 },
    async (segments, { expect, onTestFinished }) => {
      const bed = await bedFor(onTestFinished, { shards: 2 })
      const bytes = sample(segments * segmentBytes - 100, segments)
      const signal = new AbortController().signal
      const { root, pool, uploading } = await sdkUpload(bed, { bytes, signal, onTestFinished })
      await uploading
      expect(bed.nodes.map((node) => node.peek(root)?.final)).toEqual([true, true])
      const held = bed.nodes.map((node) => node.heldSegments(root))
      expect(held.toSorted()).toEqual([Math.floor(segments / 2), Math.ceil(segments / 2)])
      const download = { kind: 'download', root, indexerUrl: bed.node.url } as const
      expect(await pool.run(download, { signal, send: noPayment })).toEqual({ type: 'downloaded', bytes })
    },
  )

  test('0G-6: of three segments the SDK sends two and waits for ever; the adapter takes no such file', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished, { shards: 2 })
    const bytes = sample(3 * segmentBytes, 3)
    const calledOff = new AbortController()
    const { root, uploading } = await sdkUpload(bed, { bytes, signal: calledOff.signal, onTestFinished })
    const ended = uploading.catch((error: unknown) => error)
    const asked = () => bed.node.stats().requests.zgs_getFileInfo ?? 0
    const sent = () => bed.nodes.reduce((sum, node) => sum + (node.stats().requests.zgs_uploadSegmentsByTxSeq ?? 0), 0)
    await until(() => sent() === 2)
    // It has sent what it will and asks on.
    const before = asked()
    await until(() => asked() >= before + 2)
    expect(sent()).toBe(2)
    expect(bed.nodes.map((node) => node.peek(root)?.final)).toContain(false)
    calledOff.abort(new Error('waited long enough'))
    expect(await ended).toMatchObject({ message: 'waited long enough' })
    await expect(bed.open().put(bytes)).rejects.toMatchObject({ code: 'zerog.bad-size', retry: 'never' })
  }, 60_000)

  test('0G-6: what was paid and not uploaded is resumed, though the node without a part in it calls it final', async ({
    expect,
    onTestFinished,
  }) => {
    const bed = await bedFor(onTestFinished, { shards: 2 })
    const storage = bed.open()
    // The flow's first segment is the first node's; what comes after the big file is the second one's.
    for (const size of [segmentBytes, 500]) {
      const bytes = sample(size, 7)
      const { root } = await submitDirectly({ ...bed, submission: submissionOf(bytes, stranger) })
      await until(() => bed.nodes.every((node) => node.peek(root) !== undefined))
      expect(bed.nodes.map((node) => node.peek(root)?.final).toSorted()).toEqual([false, true])
      expect((await storage.status(root)).finalized).toBe(false)
      await storage.put(bytes)
      expect(bed.nodes.map((node) => node.peek(root)?.final)).toEqual([true, true])
      expect(await storage.get(root, { expectLength: size })).toEqual(bytes)
    }
    expect(await bed.submissions()).toBe(2)
  }, 60_000)
})
