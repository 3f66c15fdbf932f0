// The port of a launcher: how Necto rents a machine at one provider with its own account, watches it and gives it back.
import type { Hex } from 'viem'
import { z } from 'zod'
import { microUsd } from '../codecs.ts'
import type { Workload } from '../market/ask.ts'
import type { Offer } from '../market/offer.ts'
import type { MicroUsdPerJobHour } from '../money.ts'

/** What is to be rented and run. Secrets are not in it: the machine fetches them, so that no provider keeps them. */
export interface LaunchOrder {
  readonly jobId: Hex
  /** Counted from 1: the next one follows only an error that says nothing was started, and may try another zone or host. */
  readonly attempt: number
  /**
   * The answer to an earlier asking was lost a moment ago, so there may be a machine that is not visible yet: where
   * nothing but a list tells it from none, none is to be started now, which is an error 'later'.
   */
  readonly isUnsure?: boolean
  /** As sealed. */
  readonly offer: Offer
  readonly gpuCount: number
  /** What the payer signed for, for the whole job: never rent above it. */
  readonly ceilingUsdPerHour: MicroUsdPerJobHour
  readonly maxSeconds: number
  readonly workload: Workload
  /** Where the machine finds its job and says how it goes. Whoever has this address is the machine. */
  readonly machineUrl: string
}

/** What was rented for a job, or may have been: without `ref` the process died before it could write down the answer. */
export interface Machine {
  readonly jobId: Hex
  readonly offer: Offer
  readonly ref?: string | undefined
  /** When it was last asked for: what was made a moment ago may not be visible yet. */
  readonly askedAtMs: number
}
export type RentedMachine = Machine & { readonly ref: string }

/** `why` of an end is for people: a whole sentence. */
export type MachineStatus =
  | { readonly state: 'starting' }
  | { readonly state: 'running' }
  | { readonly state: 'ended'; readonly cause: 'exited' | 'reclaimed' | 'failed'; readonly why: string }

/** What the provider takes from Necto: its own word, or worked out from its prices. */
export const invoiceSchema = z.strictObject({
  amountMicroUsd: microUsd,
  basis: z.enum(['charged', 'computed']),
  /** What it covers, in a few words. */
  how: z.string().max(300),
})
export type Invoice = z.output<typeof invoiceSchema>

/** Whether Necto's account at a provider may rent, and why not or what else is known of it: a few words without a period. */
export interface Standing {
  readonly mayRent: boolean
  readonly text: string
}

/**
 * One provider's. Every call throws NectoError with `retry`: 'later' = nothing was done, and another time or place may
 * do (capacity, throttled, no network); 'unknown' = it may have been done; 'never' = it will not work (quota,
 * permission, image). The messages are for people.
 */
export interface Launcher {
  readonly provider: string
  /** What its offers are priced in, which is a registry entry each: USD, or a token's symbol. */
  readonly priceAssets: readonly string[]
  /** What an image must have to run there, for people whose job never started: a whole sentence. */
  readonly needs?: string
  /**
   * Why this offer cannot be launched, in words that follow a colon; undefined when it can, whatever the offer itself
   * says. `among`: all that its provider offers just now, where a machine may turn out to be another of them.
   */
  refuses(offer: Offer, among?: readonly Offer[]): string | undefined
  /** What renting there costs beyond the price of such an offer, each as a part of that price. */
  surcharges?(offer: Offer): NonNullable<Offer['fees']>
  /** Asked again with the same job and attempt it answers what it started before. */
  launch(order: LaunchOrder, signal: AbortSignal): Promise<{ readonly ref: string }>
  status(machine: RentedMachine, signal: AbortSignal): Promise<MachineStatus>
  /** Ends whatever runs for the job; resolves when nothing is billed any more, also when nothing ever was. */
  stop(machine: Machine, signal: AbortSignal): Promise<void>
  /** Undefined: it does not say. An error 'later': not yet. */
  invoice?(machine: RentedMachine, signal: AbortSignal): Promise<Invoice | undefined>
  /** Asks by calls that change nothing. 'never': the credentials are not known there. Absent where nothing tells. */
  standing?(signal: AbortSignal): Promise<Standing>
}
