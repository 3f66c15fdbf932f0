// What a settled job cost its payer.
import type { MicroUsd } from '../money.ts'
import type { Job } from './job.ts'

/** Paid to the provider and Necto's fee together; zero while nothing was settled. */
export const chargedOf = (job: Job): MicroUsd => (job.settled ? job.settled.paidMicroUsd + job.settled.feeMicroUsd : 0n)
