// A group got another id (it became a supergroup): everything that names the old one names the new one from now on.
import type { Collection } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { moveTeam } from '../../core/teams/moveTeam.ts'
import type { Platform } from '../chat/inbound.ts'
import type { BotApp } from '../commands/app.ts'
import { greetingId } from './followMembership.ts'
import type { Notice } from './notice.ts'

export interface ChatMove {
  readonly platform: Platform
  readonly fromChatId: string
  readonly toChatId: string
}

/**
 * Each step may be repeated, and a crash between two of them leaves what telling it again completes: Telegram tells it
 * until we have answered, and again with every call to the old id. Messages do not move along, so open jobs are marked
 * for a fresh one, which the follower opens.
 */
export async function rekeyChat(options: { app: BotApp; notices: Collection<Notice>; move: ChatMove }): Promise<void> {
  const { app, notices, move } = options
  const { context } = app
  const { platform, fromChatId, toChatId } = move
  // The members have been greeted in the old one.
  await notices.insert(greetingId({ platform, chatId: toChatId }), { atMs: context.clock.now() })
  await moveTeam({ teams: context.teams, jobs: context.jobs, ...move })
  await app.actions.moveChat(move)
  for (const { id } of await context.sessions.list()) {
    const moved = await updateDocument({
      collection: context.sessions,
      id,
      change({ message, ...session }) {
        const { threadId: _, ...place } = session.place
        if (place.platform !== platform || place.chatId !== fromChatId) return undefined
        // Without a message somebody is opening it now, and is handed on to the new chat by the adapter.
        return { ...session, place: { ...place, chatId: toChatId }, ...(message && { isMoved: true as const }) }
      },
    })
    // The follower looks at a job when it changes; a session alone wakes nobody.
    if (moved?.value.isMoved) await updateDocument({ collection: context.jobs, id, change: (job) => ({ ...job }) })
  }
}
