// What a job that is over cost its payer.
import type { MicroUsd } from '../money.ts'
import type { Job } from './job.ts'

/** Paid to the provider and Necto's fee together, also of a job that expired after checkpoints; zero before the end. */
export const chargedOf = ({ settled, refunded }: Job): MicroUsd =>
  settled ? settled.paidMicroUsd + settled.feeMicroUsd : (refunded?.paidMicroUsd ?? 0n)
