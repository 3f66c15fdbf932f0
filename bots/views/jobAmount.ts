// What a job cost, or can cost at most.
import type { Job } from '../../core/jobs/job.ts'
import type { MicroUsd } from '../../core/money.ts'
import { usdc } from './words.ts'

/** What a settled job cost its payer, fee included. */
export const chargedOf = (job: Job): MicroUsd => (job.settled ? job.settled.paidMicroUsd + job.settled.feeMicroUsd : 0n)

/** "1.20 USDC", "≤ 9.60 USDC" while it is in escrow, "–" where nothing was paid. */
export function amountOf(job: Job): string {
  if (job.settled) return usdc(chargedOf(job))
  if (job.refunded) return `0.00 USDC`
  return job.funded ? `≤ ${usdc(job.funded.depositMicroUsd)}` : '–'
}
