// For tests of the pages: brings an ordered job to its end, with its results encrypted by the product's own code.
import type { Hex } from 'viem'
import { storeEvidence } from '../../core/jobs/evidence.ts'
import { issueTerms } from '../../core/jobs/issueTerms.ts'
import type { Job } from '../../core/jobs/job.ts'
import { putLogChunk, putOutput } from '../../core/jobs/jobLog.ts'
import { transition } from '../../core/jobs/transitions.ts'
import { release } from '../../core/supply/reserve.ts'
import type { TestShop } from './testShop.ts'

const PAYER = '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc'
const txHash = (byte: string): Hex => `0x${byte.repeat(32)}`

export interface Finished {
  readonly job: Job
  /** Opens log and output. */
  readonly key: Hex
}

/** Paid, run for two of its four hours, settled: 4 of 8 USDC charged. */
export async function finishJob(
  shop: TestShop,
  ordered: Job,
  results: { log: string; output: Uint8Array },
): Promise<Finished> {
  const { context } = shop
  const { blobs } = context
  const nowMs = context.clock.now()
  const issued = await issueTerms({ context, linkToken: ordered.linkToken ?? '', refundTo: PAYER })
  if (!issued.ok) throw new Error(issued.why)
  const jobId = issued.job.jobId ?? '0x'
  const log = new TextEncoder().encode(results.log)
  await putLogChunk({ blobs, jobId, number: 0, bytes: log })
  await putOutput({ blobs, jobId, bytes: results.output })
  const at = { atMs: nowMs }
  const run = {
    runner: PAYER,
    acceptedAtMs: nowMs,
    lastSeenAtMs: nowMs,
    logChunks: 1,
    logBytes: log.length,
    outputBytes: results.output.length,
    stopRequested: false,
  } as const
  const funded = { ...at, txHash: txHash('f1'), payer: PAYER, depositMicroUsd: 8_000_000n } as const
  await step('fund', { funded })
  await step('activate', { started: { ...at, txHash: txHash('f2') } })
  const running = await step('accept', { run })
  const evidence = await storeEvidence({ context, job: running, usedSeconds: 7200 })
  await step('finish', { evidence, usedSeconds: 7200 })
  const settled = { paidMicroUsd: 3_900_000n, feeMicroUsd: 100_000n, refundedMicroUsd: 4_000_000n }
  const job = await step('settled', { settled: { ...at, txHash: txHash('f3'), ...settled } })
  await release({ listings: context.listings, listingId: shop.listing.id, ref: job.ref })
  const key = job.resultKey ?? (await context.sessions.get(job.ref))?.value.resultKey
  if (!key) throw new Error('no key')
  return { job, key }

  async function step(event: Parameters<typeof transition>[1], changes: Partial<Job>): Promise<Job> {
    const stored = await shop.change(ordered.ref, (job) => transition(job, event, changes))
    if (!stored) throw new Error(`${event} did not apply`)
    return stored.value
  }
}
