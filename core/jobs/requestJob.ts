// A new job: the session that says who asked, then the job that does not.

import { createLinkToken, createRef, createSalt } from '../ids.ts'
import type { Ask, Workload } from '../market/ask.ts'
import { workloadHash } from '../record/workloadHash.ts'
import { firstProgress } from '../teams/allowedProviders.ts'
import type { JobsContext } from './context.ts'
import type { Job, JobMode } from './job.ts'
import type { Session } from './session.ts'

/** Stores a job to be scanned for. `requestKey` names the chat event, so that handling it twice makes one job. */
export async function requestJob(options: {
  context: JobsContext
  requestKey: string
  ask: Ask
  workload?: Workload | undefined
  mode: JobMode
  principal: Session['principal']
  place: Session['place']
  teamId?: string | undefined
  /** Who is about to be asked, so that the first message says so; those its team does not allow are left out. */
  providers?: readonly { readonly id: string; readonly name: string }[]
}): Promise<{ job: Job; session: Session }> {
  const { context, requestKey, ask, workload, mode, principal, place, teamId, providers = [] } = options
  const known = (await context.sessions.list({ index: 'request', key: requestKey }))[0]
  const session = known?.value ?? (await newSession(context, { requestKey, principal, place }))
  const salt = createSalt(context.random)
  const team = teamId === undefined ? undefined : (await context.teams.get(teamId))?.value
  const job: Job = {
    ref: session.ref,
    state: 'scanning',
    mode,
    askedAtMs: context.clock.now(),
    ask,
    scan: firstProgress(team, providers),
    linkToken: createLinkToken(context.random),
    ...(workload && { workload: { value: workload, salt, hash: workloadHash({ workload, salt }) } }),
    ...(teamId && { teamId }),
  }
  const inserted = await context.jobs.insert(session.ref, job)
  return { job: inserted?.value ?? (await context.jobs.get(session.ref))?.value ?? job, session }
}

async function newSession(context: JobsContext, session: Omit<Session, 'ref'>): Promise<Session> {
  for (;;) {
    const ref = createRef(context.random)
    // A session that is gone leaves its job behind, so both must be free of the ref.
    if (await context.jobs.get(ref)) continue
    if (await context.sessions.insert(ref, { ...session, ref })) return { ...session, ref }
  }
}
