// Where the money of a refunded job went, in words: after checkpoints not all of it came back.
import type { Job } from '../../core/jobs/job.ts'
import { usdc } from './words.ts'

export function refundText({ why, refundedMicroUsd, paidMicroUsd = 0n }: NonNullable<Job['refunded']>): string {
  const back = `${why} ${usdc(refundedMicroUsd)} went back`
  if (paidMicroUsd === 0n) return `${back}, nothing was charged.`
  return `${back}; ${usdc(paidMicroUsd)} were paid for the time that was used.`
}
