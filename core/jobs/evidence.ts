// The evidence of a run: the runner's signed receipt or the provider's invoice, and its log and output encrypted, as they go to 0G.
import { bytesToHex, hexToBytes } from 'viem'
import type { Invoice } from '../launch/launcher.ts'
import { formatUsd } from '../money.ts'
import { canonicalBytes } from '../record/canonicalJson.ts'
import type { JobsContext } from './context.ts'
import type { Job } from './job.ts'
import { readLog, readOutput, removePlain } from './jobLog.ts'
import { resultKeyOf } from './logTail.ts'
import { evidenceSchema } from './publicEvidence.ts'
import { encryptResult } from './resultCipher.ts'
import { queueUpload } from './upload.ts'
import { seenSeconds } from './usedSeconds.ts'

/** Encrypts log and output, queues everything for 0G, and answers what the job document keeps. */
export async function storeEvidence(options: {
  context: JobsContext
  job: Job
  usedSeconds: number
}): Promise<NonNullable<Job['evidence']>> {
  const { context, job, usedSeconds } = options
  const { blobs, uploads, clock } = context
  const jobId = job.jobId ?? '0x'
  const key = await resultKeyOf(context, job)
  const chunks = job.run?.logChunks ?? 0
  const store = async (kind: 'log' | 'output', plain: Uint8Array) => {
    if (plain.length === 0 || !key) return undefined
    const bytes = await encryptResult({ key, jobId, kind, bytes: plain })
    const { root, length } = await queueUpload({ uploads, blobs, kind, ref: job.ref, bytes, nowMs: clock.now() })
    return { root, length, plainLength: plain.length }
  }
  // Metered again after a settlement was prepared, they are what was stored for it: in plain they are gone, or half gone.
  const { log: storedLog, output: storedOutput } = job.evidence ?? {}
  const log = storedLog ?? (await store('log', await readLog({ blobs, jobId, chunks })))
  const output = storedOutput ?? (await store('output', await readOutput({ blobs, jobId })))
  const files = { ...(log && { log }), ...(output && { output }) }
  const handed = job.run?.receipt
  const sealedSalt =
    handed && key && (await encryptResult({ key, jobId, kind: 'salt', bytes: hexToBytes(handed.salt) }))
  // Through the schema, so that nothing else can slip into what everybody may read.
  const evidence = evidenceSchema.parse({
    schema: 'necto.evidence/2',
    jobId,
    usedSeconds,
    ...seenOf(job),
    ...(handed && { signed: { receipt: handed.receipt, signature: handed.signature } }),
    ...(sealedSalt && { sealedSalt: bytesToHex(sealedSalt) }),
    ...(job.run?.exitCode !== undefined && { exitCode: job.run.exitCode }),
    ...(job.launch?.invoice && { invoice: shownInvoice(job.launch.provider, job.launch.invoice) }),
    ...files,
  })
  const bytes = canonicalBytes(evidence)
  const { root } = await queueUpload({ uploads, blobs, kind: 'evidence', ref: job.ref, bytes, nowMs: clock.now() })
  return { root, ...files }
}

/** Whole seconds: with the receipt and the chain, a stranger comes to the same `usedSeconds`. */
function seenOf({ run, meteredAtSeconds }: Job) {
  if (!run) return {}
  const { acceptedAtMs, checkpointSeconds } = run
  return {
    seen: {
      acceptedAt: Math.floor(acceptedAtMs / 1000),
      seconds: seenSeconds(run),
      ...(checkpointSeconds !== undefined && { checkpointSeconds }),
      ...(meteredAtSeconds !== undefined && { meteredAt: meteredAtSeconds }),
    },
  }
}

const shownInvoice = (provider: string, { amountMicroUsd, basis, how }: Invoice) => ({
  provider,
  usd: formatUsd(amountMicroUsd),
  basis,
  how,
})

/** Removes what must not outlive the run in plain: called once the encrypted copies are stored in the job. */
export const removePlainResults = ({ context, job }: { context: JobsContext; job: Job }): Promise<void> =>
  removePlain({ blobs: context.blobs, jobId: job.jobId ?? '0x', chunks: job.run?.logChunks ?? 0 })
