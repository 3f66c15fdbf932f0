// What a stranger can check, checked: the decision against the chain as `necto verify` does, and the log read back from 0G.
import { NectoError } from '../core/errors.ts'
import type { JobsContext } from '../core/jobs/context.ts'
import type { Job } from '../core/jobs/job.ts'
import { decryptResult } from '../core/jobs/resultCipher.ts'
import { type Verification, type VerifySources, verifyDecision } from '../core/record/verifyDecision.ts'
import { PRINTED } from './smallJob.ts'
import { type Limits, untilChanged } from './untilChanged.ts'

/** Waits until everything of the job is on 0G; how many files. */
export function allStored(options: { context: JobsContext; ref: string; limits: Limits }): Promise<number> {
  const { context, ref, limits } = options
  const { uploads } = context
  return untilChanged({
    what: 'receipt and log to be stored on 0G',
    collection: uploads,
    limits,
    async look() {
      const files = await uploads.list({ index: 'ref', key: ref })
      return files.every(({ value }) => value.state === 'stored') ? files.length : undefined
    },
  })
}

/** Every step of `necto verify`. */
export const verify = (ref: string, sources: VerifySources): Promise<Verification> =>
  verifyDecision({ target: { kind: 'ref', ref }, sources })

/** What the job printed, as 0G gives it and the job's key opens it. Throws when it is not what was to be printed. */
export async function readLogBack(options: {
  context: JobsContext
  job: Job
  sources: VerifySources
}): Promise<string> {
  const { context, job, sources } = options
  const key = (await context.sessions.get(job.ref))?.value.resultKey
  const { jobId, evidence } = job
  if (!key || !jobId || !evidence?.log) throw new NectoError('smoke.log', 'The job has no log to be read.')
  const bytes = await sources.fetchObject(evidence.log.root)
  const text = new TextDecoder().decode(await decryptResult({ key, jobId, kind: 'log', bytes })).trim()
  if (text !== PRINTED) throw new NectoError('smoke.log', `The log says ${JSON.stringify(text.slice(0, 200))}.`)
  return text
}
