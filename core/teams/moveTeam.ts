// A team's chat has another id from now on: the team stays the same, with its id, roles, jobs and audit link.
import type { Job } from '../jobs/job.ts'
import type { Collection } from '../store/store.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { type Team, teamOfChat } from './team.ts'

/**
 * Lets the team of `<platform>:<fromChatId>` stand for the new chat. One that was begun there meanwhile, because the
 * move came to light late, is joined to it: its jobs, and the roles of whoever has none in the older. May be repeated.
 */
export async function moveTeam(options: {
  teams: Collection<Team>
  jobs: Collection<Job>
  platform: string
  fromChatId: string
  toChatId: string
}): Promise<void> {
  const { teams, platform, fromChatId, toChatId } = options
  const from = `${platform}:${fromChatId}`
  const to = `${platform}:${toChatId}`
  const team = (await teamOfChat(teams, from)) ?? (await teams.get(from))?.value
  if (!team) return
  // First of all, so that nothing more is begun for the one that goes.
  await updateDocument({
    collection: teams,
    id: team.id,
    change({ place: { threadId: _, ...place }, ...now }) {
      return place.chatId === toChatId ? undefined : { ...now, place: { ...place, chatId: toChatId } }
    },
  })
  for (const { id } of await teams.list({ index: 'chat', key: to }))
    if (id !== team.id) await join(options, { id, into: team.id })
}

async function join(
  { teams, jobs }: { teams: Collection<Team>; jobs: Collection<Job> },
  { id, into }: { id: string; into: string },
): Promise<void> {
  for (const job of await jobs.list({ index: 'team', key: id })) {
    await updateDocument({ collection: jobs, id: job.id, change: (now) => ({ ...now, teamId: into }) })
  }
  for (let doc = await teams.get(id); doc; doc = await teams.get(id)) {
    const { roles, names } = doc.value
    await updateDocument({
      collection: teams,
      id: into,
      change: (now) => ({ ...now, roles: { ...roles, ...now.roles }, names: { ...names, ...now.names } }),
    })
    await teams.remove(doc)
  }
}
