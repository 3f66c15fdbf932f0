// The flow contract's rules: fee, shape of a submission, positions.
import { parseEventLogs, zeroAddress } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { flowArtifact } from '../contracts/artifacts.ts'
import { turboPricePerSector } from './deployFlow.ts'
import { feeOf, type StorageBed, sample, startStorageBed, submissionOf, submitDirectly } from './storageBed.ts'

const submitter = '0x1111111111111111111111111111111111111111'
let bed: StorageBed

beforeAll(async () => {
  bed = await startStorageBed()
})
afterAll(() => bed.stop())

const submit = (submission: ReturnType<typeof submissionOf>, value?: bigint) =>
  submitDirectly({ ...bed, submission, ...(value === undefined ? {} : { value }) })

test('0G-4: one wei short of the fee reverts with NotEnoughFee(price, sectors, paid)', async () => {
  const submission = submissionOf(sample(300), submitter)
  const short = feeOf(submission) - 1n
  await expect(submit(submission, short)).rejects.toThrow(
    new RegExp(`NotEnoughFee[\\s\\S]*\\(${turboPricePerSector}, 2, ${short}\\)`),
  )
})

test.each([
  ['a zero submitter', { ...submissionOf(sample(300), zeroAddress) }],
  ['no nodes', withData({ nodes: [] })],
  ['rising heights', withData({ length: 768n, nodes: [node(0n), node(1n)] })],
  ['equal heights', withData({ length: 512n, nodes: [node(0n), node(0n)] })],
  ['heights too far apart', withData({ length: 4352n, nodes: [node(4n), node(0n)] })],
  ['more bytes than sectors', withData({ length: 513n, nodes: [node(1n)] })],
  ['fewer bytes than the padding allows', withData({ length: 256n, nodes: [node(1n)] })],
])('0G-4: %s is an "Invalid submission"', async (_, submission) => {
  await expect(submit(submission)).rejects.toThrow('Invalid submission')
})

test('0G-4: what is paid too much is kept, the market gets the price', async () => {
  const before = await bed.local.client.getBalance({ address: bed.marketAddress })
  const submission = submissionOf(sample(1000), submitter)
  await submit(submission, feeOf(submission) + 5n)
  expect(await bed.local.client.getBalance({ address: bed.marketAddress })).toBe(before + feeOf(submission))
  expect(await bed.local.client.getBalance({ address: bed.flowAddress })).toBe(5n)
})

test('0G-1: positions are aligned to the first node and jump to the next segment rather than cross into it', async () => {
  const sizes = [1, 257, 256, 4096, 4097, 100_000, 200_000, 262_145, 1, 300_000, 262_144]
  let length = Number(await currentLength())
  for (const [i, size] of sizes.entries()) {
    const submission = submissionOf(sample(size, i + 1), submitter)
    const heights = submission.data.nodes.map((one) => Number(one.height))
    const sectors = heights.reduce((sum, height) => sum + 2 ** height, 0)
    const [expected, next] = place(length, heights)
    const { hash } = await submit(submission)
    const { logs } = await bed.local.client.getTransactionReceipt({ hash })
    const [event] = parseEventLogs({ abi: flowArtifact.abi, eventName: 'Submit', logs })
    expect(event?.args).toMatchObject({ sender: submitter, startPos: BigInt(expected), length: BigInt(sectors) })
    expect(Math.floor(expected / 1024) === Math.floor((expected + sectors - 1) / 1024) || expected % 1024 === 0).toBe(
      true,
    )
    length = next
  }
  expect(Number(await currentLength())).toBe(length)
})

function node(height: bigint) {
  return { root: `0x${'ab'.repeat(32)}` as const, height }
}

function withData(data: Partial<ReturnType<typeof submissionOf>['data']>): ReturnType<typeof submissionOf> {
  return { data: { length: 300n, tags: '0x', nodes: [node(1n)], ...data }, submitter }
}

/** The rule written a second time: first position of a submission, and the length after it. */
function place(length: number, heights: number[]): [start: number, length: number] {
  const align = (from: number, height: number) => Math.ceil(from / 2 ** height) * 2 ** height
  const sectors = heights.reduce((sum, height) => sum + 2 ** height, 0)
  const start = align(length, heights[0] ?? 0)
  const last = start + sectors - 1
  const from =
    start % 1024 !== 0 && Math.floor(start / 1024) !== Math.floor(last / 1024) ? Math.ceil(start / 1024) * 1024 : start
  const starts: number[] = []
  let end = from === start ? length : from
  for (const height of heights) {
    starts.push(align(end, height))
    end = align(end, height) + 2 ** height
  }
  return [starts[0] ?? 0, end]
}

async function currentLength(): Promise<unknown> {
  const { client } = bed.local
  return client.readContract({ abi: flowArtifact.abi, address: bed.flowAddress, functionName: 'currentLength' })
}
