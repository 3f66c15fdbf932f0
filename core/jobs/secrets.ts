// Environment secrets of a job: kept apart from it, handed to its runner alone, deleted as soon as nothing can run any more.
import { z } from 'zod'
import type { Collection, CollectionDefinition } from '../store/store.ts'
import type { JobsContext } from './context.ts'
import { type Refusal, refusal } from './issueTerms.ts'
import type { JobState } from './job.ts'
import { envSchema, type JobEnv, MAX_SECRETS, parseSecrets } from './jobEnv.ts'
import { findBySecretsToken, secretsRefusal } from './secretsLink.ts'

const jobSecretsSchema = z.strictObject({ env: envSchema })
export type JobSecrets = z.output<typeof jobSecretsSchema>
/** By the job's ref. */
export const jobSecrets: CollectionDefinition<JobSecrets> = {
  name: 'jobSecrets',
  schema: jobSecretsSchema,
  indexes: {},
}

/** In these no runner can take the job any more, or it has ended. */
export const SECRETLESS_STATES: readonly JobState[] = [
  'refused',
  'finishing',
  'settling',
  'settled',
  'refunded',
  'lapsed',
  'cancelled',
]

/** Adds to a job that waits for payment, or replaces by name; `clear` removes all that were there before. */
export async function saveSecrets(options: {
  context: JobsContext
  secretsToken: string
  text: string
  clear?: boolean
}): Promise<{ ok: true; names: string[] } | Refusal> {
  const { context, secretsToken, text, clear = false } = options
  const job = await findBySecretsToken(context, secretsToken)
  if (!job) return refusal('unknown-link', 'There is no such link for secrets. Nothing was saved.')
  const refused = secretsRefusal(job, context.clock.now())
  if (refused) return refused
  const parsed = parseSecrets(text)
  if (!parsed.ok) return refusal('bad-secrets', `${parsed.why} Nothing was saved and no money moved.`)
  for (;;) {
    const doc = await context.secrets.get(job.ref)
    const env = { ...(clear ? {} : doc?.value.env), ...parsed.env }
    if (Object.keys(env).length > MAX_SECRETS)
      return refusal(
        'bad-secrets',
        `A job can have ${MAX_SECRETS} secrets at most. Nothing was saved and no money moved.`,
      )
    const stored = doc ? await context.secrets.put(doc, { env }) : await context.secrets.insert(job.ref, { env })
    if (!stored) continue
    // It may have ended meanwhile, after those who forget had looked.
    const now = (await context.jobs.get(job.ref))?.value
    if (!now || SECRETLESS_STATES.includes(now.state)) await forgetSecrets(context, job.ref)
    return { ok: true, names: Object.keys(env).sort() }
  }
}

/** Their names alone: for whoever asked, and for others no more than how many. */
export async function secretNames(context: Pick<JobsContext, 'secrets'>, ref: string): Promise<string[]> {
  return Object.keys((await context.secrets.get(ref))?.value.env ?? {}).sort()
}

/** For the runner that has the job; undefined when there are none. */
export async function envOf(context: Pick<JobsContext, 'secrets'>, ref: string): Promise<JobEnv | undefined> {
  const env = (await context.secrets.get(ref))?.value.env
  return env && Object.keys(env).length > 0 ? env : undefined
}

/** Deletes them for good. */
export async function forgetSecrets(context: { readonly secrets: Collection<JobSecrets> }, ref: string): Promise<void> {
  for (let doc = await context.secrets.get(ref); doc; doc = await context.secrets.get(ref))
    await context.secrets.remove(doc)
}
