// The job: one document from the ask to the payout. Nothing in it names a person unless the job is tracked.
import { z } from 'zod'
import { address, bytes32, hexBytes, instantMs, integerText, microUsd } from '../codecs.ts'
import { termsSchema } from '../escrow/terms.ts'
import { launchSchema } from '../launch/launch.ts'
import { askSchema, workloadSchema } from '../market/ask.ts'
import { selectionSchema } from '../record/record.ts'
import type { CollectionDefinition } from '../store/store.ts'
import { cardSchema } from './card.ts'
import { handedReceiptSchema } from './runnerDesk.ts'

export const jobMode = z.enum(['tracked', 'untracked'])
export type JobMode = z.output<typeof jobMode>

export const jobState = z.enum([
  'scanning',
  'refused',
  'offered',
  'ordered',
  'signed',
  'paying',
  'funded',
  'starting',
  'active',
  'running',
  'finishing',
  'settling',
  'cancelling',
  'settled',
  'refunded',
  'lapsed',
  'cancelled',
])
export type JobState = z.output<typeof jobState>

/** How far one provider's scan has come, as the live message shows it. */
export const providerProgress = z.strictObject({
  id: z.string(),
  name: z.string(),
  state: z.enum(['scanning', 'answered', 'failed', 'late', 'skipped']),
  offers: z.int().optional(),
  ms: z.int().optional(),
  ageMs: z.int().optional(),
  /** Why it failed or was skipped, or what its answer lacks. */
  note: z.string().optional(),
})
export type ProviderProgress = z.output<typeof providerProgress>

/** A sealed decision: which bytes, and whether 0G has them. */
export const sealedSchema = z.strictObject({
  sequence: z.int().positive(),
  root: bytes32,
  hash: bytes32,
  length: z.int().positive(),
  sealedAtMs: instantMs,
})

const chainStep = z.strictObject({ txHash: bytes32, atMs: instantMs })

/** One file of the evidence, encrypted before it left. */
export const evidenceFile = z.strictObject({
  root: bytes32,
  length: z.int().nonnegative(),
  plainLength: z.int().nonnegative(),
})

const userSchema = z.strictObject({
  platform: z.string(),
  userId: z.string(),
  label: z.string(),
  memberSalt: bytes32,
  memberTag: bytes32,
  teamSalt: bytes32.optional(),
  teamTag: bytes32.optional(),
})

