// The log of a running job for who holds its result key: encrypted part by part, so that a link alone opens nothing.
import type { JobsContext } from './context.ts'
import type { Job } from './job.ts'
import { readLogChunk } from './jobLog.ts'
import { encryptResult } from './resultCipher.ts'

// Small enough for a phone, large enough that a long log is there after a few requests.
const PART_BYTES = 256 * 1024

/** The key of a job's log and output: in the job when tracked, else in its session, which goes with its end. */
export const resultKeyOf = async ({ sessions }: Pick<JobsContext, 'sessions'>, job: Job) =>
  job.resultKey ?? (await sessions.get(job.ref))?.value.resultKey

/** Whether the log grows, or did until a moment ago: from the first sign of a runner until the stored copy exists. */
export const hasLogTail = (job: Job): boolean => job.run !== undefined && job.evidence === undefined

/**
 * The log from chunk `from` on, as `resultCipher` encrypts `log-<from>-<next>`; no bytes when there is nothing new.
 * undefined: this job has no log that grows.
 */
export async function sealLogTail(options: {
  context: Pick<JobsContext, 'sessions' | 'blobs'>
  job: Job
  from: number
}): Promise<{ bytes: Uint8Array | undefined; next: number } | undefined> {
  const { context, job, from } = options
  const { jobId, run } = job
  const key = await resultKeyOf(context, job)
  if (!hasLogTail(job) || !jobId || !run || !key) return undefined
  const parts: Uint8Array[] = []
  let size = 0
  let next = from
  while (next < run.logChunks && size < PART_BYTES) {
    const part = await readLogChunk({ blobs: context.blobs, jobId, number: next })
    // Gone with the end of the run, a moment ago.
    if (!part) return undefined
    parts.push(part)
    size += part.length
    next += 1
  }
  if (next === from) return { bytes: undefined, next }
  const plain = Buffer.concat(parts)
  return { bytes: await encryptResult({ key, jobId, kind: `log-${from}-${next}`, bytes: plain }), next }
}
