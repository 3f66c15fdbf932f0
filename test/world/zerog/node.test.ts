// The storage node answers as the live one does: segment checks and their errors, finality, sync, reorganisations, gateway.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type Hex, keccak256 } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { merkleRoot } from '../../../core/record/merkleRoot.ts'
import { proofOfHash, rootOfHashes, segmentBytes, segmentProof } from '../../../core/record/merkleTree.ts'
import { startZeroGNode } from './startZeroGNode.ts'
import { rpc, type StorageBed, sample, startStorageBed, submissionOf, submitDirectly, until } from './storageBed.ts'

const submitter = '0x1111111111111111111111111111111111111111'
let bed: StorageBed

beforeAll(async () => {
  bed = await startStorageBed()
})
afterAll(() => bed.stop())

let seed = 0

/** Fresh bytes, submitted and seen by the node. */
async function submitted(length: number): Promise<{ bytes: Uint8Array; root: Hex; seq: number }> {
  seed++
  const bytes = sample(length, seed)
  const { root } = await submitDirectly({ ...bed, submission: submissionOf(bytes, submitter) })
  await until(() => bed.node.peek(root) !== undefined)
  return { bytes, root, seq: bed.node.peek(root)?.seq ?? -1 }
}

/** A segment as clients send it. */
function wire(bytes: Uint8Array, index = 0) {
  const part = bytes.subarray(index * segmentBytes, (index + 1) * segmentBytes)
  const whole = Buffer.alloc(Math.ceil(part.length / 256) * 256)
  whole.set(part)
  const proof = segmentProof(bytes, index)
  return { root: merkleRoot(bytes), data: whole.toString('base64'), index, proof, fileSize: bytes.length }
}

const upload = (segment: ReturnType<typeof wire>, seq: number) =>
  rpc(bed.node, 'zgs_uploadSegmentsByTxSeq', [segment], seq)

const invalid = (field: string, data: string) => ({ code: -32602, message: `Invalid params: ${field}`, data })

