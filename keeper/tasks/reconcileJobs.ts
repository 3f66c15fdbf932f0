// Compares the ledger with the escrow: each open job with its record on chain, and what they hold in all; both at one block.
import type { Hex } from 'viem'
import { type JobRecord, STATUS_STEPS } from '../../core/escrow/jobRecord.ts'
import type { RouterTotals } from '../../core/escrow/routerReads.ts'
import type { Metrics } from '../../core/health/metrics.ts'
import type { JobsContext } from '../../core/jobs/context.ts'
import type { Job, JobState } from '../../core/jobs/job.ts'

// An event is applied to the job before the cursor goes on, so a difference counts only if it is there twice.
const LOOK_AGAIN_MS = 10_000
const AT_ONCE = 8

/** How far a job is, by its document and by the chain; states before a payment may have terms and no deposit. */
const DOCUMENT_STEPS: Partial<Record<JobState, number>> = {
  signed: 0,
  paying: 0,
  funded: 1,
  starting: 1,
  cancelling: 1,
  active: 2,
  running: 2,
  finishing: 2,
  settling: 2,
}
const STATES = Object.keys(DOCUMENT_STEPS) as JobState[]

export interface ReconcileContext {
  readonly context: Pick<JobsContext, 'jobs' | 'clock' | 'log'>
  readonly metrics: Metrics
  /** The last block whose events are all applied; undefined while there is much still to be read. */
  finalBlock(): Promise<bigint | undefined>
  readJob(id: Hex, blockNumber: bigint, signal: AbortSignal): Promise<JobRecord | undefined>
  readTotals(blockNumber: bigint, signal: AbortSignal): Promise<RouterTotals>
  /** Applies once more what the chain said of this job up to the block. */
  applyAgain(job: Job, toBlock: bigint, signal: AbortSignal): Promise<void>
}

interface Difference {
  readonly job: Job
  readonly chain: JobRecord['status'] | 'none'
  /** The chain has gone further, so an event was missed: to apply it again is safe. */
  readonly isMissed: boolean
}

interface Look extends RouterTotals {
  readonly block: bigint
  readonly differences: readonly Difference[]
  /** What the documents say the router holds. */
  readonly ledgerMicroUsd: bigint
}

/** One sweep: differences are logged as errors and counted, and those are mended that only an event is missing to. */
export async function reconcileJobs(on: ReconcileContext, signal: AbortSignal): Promise<void> {
  const { metrics } = on
  const { log, clock } = on.context
  let look = await lookAt(on, signal)
  if (look && !isEven(look)) {
    await clock.sleep(LOOK_AGAIN_MS, signal)
    const before = new Set(look.differences.map(keyOf))
    const again = await lookAt(on, signal)
    look = again && { ...again, differences: again.differences.filter((found) => before.has(keyOf(found))) }
  }
  if (!look) return
  metrics.set('ledgerLocked', look.ledgerMicroUsd)
  metrics.set('escrowLocked', look.lockedMicroUsd)
  metrics.set('escrowBalance', look.balanceMicroUsd)
  metrics.set('reconcileDifferences', look.differences.length)
  const { block, ledgerMicroUsd, lockedMicroUsd, creditsMicroUsd, balanceMicroUsd } = look
  const figures = { block: String(block), ledger: String(ledgerMicroUsd), locked: String(lockedMicroUsd) }
  if (ledgerMicroUsd !== lockedMicroUsd) log.error({ msg: 'the ledger is not what the escrow holds', ...figures })
  if (balanceMicroUsd < lockedMicroUsd + creditsMicroUsd)
    log.error({ msg: 'the router holds less USDC than it owes', ...figures, balance: String(balanceMicroUsd) })
  for (const { job, chain, isMissed } of look.differences) {
    log.error({
      msg: 'a job differs from the chain',
      ref: job.ref,
      jobId: job.jobId,
      document: job.state,
      chain,
      isMissed,
    })
    if (isMissed) await on.applyAgain(job, block, signal)
  }
}

const keyOf = ({ job, chain }: Difference) => `${job.ref} ${job.state} ${chain}`
const isEven = (look: Look) => look.differences.length === 0 && look.ledgerMicroUsd === look.lockedMicroUsd

async function lookAt(on: ReconcileContext, signal: AbortSignal): Promise<Look | undefined> {
  const block = await on.finalBlock()
  if (block === undefined) return undefined
  const lists = await Promise.all(STATES.map((key) => on.context.jobs.list({ index: 'state', key })))
  const jobs = lists.flat().map(({ value }) => value)
  const differences: Difference[] = []
  let ledgerMicroUsd = 0n
  for (let i = 0; i < jobs.length; i += AT_ONCE) {
    await Promise.all(
      jobs.slice(i, i + AT_ONCE).map(async (job) => {
        if (!job.jobId) return
        const record = await on.readJob(job.jobId, block, signal)
        const [ours = 0, theirs] = [DOCUMENT_STEPS[job.state], record ? STATUS_STEPS[record.status] : 0]
        if (job.funded) ledgerMicroUsd += job.funded.depositMicroUsd - (record?.paidMicroUsd ?? 0n)
        if (ours !== theirs) differences.push({ job, chain: record?.status ?? 'none', isMissed: theirs > ours })
      }),
    )
  }
  return { block, differences, ledgerMicroUsd, ...(await on.readTotals(block, signal)) }
}
