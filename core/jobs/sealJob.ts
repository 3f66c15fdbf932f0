// Seals a job's decision: identity added or not, one canonical record, its bytes kept and queued for 0G.
import { createSalt } from '../ids.ts'
import type { RecordUser } from '../record/record.ts'
import { seal } from '../record/seal.ts'
import { userTag } from '../record/userTag.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { pseudonymOf } from '../teams/pseudonym.ts'
import { memberKey } from '../teams/team.ts'
import type { JobsContext } from './context.ts'
import { routingPolicy } from './decideJob.ts'
import type { Job } from './job.ts'
import { getMarketInput, removeMarketInput } from './marketInput.ts'
import { queueUpload } from './upload.ts'

/** ZERO-01: seals what was decided, once; the job as sealed. Undefined: there is no decision to seal. */
export async function sealJob(options: { context: JobsContext; ref: string }): Promise<Job | undefined> {
  const { context, ref } = options
  const job = await freeze(context, ref)
  if (!job || job.record) return job
  const input = await getMarketInput(context.blobs, ref)
  if (!input) return undefined
  const identity = job.mode === 'tracked' ? await identify(context, job) : undefined
  const sealed = seal({
    ref,
    sequence: 1,
    createdAtMs: input.decidedAtMs,
    ask: job.ask,
    providers: input.providers,
    offers: input.offers,
    tokens: input.tokens,
    policy: routingPolicy(context.policy),
    pick: job.pick,
    workload: job.workload?.hash,
    user: identity?.record,
  })
  // The bytes are safe before the document says that they exist.
  await queueUpload({ ...context, kind: 'record', ref, bytes: sealed.bytes, nowMs: context.clock.now() })
  const { root, hash, length, record } = sealed
  const stored = await updateDocument({
    collection: context.jobs,
    id: ref,
    change: (now) =>
      now.record
        ? undefined
        : {
            ...now,
            record: { sequence: 1, root, hash, length, sealedAtMs: context.clock.now() },
            ...(record.selection && { selection: record.selection }),
            ...(identity && { user: identity.stored }),
          },
  })
  await removeMarketInput(context.blobs, ref)
  return stored?.value ?? (await context.jobs.get(ref))?.value
}

/** From here on mode and pick stand, so that nobody is named in a record after choosing not to be. */
async function freeze(context: JobsContext, ref: string): Promise<Job | undefined> {
  const change = (job: Job): Job | undefined => (job.sealing ? undefined : { ...job, sealing: true })
  const stored = await updateDocument({ collection: context.jobs, id: ref, change })
  return (stored ?? (await context.jobs.get(ref)))?.value
}

/** MODE-01: who asked, as the record may say it and as the job document keeps it. */
async function identify(
  context: JobsContext,
  job: Job,
): Promise<{ record: RecordUser; stored: NonNullable<Job['user']> } | undefined> {
  const session = (await context.sessions.get(job.ref))?.value
  if (!session) return undefined
  const { pseudonyms, random } = context
  const member = memberKey(session.principal)
  const memberSalt = createSalt(random)
  const memberTag = userTag({ domain: 'member', id: member, salt: memberSalt })
  const record: RecordUser = {
    member: { pseudonym: await pseudonymOf({ pseudonyms, id: member, kind: 'member', random }), tag: memberTag },
  }
  const stored = { ...session.principal, memberSalt, memberTag }
  if (job.teamId === undefined) return { record, stored }
  const teamSalt = createSalt(random)
  const teamTag = userTag({ domain: 'team', id: job.teamId, salt: teamSalt })
  const pseudonym = await pseudonymOf({ pseudonyms, id: job.teamId, kind: 'team', random })
  return { record: { ...record, team: { pseudonym, tag: teamTag } }, stored: { ...stored, teamSalt, teamTag } }
}