export const jobSchema = z.strictObject({
  ref: z.string(),
  state: jobState,
  mode: jobMode,
  askedAtMs: instantMs,
  ask: askSchema,
  workload: z.strictObject({ value: workloadSchema, salt: bytes32, hash: bytes32 }).optional(),
  /** The team (a group chat) it was asked in; a private chat is a person, so it never stands here. */
  teamId: z.string().optional(),
  scan: z.array(providerProgress),
  scannedMs: z.int().optional(),
  card: cardSchema.optional(),
  /** Until when the quote may be funded. */
  quoteExpiresAtMs: instantMs.optional(),
  /** The offer a person chose instead of the recommendation. */
  pick: z.string().optional(),
  /** The decision is being sealed, or is: mode, pick and `user` stand. */
  sealing: z.boolean().optional(),
  /** The seller's listing that the chosen offer came from. */
  listingId: z.string().optional(),
  /** The machine that Necto rents elsewhere for it; such a job has no listing. */
  launch: launchSchema.optional(),
  /** What was selected, in the words of the terms. */
  selection: selectionSchema.optional(),
  record: sealedSchema.optional(),
  recordStored: z.strictObject({ txHash: bytes32.optional(), txSeq: z.int(), atMs: instantMs }).optional(),
  /** The capability in the pay page's and job page's address. */
  linkToken: z.string().optional(),
  /** The first that were signed for its quote; from the authorization or the payment on, those paid. */
  terms: termsSchema.optional(),
  quoteSignature: hexBytes.optional(),
  /** The hash of the terms. */
  jobId: bytes32.optional(),
  authorization: z
    .strictObject({
      from: address,
      validAfter: integerText,
      validBefore: integerText,
      signature: hexBytes,
      receivedAtMs: instantMs,
    })
    .optional(),
  /** The paying transaction before it is final: sent by the relay, or seen in a block. */
  paymentTx: z
    .strictObject({ txHash: bytes32, seenIn: z.strictObject({ number: integerText, hash: bytes32 }).optional() })
    .optional(),
  /** `payout`: who is paid for it, whatever the registry says later. */
  funded: chainStep.extend({ payer: address, depositMicroUsd: microUsd, payout: address.optional() }).optional(),
  started: chainStep.optional(),
  run: z
    .strictObject({
      runner: address,
      acceptedAtMs: instantMs,
      lastSeenAtMs: instantMs,
      /** Log chunks stored so far, as blobs numbered from 0, and their bytes. */
      logChunks: z.int().nonnegative(),
      logBytes: z.int().nonnegative(),
      outputBytes: z.int().nonnegative().optional(),
      /** Seconds released on the way, as far as a transaction for it was stored. */
      checkpointSeconds: z.int().nonnegative().optional(),
      stopRequested: z.boolean(),
      receipt: handedReceiptSchema.optional(),
      /** Of a rented machine, which signs no receipt. */
      exitCode: z.int().optional(),
      endedAtMs: instantMs.optional(),
    })
    .optional(),
  /** What is paid for: min(receipt, span the keeper saw, wall clock, maxSeconds). */
  usedSeconds: z.int().nonnegative().optional(),
  /** The latest block's time when that was fixed, in Unix seconds: the end of the wall clock. */
  meteredAtSeconds: z.int().nonnegative().optional(),
  evidence: z.strictObject({ root: bytes32, log: evidenceFile.optional(), output: evidenceFile.optional() }).optional(),
  settled: chainStep.extend({ paidMicroUsd: microUsd, feeMicroUsd: microUsd, refundedMicroUsd: microUsd }).optional(),
  /** `paidMicroUsd`: paid on the way before it expired, fee included. Absent in documents of an earlier version. */
  refunded: chainStep
    .extend({ refundedMicroUsd: microUsd, paidMicroUsd: microUsd.optional(), why: z.string() })
    .optional(),
  /** Why the deposit is to go back. */
  cancelReason: z.string().optional(),
  /** The payer asked on chain for a stop before a runner had the job; from then on the run itself says so. */
  stopRequested: z.boolean().optional(),
  /** The latest thing that holds the job up, for people; gone when it is over. */
  trouble: z.strictObject({ code: z.string(), text: z.string() }).optional(),
  /** Only in a tracked job, from sealing on. */
  user: userSchema.optional(),
  /** Made again by `necto rebuild` from what everybody can read: who asked and what was to run are lost. */
  restored: z.literal(true).optional(),
  /** The key of log and output in a tracked job; an untracked job's is in its session. */
  resultKey: bytes32.optional(),
})
export type Job = z.output<typeof jobSchema>

export const jobs: CollectionDefinition<Job> = {
  name: 'jobs',
  schema: jobSchema,
  indexes: {
    state: (job) => [job.state],
    team: (job) => (job.teamId ? [job.teamId] : []),
    listing: (job) => (job.listingId ? [job.listingId] : []),
    jobId: (job) => (job.jobId ? [job.jobId] : []),
    restoredRunner: ({ restored, run }) => (restored && run ? [run.runner.toLowerCase()] : []),
    machine: (job) => (job.launch?.token ? [job.launch.token] : []),
    link: (job) => (job.linkToken ? [job.linkToken] : []),
    root: (job) => (job.record ? [job.record.root] : []),
    user: (job) => (job.user ? [`${job.user.platform}:${job.user.userId}`] : []),
  },
}

/** A state that nothing leads out of. */
export const isEnded = (job: Pick<Job, 'state'>): boolean =>
  ['refused', 'settled', 'refunded', 'lapsed', 'cancelled'].includes(job.state)

/** How its program ended, whoever said so. */
export const exitCodeOf = ({ run }: Pick<Job, 'run'>): number | undefined =>
  run?.receipt?.receipt.exitCode ?? run?.exitCode
