// The bot comes into a group, or is taken out of it: one greeting, and a team that stands still until an admin says so.
import type { Collection } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { chatKey, teamOfChat } from '../../core/teams/team.ts'
import type { Membership, Place } from '../chat/inbound.ts'
import type { BotApp } from '../commands/app.ts'
import { greetingView } from '../views/startView.ts'
import { type Notice, notifyOnce } from './notice.ts'

export const greetingId = ({ platform, chatId }: Pick<Place, 'platform' | 'chatId'>): string =>
  `greeting:${platform}:${chatId}`

export async function followMembership(options: {
  app: BotApp
  notices: Collection<Notice>
  change: Membership
}): Promise<void> {
  const { app, notices, change } = options
  const { place, isIn } = change
  const { context } = app
  const team = await teamOfChat(context.teams, chatKey(place))
  if (!isIn) {
    // Whoever takes it out may be followed by somebody who brings it back: the team is not theirs for that.
    if (team) {
      await updateDocument({
        collection: context.teams,
        id: team.id,
        change: (now) => (now.isSuspended ? undefined : { ...now, isSuspended: true }),
      })
    }
    return
  }
  if (team?.isSuspended) return
  await notifyOnce({
    notices,
    id: greetingId(place),
    nowMs: context.clock.now(),
    send: () => app.live.post(place, greetingView(), { urgent: true }),
    onUnreachable: (reason) => context.log.info({ msg: 'group not greeted', reason }),
  })
}
