// Which job somebody may read in a chat: the one place where that is decided.
import { parseRef } from '../../core/ids.ts'
import type { Job } from '../../core/jobs/job.ts'
import { may } from '../../core/teams/team.ts'
import { textView } from '../chat/view.ts'
import { type BotApp, type CommandEvent, reply } from './app.ts'
import { teamOf } from './teamOf.ts'

const WRITTEN_REF = /^[0-9a-z]{4}-?[0-9a-z]{4}$/i

/** A reference as one word: "h100 x1 4h" is none, though its letters would do. */
export const wordAsRef = (word: string): string | undefined => (WRITTEN_REF.test(word) ? parseRef(word) : undefined)

/** The job, when this person submitted it: the job says so when tracked, its session while it runs when not. */
export async function ownJob(app: BotApp, event: CommandEvent, ref: string): Promise<Job | undefined> {
  const job = (await app.context.jobs.get(ref))?.value
  const asker = job?.user ?? (await app.context.sessions.get(ref))?.value.principal
  return asker?.platform === event.principal.platform && asker.userId === event.principal.userId ? job : undefined
}

/** ACCESS-01..04: in private one's own; in a group its team's Tracked jobs, whoever asked. */
export async function readableJob(app: BotApp, event: CommandEvent, ref: string): Promise<Job | undefined> {
  const job = (await app.context.jobs.get(ref))?.value
  // It is nobody's any more, and holds nothing but what is public on chain and 0G.
  if (job?.restored) return job
  const team = await teamOf(app, event.place)
  if (!team) return ownJob(app, event, ref)
  return job?.teamId === team.id && job.mode === 'tracked' && may(team, event.principal, 'read') ? job : undefined
}

/** The same for a job that is not there and one that is not theirs. */
export const noSuchJob = (event: CommandEvent, ref: string) =>
  textView(
    event.place.isPrivate
      ? `There is no job ${ref} of yours. An Untracked one is nobody’s once it has ended.`
      : `There is no Tracked job ${ref} of this group.`,
  )

/** The job that the command's first word names, and the words after it; undefined: it was answered why not. */
export async function namedJob(
  app: BotApp,
  event: CommandEvent,
  usage: string,
): Promise<{ job: Job; rest: string } | undefined> {
  const [word = '', ...rest] = event.text.trim().split(/\s+/)
  const ref = wordAsRef(word)
  if (!ref) {
    await reply(app, event, textView(`Which job? Its reference stands at the top of its message, as in: ${usage}`))
    return undefined
  }
  const job = await readableJob(app, event, ref)
  if (!job) await reply(app, event, noSuchJob(event, ref))
  return job && { job, rest: rest.join(' ') }
}
