// What a job document keeps of the machine that Necto rents for it at another provider.
import { z } from 'zod'
import { address, instantMs } from '../codecs.ts'
import { offerSchema } from '../market/offer.ts'
import { invoiceSchema } from './launcher.ts'

export const launchSchema = z.strictObject({
  provider: z.string(),
  /** As sealed. */
  offer: offerSchema,
  /** Necto's own wallet, which the escrow pays and the provider is paid from. */
  payout: address,
  /** The capability in the address that the machine calls; gone when the job has ended. */
  token: z.string().optional(),
  /** Which boot of which machine took the job: another one does not run it a second time. */
  boot: z.string().optional(),
  /** When a machine was first and last asked for, written before the provider hears of it; the attempt counts from 1. */
  requestedAtMs: instantMs.optional(),
  askedAtMs: instantMs.optional(),
  attempt: z.int().positive().optional(),
  /** When it was last asked for without an answer: kept until one came, and written before, as the process may die. */
  unsureSinceMs: instantMs.optional(),
  /** The provider's name for the machine. */
  ref: z.string().optional(),
  launchedAtMs: instantMs.optional(),
  /** Why it did not run to its end, for people. */
  why: z.string().optional(),
  /** From here on nothing is billed. */
  stoppedAtMs: instantMs.optional(),
  invoice: invoiceSchema.optional(),
  /** Nothing more is to be done or learnt. */
  closedAtMs: instantMs.optional(),
})
export type Launch = z.output<typeof launchSchema>