describe('segments', () => {
  test('a file is final when its last segment arrives, and comes back chunk by chunk', async () => {
    const { bytes, root, seq } = await submitted(segmentBytes + 700)
    expect(await rpc(bed.node, 'zgs_getFileInfo', root, true)).toMatchObject({
      id: 17_000_000_000_000_002,
      result: {
        tx: {
          streamIds: [],
          data: [],
          dataMerkleRoot: root,
          size: bytes.length,
          seq,
          startEntryIndex: expect.any(Number),
        },
        finalized: false,
        isCached: false,
        uploadedSegNum: 0,
        pruned: false,
      },
    })
    expect(await upload(wire(bytes, 1), seq)).toMatchObject({ result: null })
    expect(await rpc(bed.node, 'zgs_checkFileFinalized', seq)).toMatchObject({ result: false })
    expect(await rpc(bed.node, 'indexer_getFileLocations', root)).toMatchObject({
      error: { code: -32000, message: 'file not found' },
    })
    expect(await upload(wire(bytes, 1), seq)).toMatchObject({ result: null })
    expect((await rpc(bed.node, 'zgs_uploadSegmentByTxSeq', wire(bytes, 1), seq)).error?.message).toMatch(
      /has already been uploaded/,
    )
    expect(await upload(wire(bytes, 0), seq)).toMatchObject({ result: null })
    expect(await rpc(bed.node, 'zgs_checkFileFinalized', root)).toMatchObject({ result: true })
    const { result } = await rpc(bed.node, 'zgs_downloadSegmentByTxSeq', seq, 1024, 1027)
    expect(Buffer.from(String(result), 'base64').subarray(0, 700)).toEqual(Buffer.from(bytes.subarray(segmentBytes)))
    const proved = await rpc(bed.node, 'zgs_downloadSegmentWithProof', root, 1)
    expect(proved.result).toEqual(wire(bytes, 1))
  })

  test('merkleNodes carry the depth, one more than the height', async () => {
    const { root } = await submitted(256 * 3)
    const { result } = await rpc(bed.node, 'zgs_getFileInfo', root, false)
    expect(result).toMatchObject({
      tx: {
        merkleNodes: [
          [2, expect.any(String)],
          [1, expect.any(String)],
        ],
      },
    })
  })

  test('0G-3: what does not hold is refused with the words clients match on', async () => {
    const { bytes, seq } = await submitted(1000)
    const good = wire(bytes)
    const other = sample(1000, 999)
    const cases: [ReturnType<typeof wire>, unknown][] = [
      [{ ...good, data: wire(other).data }, invalid('proof', 'validation failed')],
      [{ ...good, proof: { lemma: [good.root, good.root], path: [] } }, invalid('proof', 'invalid proof')],
      [{ ...good, data: Buffer.alloc(256).toString('base64') }, invalid('data', 'invalid data length')],
      [{ ...good, index: 1 }, invalid('index', 'index out of bound')],
      [{ ...good, fileSize: 1001 }, invalid('file_size', 'segment file size not matched with tx file size')],
      [wire(other), { code: -32603, message: 'Internal error', data: 'data root and tx seq not match' }],
    ]
    for (const [segment, error] of cases) expect((await upload(segment, seq)).error).toEqual(error)
    const unknownSeq = await upload({ ...good, fileSize: 11 * 1024 * 1024 }, 9_999)
    expect(unknownSeq.error).toEqual(
      invalid('file_size', 'caching of large file when tx is unavailable is not supported'),
    )
    expect((await rpc(bed.node, 'zgs_uploadSegmentsByTxSeq', 'no segments', seq)).error).toMatchObject({ code: -32602 })
    expect((await upload(good, seq)).result).toBeNull()
    expect((await upload(good, seq)).error).toEqual(invalid('root', 'already uploaded and finalized'))
  })

  test('0G-3: a proof with other than zeros in the padding is refused', async () => {
    // 33 segments are padded to 36, so the right neighbour of the 33rd must be the root of a segment of zeros.
    const full = new Uint8Array(segmentBytes).fill(1)
    const fullRoot = merkleRoot(full)
    const zeroRoot = merkleRoot(new Uint8Array(segmentBytes))
    const upTo = (padding: Hex) => [...Array<Hex>(33).fill(fullRoot), ...Array<Hex>(3).fill(padding)]
    const data = Buffer.from(full).toString('base64')
    const segment = (roots: Hex[]) => {
      const place = { index: 32, fileSize: 33 * segmentBytes }
      return { root: rootOfHashes(roots), data, proof: proofOfHash(roots, 32), ...place }
    }
    expect((await upload(segment(upTo(zeroRoot)), 9_998)).result).toBeNull()
    const lying = segment(upTo(fullRoot))
    expect((await upload(lying, 9_998)).error).toEqual(
      invalid('proof', 'invalid proof node value in the padding range'),
    )
  })

  test('0G-3: unknown files, wrong ranges and unknown methods', async () => {
    expect(await rpc(bed.node, 'zgs_getFileInfo', keccak256('0x01'), true)).toMatchObject({ result: null })
    expect(await rpc(bed.node, 'zgs_getFileInfoByTxSeq', 12345)).toMatchObject({ result: null })
    expect(await rpc(bed.node, 'zgs_downloadSegmentByTxSeq', 12345, 0, 1)).toMatchObject({ result: null })
    expect((await rpc(bed.node, 'zgs_downloadSegmentByTxSeq', 0, 5, 5)).error).toEqual(
      invalid('end_index', 'invalid chunk index'),
    )
    expect((await rpc(bed.node, 'zgs_downloadSegmentByTxSeq', 0, 0, 1025)).error).toEqual(
      invalid('end_index', 'exceeds maximum chunks 1024'),
    )
    expect((await rpc(bed.node, 'kv_getValue')).error).toMatchObject({ code: -32601 })
  })

  test('0G-2, 0G-5: segments sent before their submission wait for it; a second submission of a root is final at once', async () => {
    seed++
    const bytes = sample(5000, seed)
    expect((await upload(wire(bytes), 77)).result).toBeNull()
    const submission = submissionOf(bytes, submitter)
    const { root } = await submitDirectly({ ...bed, submission })
    await until(() => bed.node.peek(root)?.final === true)
    const first = bed.node.peek(root)?.seq ?? -1
    await submitDirectly({ ...bed, submission })
    await until(async () => (await rpc(bed.node, 'zgs_checkFileFinalized', first + 1)).result === true)
    expect(bed.node.peek(root)).toEqual({ seq: first, size: 5000, final: true, bytes })
  })

  test('a pruned file is known, not available', async () => {
    const { bytes, root, seq } = await submitted(800)
    await upload(wire(bytes), seq)
    bed.node.prune(root)
    expect(await rpc(bed.node, 'zgs_getFileInfo', root, true)).toMatchObject({ result: null })
    expect(await rpc(bed.node, 'zgs_getFileInfo', root, false)).toMatchObject({
      result: { finalized: false, pruned: true },
    })
    expect((await upload(wire(bytes), seq)).error).toEqual(invalid('root', 'already pruned'))
  })
})

