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
  const input = job && !job.record ? await getMarketInput(context.blobs, ref) : undefined
  if (!job || !input) return alreadySealed(context, ref)
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
    user: await recordUser(context, job),
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
          },
  })
  await removeMarketInput(context.blobs, ref)
  return stored?.value ?? (await context.jobs.get(ref))?.value
}

/** The job if its decision is sealed; what a crash left of the way there goes. */
async function alreadySealed(context: JobsContext, ref: string): Promise<Job | undefined> {
  const job = (await context.jobs.get(ref))?.value
  if (!job?.record) return undefined
  await removeMarketInput(context.blobs, ref)
  return job
}

/**
 * From here on mode and pick stand, so that nobody is named in a record after choosing not to be. Who asked is fixed in
 * the same write: a second try after a crash must come to the same tags, or there would be two records of one decision.
 */
async function freeze(context: JobsContext, ref: string): Promise<Job | undefined> {
  const job = (await context.jobs.get(ref))?.value
  if (!job || job.sealing) return job
  const user = job.mode === 'tracked' ? await identify(context, job) : undefined
  const stored = await updateDocument({
    collection: context.jobs,
    id: ref,
    change: (now) =>
      now.sealing || now.mode !== job.mode ? undefined : { ...now, sealing: true, ...(user && { user }) },
  })
  return stored ? stored.value : freeze(context, ref)
}

/** MODE-01: who asked, with fresh salts, as the job document keeps it. */
async function identify(context: JobsContext, job: Job): Promise<Job['user']> {
  const session = (await context.sessions.get(job.ref))?.value
  if (!session) return undefined
  const { principal } = session
  const memberSalt = createSalt(context.random)
  const memberTag = userTag({ domain: 'member', id: memberKey(principal), salt: memberSalt })
  const member = { ...principal, memberSalt, memberTag }
  if (job.teamId === undefined) return member
  const teamSalt = createSalt(context.random)
  return { ...member, teamSalt, teamTag: userTag({ domain: 'team', id: job.teamId, salt: teamSalt }) }
}

/** Who asked as the record may say it; undefined when untracked. */
async function recordUser({ pseudonyms, random }: JobsContext, job: Job): Promise<RecordUser | undefined> {
  const { user, teamId } = job
  if (!user) return undefined
  const named = (id: string, kind: 'member' | 'team') => pseudonymOf({ pseudonyms, id, kind, random })
  const member = { pseudonym: await named(memberKey(user), 'member'), tag: user.memberTag }
  return teamId !== undefined && user.teamTag
    ? { member, team: { pseudonym: await named(teamId, 'team'), tag: user.teamTag } }
    : { member }
}
