// A payment before it is final, for people who wait for it: moves no job, and is taken back when the block is.
import type { Hex } from 'viem'
import type { RouterEvent } from '../escrow/events.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { refOf } from './applyRouterEvent.ts'
import type { JobsContext } from './context.ts'

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

/** Blocks that the chain took back: who paid in them may have to pay again. */
export async function unseePayments({ jobs }: Pick<JobsContext, 'jobs'>, blockHashes: readonly Hex[]): Promise<void> {
  const gone = (hash: Hex | undefined) => hash !== undefined && blockHashes.includes(hash)
  for (const state of WAITING) {
    for (const { id, value } of await jobs.list({ index: 'state', key: state })) {
      if (!gone(value.paymentTx?.seenIn?.hash)) continue
      await updateDocument({
        collection: jobs,
        id,
        change: (job) => (gone(job.paymentTx?.seenIn?.hash) ? { ...job, paymentTx: undefined } : undefined),
      })
    }
  }
}
