// A job's document made again from what the chain and 0G hold of it; what neither holds stays away.
import type { Address } from 'viem'
import { feeOf } from '../../core/escrow/metering.ts'
import type { Job } from '../../core/jobs/job.ts'
import type { PublicEvidence } from '../../core/jobs/publicEvidence.ts'
import type { Launch } from '../../core/launch/launch.ts'
import { parseUsd } from '../../core/money.ts'
import type { JobEnd, JobStory } from './jobStories.ts'
import { restoreDecision } from './restoreDecision.ts'
import type { Decision } from './storedFiles.ts'

const NOTHING_TO_RUN = 'What it was to run was lost with our records.'
const SENT_BACK = 'The deposit was sent back; the reason was lost with our records.'
const MACHINE_LOST = 'The way to its machine was lost with our records, so only what was paid for by then counts.'

export interface RestoreOptions {
  readonly story: JobStory
  /** Block times of the payment and of the end. */
  readonly paidAtMs: number
  readonly endedAtMs: number | undefined
  readonly decision: Decision | undefined
  readonly evidence: PublicEvidence | undefined
  /** Who signs for this seller, as far as it is known from an earlier receipt. */
  readonly runner: Address | undefined
  readonly linkToken: string
  readonly names: Readonly<Record<string, string>>
}

/** Pure, so that the same chain and 0G always make the same document. */
export function restoreJob(options: RestoreOptions): Job {
  const { story, paidAtMs, decision, linkToken, names } = options
  const { funded, started } = story
  const { terms, payout } = funded
  const startedAtMs = started?.startedAtMs
  const decided = restoreDecision({ decision, terms, paidAtMs, storedAtMs: startedAtMs ?? paidAtMs, payout, names })
  return {
    ref: story.ref,
    mode: terms.tracked ? 'tracked' : 'untracked',
    scan: [],
    sealing: true,
    restored: true,
    linkToken,
    ...decided,
    terms,
    jobId: funded.id,
    funded: {
      txHash: funded.at.transactionHash,
      atMs: paidAtMs,
      payer: funded.payer,
      depositMicroUsd: funded.depositMicroUsd,
      payout,
    },
    ...(started && { started: { txHash: started.at.transactionHash, atMs: started.startedAtMs } }),
    ...(startedAtMs === undefined
      ? notStarted(options)
      : story.end
        ? ended({ ...options, end: story.end, launch: decided.launch })
        : underWay({ ...options, startedAtMs, launch: decided.launch })),
  }
}

type Standing = Pick<Job, 'state'> & Partial<Job>

function notStarted(options: RestoreOptions): Standing {
  const { story } = options
  if (story.end) return ended({ ...options, end: story.end, launch: undefined })
  return { state: 'cancelling', cancelReason: NOTHING_TO_RUN }
}

/** Its seller's runner may still have it; a machine that Necto rented knows an address that is gone. */
function underWay(options: RestoreOptions & { startedAtMs: number; launch: Launch | undefined }): Standing {
  const { story, startedAtMs, launch, runner } = options
  const { checkpointSeconds, stopRequested } = story
  if (launch || !runner) {
    return {
      state: 'finishing',
      // What the chain has already paid is all that anybody can still prove; the rest goes back.
      usedSeconds: checkpointSeconds,
      // No name of a machine, but its launcher finds by the job's id whatever still runs for it.
      ...(launch && {
        launch: { ...launch, requestedAtMs: startedAtMs, askedAtMs: startedAtMs, attempt: 1, why: MACHINE_LOST },
      }),
    }
  }
  return {
    state: 'running',
    run: {
      runner,
      // When it took the job is lost: never before the start, and what it then signs for is the bound.
      acceptedAtMs: startedAtMs,
      // Unless it is heard again, it is paid up to here.
      lastSeenAtMs: startedAtMs + checkpointSeconds * 1000,
      checkpointSeconds,
      stopRequested,
      // It sends its log once more from the beginning.
      logChunks: 0,
      logBytes: 0,
    },
  }
}

function ended(options: RestoreOptions & { end: JobEnd; launch: Launch | undefined }): Standing {
  const { story, end, endedAtMs, launch } = options
  const at = { txHash: end.at.transactionHash, atMs: endedAtMs ?? 0 }
  if (end.name !== 'JobSettled') {
    const why =
      end.name === 'JobExpired'
        ? 'The job was never completed.'
        : end.cancelled
          ? SENT_BACK
          : 'The job did not start in time.'
    const paid = end.name === 'JobExpired' && { paidMicroUsd: end.paidMicroUsd }
    const refunded = { ...at, refundedMicroUsd: end.refundedMicroUsd, ...paid, why }
    return { state: 'refunded', refunded, ...(launch && { launch: returned(options, launch) }) }
  }
  const feeMicroUsd = feeOf(end.paidMicroUsd, story.funded.terms.feeBps)
  return {
    state: 'settled',
    usedSeconds: end.usedSeconds,
    settled: {
      ...at,
      paidMicroUsd: end.paidMicroUsd - feeMicroUsd,
      feeMicroUsd,
      refundedMicroUsd: end.refundedMicroUsd,
    },
    ...runOf(options),
    ...(launch && { launch: returned(options, launch) }),
  }
}

/** The run as its public evidence tells it. */
function runOf(options: RestoreOptions & { launch: Launch | undefined }): Partial<Pick<Job, 'run' | 'evidence'>> {
  const { story, evidence, launch } = options
  const { end } = story
  if (end?.name !== 'JobSettled') return {}
  // As the desk of such machines writes it.
  const runner = launch ? launch.payout : options.runner
  const root = end.evidenceRoot
  if (!evidence) return { evidence: { root } }
  const { log, output, seen, signed } = evidence
  const files = { root, ...(log && { log }), ...(output && { output }) }
  if (!seen || !runner) return { evidence: files }
  const exitCode = signed?.receipt.exitCode ?? evidence.exitCode
  const acceptedAtMs = seen.acceptedAt * 1000
  const lastSeenAtMs = acceptedAtMs + seen.seconds * 1000
  return {
    evidence: files,
    run: {
      ...{ runner, acceptedAtMs, lastSeenAtMs, endedAtMs: lastSeenAtMs, stopRequested: story.stopRequested },
      ...{ logChunks: 0, logBytes: 0 },
      ...(seen.checkpointSeconds !== undefined && { checkpointSeconds: seen.checkpointSeconds }),
      ...(exitCode !== undefined && { exitCode }),
    },
  }
}

/** Given back when its bill is in the evidence; else the keeper looks once more whether anything still runs. */
function returned({ evidence, story, endedAtMs }: RestoreOptions, launch: Launch): Launch {
  const { invoice: shown } = evidence ?? {}
  const amountMicroUsd = shown && parseUsd(shown.usd)
  const askedAtMs = story.started?.startedAtMs
  if (!shown || amountMicroUsd === undefined) return askedAtMs === undefined ? launch : { ...launch, askedAtMs }
  const { how } = shown
  const basis = shown.basis === 'charged' ? 'charged' : 'computed'
  return { ...launch, invoice: { amountMicroUsd, basis, how }, closedAtMs: endedAtMs ?? 0 }
}
