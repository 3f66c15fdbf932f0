// The capability to set a job's environment secrets: made when whoever asked wants it, kept in the session, gone with it.
import { createSalt } from '../ids.ts'
import { updateDocument } from '../store/updateDocument.ts'
import type { JobsContext } from './context.ts'
import { payRefusal, type Refusal, refusal } from './issueTerms.ts'
import type { Job } from './job.ts'

/** Why a job's secrets stand as they are; undefined while they can be changed: until it is paid. */
export function secretsRefusal(job: Job, nowMs: number): Refusal | undefined {
  const refused = payRefusal(job, nowMs)
  return refused?.code === 'already-paid'
    ? refusal('already-paid', 'This job is paid, so its secrets stand as they are. Nothing was changed.')
    : refused
}

/** The job's token, the same each time: 256 bits as hex, which a chat takes for a key and refuses when it is pasted there. */
export async function openSecretsLink(
  context: JobsContext,
  ref: string,
): Promise<{ ok: true; secretsToken: string } | Refusal> {
  const job = (await context.jobs.get(ref))?.value
  const refused = job && secretsRefusal(job, context.clock.now())
  if (refused) return refused
  const fresh = createSalt(context.random).slice(2)
  await updateDocument({
    collection: context.sessions,
    id: ref,
    change: (session) => (session.secretsToken ? undefined : { ...session, secretsToken: fresh }),
  })
  const secretsToken = (await context.sessions.get(ref))?.value.secretsToken
  return secretsToken ? { ok: true, secretsToken } : refusal('unknown-link', 'This job is not known any more.')
}

/** The job behind a secrets link. A pay link opens none. */
export async function findBySecretsToken(context: JobsContext, secretsToken: string): Promise<Job | undefined> {
  const [session] = await context.sessions.list({ index: 'secrets', key: secretsToken })
  return session && (await context.jobs.get(session.id))?.value
}
