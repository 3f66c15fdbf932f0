// Sends what waits to be settled: one job by itself, several in one transaction; those that come meanwhile gather for the next.
import { concatHex, type Hex, keccak256 } from 'viem'
import { type Completion, encodeRouterCall } from '../../core/escrow/routerCall.ts'
import { removePlainResults } from '../../core/jobs/evidence.ts'
import type { Job } from '../../core/jobs/job.ts'
import type { Intent } from '../tx/intent.ts'
import { type KeeperContext, outcomeOf } from './keeper.ts'

/** The contract takes no more in one call. */
export const MAX_BATCH = 100
// An estimate would be of no use: the contract catches a job that runs out of gas, so it finds a limit at which some do.
// Above what any completion takes (contracts/gas.json); 100 of them stay below the 2^24 that one transaction may have.
const GAS_PER_JOB = 160_000n
const GAS_BESIDES = 100_000n
// One that hangs for longer must not hold up others.
const GATHER_AT_MOST_MS = 120_000

export const completeId = (jobId: Hex): string => `${jobId}:complete`

type Settling = Job & { readonly jobId: Hex; readonly usedSeconds: number; readonly evidence: { readonly root: Hex } }
const isSettling = (job: Job): job is Settling =>
  job.state === 'settling' && job.jobId !== undefined && job.usedSeconds !== undefined && job.evidence !== undefined

/** The batch that a job went into, if any. There is only one: what it fails in is sent by itself afterwards. */
export async function batchOf(keeper: Pick<KeeperContext, 'intents'>, jobId: Hex): Promise<Intent | undefined> {
  return (await keeper.intents.list({ index: 'covers', key: jobId }))[0]?.value
}

/**
 * Submits all settling jobs that nothing was sent for yet, unless a settlement is still on its way into a block: then
 * they gather. The intent, written in one piece, is what says which jobs a batch is for, so a crash leaves none in two.
 */
export const sendSettlements = (keeper: KeeperContext): Promise<void> =>
  keeper.turns.run('agent', async () => {
    if (await isOneOnItsWay(keeper)) return
    const settling = (await keeper.context.jobs.list({ index: 'state', key: 'settling' })).map(({ value }) => value)
    const waiting: Settling[] = []
    for (const job of settling.filter(isSettling).sort((a, b) => (a.jobId < b.jobId ? -1 : 1))) {
      if (waiting.length === MAX_BATCH) break
      if (!(await outcomeOf(keeper, completeId(job.jobId))) && !(await batchOf(keeper, job.jobId))) waiting.push(job)
    }
    // Once is enough, but before the money moves.
    for (const job of waiting) await removePlainResults({ context: keeper.context, job })
    const [first] = waiting
    if (!first) return
    await keeper.agent.submit({ to: keeper.router, ...(waiting.length === 1 ? single(first) : batch(waiting)) })
  })

const completionOf = (job: Settling): Completion => ({
  id: job.jobId,
  usedSeconds: job.usedSeconds,
  evidenceRoot: job.evidence.root,
})

const single = (job: Settling) => ({
  id: completeId(job.jobId),
  data: encodeRouterCall({ verb: 'complete', ...completionOf(job) }),
})

function batch(jobs: readonly Settling[]) {
  const covers = jobs.map(({ jobId }) => jobId)
  return {
    id: `batch-${keccak256(concatHex(covers))}:complete`,
    data: encodeRouterCall({ verb: 'completeMany', completions: jobs.map(completionOf) }),
    gas: GAS_BESIDES + GAS_PER_JOB * BigInt(jobs.length),
    covers,
  }
}

async function isOneOnItsWay({ intents, context }: KeeperContext): Promise<boolean> {
  const sinceMs = context.clock.now() - GATHER_AT_MOST_MS
  for (const state of ['planned', 'signed', 'sent']) {
    const docs = await intents.list({ index: 'state', key: state })
    if (docs.some(({ id, value }) => /:complete(:\d+)?$/.test(id) && value.createdAtMs > sinceMs)) return true
  }
  return false
}
