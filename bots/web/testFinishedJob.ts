// For tests of the pages: brings an ordered job to its end, with its results encrypted by the product's own code.
import { type Hex, sha256 } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { storeEvidence } from '../../core/jobs/evidence.ts'
import { issueTerms } from '../../core/jobs/issueTerms.ts'
import type { Job } from '../../core/jobs/job.ts'
import { putLogChunk, putOutput, readLog } from '../../core/jobs/jobLog.ts'
import { resultKeyOf } from '../../core/jobs/logTail.ts'
import { transition } from '../../core/jobs/transitions.ts'
import { blindHash } from '../../core/supply/blindHash.ts'
import { signReceipt } from '../../core/supply/receiptSignature.ts'
import { release } from '../../core/supply/reserve.ts'
import type { TestShop } from './testShop.ts'

const PAYER = '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc'
const RUNNER = privateKeyToAccount(`0x${'b1'.repeat(32)}`)
const SALT: Hex = `0x${'5a'.repeat(32)}`
const txHash = (byte: string): Hex => `0x${byte.repeat(32)}`

export interface Finished {
  readonly job: Job
  /** Opens log and output. */
  readonly key: Hex
}

/** A job that a runner has, and what it prints. */
export async function startRun(shop: TestShop, ordered: Job) {
  const { context } = shop
  const { blobs } = context
  const at = { atMs: context.clock.now() }
  const issued = await issueTerms({ context, linkToken: ordered.linkToken ?? '', refundTo: PAYER })
  if (!issued.ok) throw new Error(issued.why)
  const jobId = issued.job.jobId ?? '0x'
  const run = {
    runner: RUNNER.address,
    acceptedAtMs: at.atMs,
    lastSeenAtMs: at.atMs,
    logChunks: 0,
    logBytes: 0,
    stopRequested: false,
  } as const
  const funded = { ...at, txHash: txHash('f1'), payer: PAYER, depositMicroUsd: 8_000_000n } as const
  await step('fund', { funded })
  await step('activate', { started: { ...at, txHash: txHash('f2') } })
  const job = await step('accept', { run })
  const key = await resultKeyOf(context, job)
  if (!key) throw new Error('no key')

  async function step(event: Parameters<typeof transition>[1], changes: Partial<Job>): Promise<Job> {
    const stored = await shop.change(ordered.ref, (now) => transition(now, event, changes))
    if (!stored) throw new Error(`${event} did not apply`)
    return stored.value
  }

  return {
    job,
    key,
    step,
    /** One chunk of its log, as the runner sends it. */
    async print(bytes: Uint8Array): Promise<void> {
      const number = (await context.jobs.get(job.ref))?.value.run?.logChunks ?? 0
      await putLogChunk({ blobs, jobId, number, bytes })
      await shop.change(job.ref, (now) =>
        now.run
          ? { ...now, run: { ...now.run, logChunks: number + 1, logBytes: now.run.logBytes + bytes.length } }
          : undefined,
      )
    },
    /** It ended after two of its four hours: the receipt says so, and log and output are stored. */
    async ends(output: Uint8Array): Promise<Job> {
      await putOutput({ blobs, jobId, bytes: output })
      const chunks = (await context.jobs.get(job.ref))?.value.run?.logChunks ?? 0
      const log = await readLog({ blobs, jobId, chunks })
      const hashOf = (kind: 'log' | 'output', of: Uint8Array) => blindHash(kind, { salt: SALT, hash: sha256(of) })
      const figures = { jobId, usedSeconds: 7200, exitCode: 0, reason: 'exited' } as const
      const signed = await signReceipt({
        account: RUNNER,
        chainId: context.escrow.chainId,
        receipt: { ...figures, logHash: hashOf('log', log), outputHash: hashOf('output', output) },
      })
      const receipt = { ...signed, salt: SALT }
      const running = await shop.change(job.ref, (now) =>
        now.run ? { ...now, run: { ...now.run, outputBytes: output.length, receipt } } : undefined,
      )
      if (!running) throw new Error('not running')
      const evidence = await storeEvidence({ context, job: running.value, usedSeconds: 7200 })
      return step('finish', { evidence, usedSeconds: 7200 })
    },
  }
}

/** Paid, run for two of its four hours, settled: 4 of 8 USDC charged. */
export async function finishJob(
  shop: TestShop,
  ordered: Job,
  results: { log: string; output: Uint8Array },
): Promise<Finished> {
  const { listings, clock } = shop.context
  const run = await startRun(shop, ordered)
  await run.print(new TextEncoder().encode(results.log))
  await run.ends(results.output)
  const settled = { paidMicroUsd: 3_900_000n, feeMicroUsd: 100_000n, refundedMicroUsd: 4_000_000n }
  const job = await run.step('settled', { settled: { atMs: clock.now(), txHash: txHash('f3'), ...settled } })
  await release({ listings, listingId: shop.listing.id, ref: job.ref })
  return { job, key: run.key }
}
