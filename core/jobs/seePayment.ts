// A payment before it is final, for people who wait for it: moves no job, and is taken back when the block is.
import type { RouterEvent } from '../escrow/events.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { refOf } from './applyRouterEvent.ts'
import type { JobsContext } from './context.ts'
import type { Job } from './job.ts'

const WAITING = ['signed', 'paying'] as const
const isWaiting = (state: string): boolean => WAITING.some((one) => one === state)

/** Notes the block of a payment that may still be taken back; other events change nothing. */
export async function seePayment({ jobs }: Pick<JobsContext, 'jobs'>, event: RouterEvent): Promise<void> {
  if (event.name !== 'JobFunded') return
  const { transactionHash: txHash, blockNumber: number, blockHash: hash } = event.at
  await updateDocument({
    collection: jobs,
    id: refOf(event.terms.ref),
    change: (job) => (isWaiting(job.state) ? { ...job, paymentTx: { txHash, seenIn: { number, hash } } } : undefined),
  })
}

/** Nothing seen in this block or above is known to be of the chain any more: who paid there may have to pay again. */
export async function unseePayments({ jobs }: Pick<JobsContext, 'jobs'>, fromBlock: bigint): Promise<void> {
  const isGone = ({ paymentTx }: Job) => paymentTx?.seenIn !== undefined && paymentTx.seenIn.number >= fromBlock
  for (const state of WAITING) {
    for (const { id, value } of await jobs.list({ index: 'state', key: state })) {
      if (!isGone(value)) continue
      await updateDocument({
        collection: jobs,
        id,
        change: (job) => (isGone(job) ? { ...job, paymentTx: undefined } : undefined),
      })
    }
  }
}
