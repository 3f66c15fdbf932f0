// A seller's runner at the desk of a keeper on a chain: takes what waits there, runs it for a second and says so.
import { type Hex, sha256 } from 'viem'
import { systemClock } from '../../core/clock.ts'
import { createRunnerDesk } from '../../core/jobs/createRunnerDesk.ts'
import type { Job } from '../../core/jobs/job.ts'
import { runner } from '../../core/jobs/testJobs.ts'
import { blindHash } from '../../core/supply/blindHash.ts'
import { signReceipt } from '../../core/supply/receiptSignature.ts'
import type { ChainKeeper } from './chainKeeper.ts'

const RUN_SECONDS = 1
const LOOK_EVERY_MS = 50
const SALT: Hex = `0x${'5a'.repeat(32)}`
const hashOf = (kind: 'log' | 'output') => blindHash(kind, { salt: SALT, hash: sha256('0x') })

/** Until the signal; `hold` keeps jobs running for as long as it says so. */
export async function runJobs(
  { shop }: Pick<ChainKeeper, 'shop'>,
  { hold = () => false, signal }: { hold?: (jobId: Hex) => boolean; signal: AbortSignal },
): Promise<void> {
  const { context } = shop
  const desk = createRunnerDesk(context)
  const taken = new Set<Hex>()

  async function work(jobId: Hex): Promise<void> {
    if (!(await desk.accept(runner.address, jobId)).ok) return
    await systemClock.sleep(RUN_SECONDS * 1_000 + 100)
    await desk.heartbeat(runner.address, jobId)
    while (hold(jobId) && !signal.aborted) await systemClock.sleep(LOOK_EVERY_MS)
    await desk.heartbeat(runner.address, jobId)
    const usedSeconds = usedBy((await context.jobs.list({ index: 'jobId', key: jobId }))[0]?.value)
    const hashes = { logHash: hashOf('log'), outputHash: hashOf('output') }
    const receipt = { jobId, usedSeconds, exitCode: 0, reason: 'exited', ...hashes } as const
    const signed = await signReceipt({ account: runner, receipt, chainId: context.escrow.chainId })
    const answer = await desk.receipt(runner.address, jobId, { ...signed, salt: SALT })
    if (!answer.ok && answer.code === 'bad-receipt') throw new Error(answer.why)
  }

  while (!signal.aborted) {
    for (const state of ['active', 'running'])
      for (const { value } of await context.jobs.list({ index: 'state', key: state })) {
        const { jobId } = value
        if (!jobId || taken.has(jobId)) continue
        taken.add(jobId)
        void work(jobId).catch(() => taken.delete(jobId))
      }
    await systemClock.sleep(LOOK_EVERY_MS)
  }
}

/** What a runner counts: from the acceptance on. */
function usedBy(job: Job | undefined): number {
  const { run } = job ?? {}
  return run ? Math.max(RUN_SECONDS, Math.floor((run.lastSeenAtMs - run.acceptedAtMs) / 1_000)) : RUN_SECONDS
}
