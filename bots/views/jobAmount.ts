// What a job cost, or can cost at most.
import { chargedOf } from '../../core/jobs/chargedOf.ts'
import type { Job } from '../../core/jobs/job.ts'
import { usdc } from './words.ts'

/** "1.20 USDC", "≤ 9.60 USDC" while it is in escrow, "–" where nothing was paid. */
export function amountOf(job: Job): string {
  if (job.settled || job.refunded) return usdc(chargedOf(job))
  return job.funded ? `≤ ${usdc(job.funded.depositMicroUsd)}` : '–'
}