describe('sync', () => {
  test('0G-5: a submission is known after the configured confirmations, and nextTxSeq and height move', async () => {
    const slow = await startStorageBed({ confirmations: 3 })
    try {
      const { root } = await submitDirectly({ ...slow, submission: submissionOf(sample(10), submitter) })
      const height = Number(await slow.local.client.getBlockNumber())
      await until(async () => (await status(slow)).logSyncHeight === height - 2)
      expect((await status(slow)).nextTxSeq).toBe(0)
      await slow.local.test.mine({ blocks: 2 })
      await until(() => slow.node.peek(root) !== undefined)
      expect(await status(slow)).toMatchObject({ nextTxSeq: 1, logSyncHeight: height })
      expect((await status(slow)).networkIdentity).toMatchObject({ chainId: 16602, flowAddress: slow.flowAddress })
    } finally {
      await slow.stop()
    }
  })

  test('a submission that a reorganisation removes is forgotten', async () => {
    const { client, test: chain } = bed.local
    const before = await chain.snapshot()
    const { root } = await submitted(600)
    await chain.revert({ id: before })
    await chain.mine({ blocks: 3 })
    await until(() => bed.node.peek(root) === undefined)
    const height = Number(await client.getBlockNumber())
    await until(async () => (await status(bed)).logSyncHeight === height)
    const after = await submitted(601)
    expect(bed.node.peek(after.root)?.seq).toBe(Number(await bed.submissions()) - 1)
  })
})

test('a chain reorganised between two reads of one turn is never mixed with the old one', async ({
  onTestFinished,
}) => {
  const reorganised = await startStorageBed()
  onTestFinished(() => reorganised.stop())
  const { test: chain, client } = reorganised.local
  const before = await chain.snapshot()
  // One chunk, so that the event names the root itself.
  const { root } = await submitDirectly({ ...reorganised, submission: submissionOf(sample(200), submitter) })
  let pending = true
  let isReplaced = false
  // The node has just been told of the submission when the block that held it is replaced.
  const relay = await startRpcRelay({
    rpcUrl: reorganised.rpcUrl,
    async afterAnswer(answer) {
      if (!pending || !answer.includes(root.slice(2))) return
      pending = false
      await chain.revert({ id: before })
      await chain.mine({ blocks: 3 })
      isReplaced = true
    },
  })
  onTestFinished(() => relay.stop())
  const node = await startZeroGNode({ rpcUrl: relay.url, flowAddress: reorganised.flowAddress })
  onTestFinished(() => node.stop())
  // Not before: a height of the old chain is passed by and never stood at.
  await until(() => isReplaced)
  const height = Number(await client.getBlockNumber())
  await until(async () => (await status({ node })).logSyncHeight === height)
  expect(node.peek(root)).toBeUndefined()
})

describe('gateway', () => {
  const get = (query: string, headers: Record<string, string> = {}) =>
    fetch(`${bed.node.url}/file?${query}`, { headers })

  test('0G-12: serves a file by root and by number, whole and by range', async () => {
    const { bytes, root, seq } = await submitted(1234)
    expect(await (await get(`root=${root}`)).json()).toEqual({ code: 101, message: 'File not found', data: null })
    await upload(wire(bytes), seq)
    for (const query of [`root=${root}&name=K7QF.json`, `txSeq=${seq}`]) {
      expect(new Uint8Array(await (await get(query)).arrayBuffer())).toEqual(bytes)
    }
    const ranges: [string, [number, number]][] = [
      ['bytes=0-9', [0, 10]],
      ['bytes=1200-', [1200, 1234]],
      ['bytes=-4', [1230, 1234]],
      ['bytes=1000-9999', [1000, 1234]],
    ]
    for (const [range, [from, to]] of ranges) {
      const part = await get(`root=${root}`, { range })
      expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes ${from}-${to - 1}/1234`])
      expect(new Uint8Array(await part.arrayBuffer())).toEqual(bytes.slice(from, to))
    }
    expect((await get(`root=${root}`, { range: 'bytes=5000-' })).status).toBe(416)
  })

  test('0G-12: what is not there is HTTP 200 with code 101', async () => {
    const answer = await get(`root=${keccak256('0x02')}`)
    expect([answer.status, await answer.json()]).toEqual([200, { code: 101, message: 'File not found', data: null }])
  })
})

async function status(of: Pick<StorageBed, 'node'>) {
  const { result } = await rpc(of.node, 'zgs_getStatus')
  return result as { nextTxSeq: number; logSyncHeight: number; networkIdentity: unknown }
}

/** A JSON-RPC endpoint that passes everything on, and lets the test act between an answer and its reader. */
async function startRpcRelay(options: { rpcUrl: string; afterAnswer: (answer: string) => Promise<void> }) {
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const headers = { 'content-type': 'application/json' }
    const answer = await (await fetch(options.rpcUrl, { method: 'POST', headers, body })).text()
    await options.afterAnswer(answer)
    response.writeHead(200, headers).end(answer)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
