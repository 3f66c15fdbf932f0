// Follows the router: payments are shown as soon as they are in a block, jobs move by what is final, and what belongs to none goes back.
import { decodeRouterLog, type RouterEvent } from '../../core/escrow/events.ts'
import type { Metrics } from '../../core/health/metrics.ts'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { seePayment, unseePayments } from '../../core/jobs/seePayment.ts'
import { type ChainFollower, type FollowChainOptions, followChain } from './followChain.ts'
import type { KeeperContext } from './keeper.ts'
import { cancelDeposit } from './startJobs.ts'

/** One final event, for good; the same again does no harm. */
export async function applyFinalEvent(keeper: KeeperContext, event: RouterEvent): Promise<void> {
  const { context } = keeper
  const cancel = await applyRouterEvent(context, event)
  if (!cancel) return
  context.log.warn({ msg: 'deposit goes back', ref: cancel.ref, jobId: cancel.jobId, why: cancel.why })
  await cancelDeposit(keeper, cancel.jobId)
}

export type FollowRouterOptions = Pick<
  FollowChainOptions<RouterEvent>,
  'name' | 'endpoints' | 'cursors' | 'startBlock' | 'confirmations' | 'pollMs' | 'onRead'
> & { readonly keeper: KeeperContext; readonly metrics: Pick<Metrics, 'count'> }

/** The follower of this keeper's router. */
export function followRouter({ keeper, metrics, ...options }: FollowRouterOptions): ChainFollower {
  const { context, router } = keeper
  return followChain<RouterEvent>({
    ...options,
    addresses: [router],
    decode: decodeRouterLog,
    clock: context.clock,
    log: context.log,
    async onEvent(event, isFinal) {
      return isFinal ? applyFinalEvent(keeper, event) : seePayment(context, event)
    },
    onReorg(dropped) {
      metrics.count('reorgs')
      metrics.count('reorgBlocks', dropped.length)
    },
    onForget: (fromBlock) => unseePayments(context, fromBlock),
  })
}
