// The job record on chain, in our names and units.
import type { Address, Hex, PublicClient } from 'viem'
import { computeRouterAbi } from '../../contracts/abi/ComputeRouter.ts'
import { type MicroUsd, type MicroUsdPerJobHour, perJobHour } from '../money.ts'
import { type CallLimits, withDeadline } from './deadline.ts'

const statuses = ['none', 'funded', 'active', 'settled', 'refunded', 'expired'] as const
/** Where a job stands on chain; settled, refunded and expired are final. */
type JobStatus = Exclude<(typeof statuses)[number], 'none'>

/** How far each is: the chain goes only up these, so a lower one than known is an older state. */
export const STATUS_STEPS: Readonly<Record<JobStatus, number>> = {
  funded: 1,
  active: 2,
  settled: 3,
  refunded: 3,
  expired: 3,
}

/** What the chain keeps of a job; the whole terms are in its JobFunded event. */
export interface JobRecord {
  id: Hex
  status: JobStatus
  refundTo: Address
  provider: Hex
  payout: Address
  gpuCount: number
  pricePerHour: MicroUsdPerJobHour
  maxSeconds: number
  minSeconds: number
  usedSeconds: number
  feeBps: number
  depositMicroUsd: MicroUsd
  /** Released so far, fee included. */
  paidMicroUsd: MicroUsd
  startByMs: number
  startedAtMs: number | undefined
  stopRequestedAtMs: number | undefined
  decisionRoot: Hex
  tracked: boolean
  /** Undefined when untracked. */
  memberTag: Hex | undefined
  /** False: the quote rests on a token price that no feed on this chain could confirm. */
  priceVerified: boolean
}

/** Reads a job; undefined when the router does not know it. `blockNumber` reads the past, for confirmation at depth. */
export async function readJob(
  options: CallLimits & {
    client: Pick<PublicClient, 'readContract'>
    router: Address
    id: Hex
    blockNumber?: bigint | undefined
  },
): Promise<JobRecord | undefined> {
  const { client, router, id, blockNumber, ...limits } = options
  const job = await withDeadline(
    () =>
      client.readContract({
        address: router,
        abi: computeRouterAbi,
        functionName: 'getJob',
        args: [id],
        ...(blockNumber === undefined ? {} : { blockNumber }),
      }),
    'job record',
    limits,
  )
  const status = statuses[job.status]
  if (status === undefined || status === 'none') return undefined
  return {
    id,
    status,
    refundTo: job.refundTo,
    provider: job.provider,
    payout: job.payout,
    gpuCount: job.gpuCount,
    pricePerHour: perJobHour(job.pricePerHour),
    maxSeconds: job.maxSeconds,
    minSeconds: job.minSeconds,
    usedSeconds: job.usedSeconds,
    feeBps: job.feeBps,
    depositMicroUsd: job.deposit,
    paidMicroUsd: job.paid,
    startByMs: job.startBy * 1000,
    startedAtMs: job.startedAt === 0 ? undefined : job.startedAt * 1000,
    stopRequestedAtMs: job.stopRequestedAt === 0 ? undefined : job.stopRequestedAt * 1000,
    decisionRoot: job.decisionRoot,
    tracked: job.tracked,
    memberTag: job.tracked ? job.memberTag : undefined,
    priceVerified: job.priceVerified,
  }
}
