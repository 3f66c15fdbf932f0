// For tests of the team commands: a group with its creator, and what people in it say.
import { createManualClock } from '../../core/clock.ts'
import { createTestJobs } from '../../core/jobs/testJobs.ts'
import type { Team } from '../../core/teams/team.ts'
import type { Place, Principal } from '../chat/inbound.ts'
import { alice, bob, group } from '../chat/testPort.ts'
import { createTestApp, textOf } from './testApp.ts'

export const carol: Principal = { platform: 'telegram', userId: '44', label: 'carol', kind: 'user' }
export const privateOf = ({ userId, platform }: Principal): Place => ({
  platform,
  chatId: userId,
  isPrivate: true,
  title: '',
})

/** Alice created the group. `outside` are those who are not in it. */
export async function createTestTeam() {
  const clock = createManualClock(Date.UTC(2026, 10, 23))
  const shop = await createTestJobs({ clock })
  const bot = createTestApp({ shop, clock })
  const outside = new Set<string>()
  let events = 0
  Object.assign(bot.app.chat, {
    isCreator: async (_: Place, { userId }: Principal) => userId === alice.userId,
    isMember: async (_: Place, { userId }: Principal) => !outside.has(userId),
  })
  const event = (who: Principal, place: Place, about?: Principal) => ({
    key: `tg:t${++events}`,
    principal: who,
    place,
    ...(about && { about: { userId: about.userId, label: about.label } }),
  })

  /** What was answered. */
  async function says(who: Principal, line: string, more: { place?: Place; about?: Principal } = {}): Promise<string> {
    const [, name = '', text = ''] = /^\/(\S+)\s*(.*)$/.exec(line) ?? []
    const before = bot.sent.length
    await bot.says(event(who, more.place ?? group, more.about), name, text)
    return bot.sent.slice(before).map(textOf).join('\n')
  }

  return {
    clock,
    shop,
    bot,
    outside,
    says,
    event,
    /** Says it in private. */
    whispers: (who: Principal, line: string) => says(who, line, { place: privateOf(who) }),
    team: async (): Promise<Team> => {
      const doc = await shop.context.teams.get(`telegram:${group.chatId}`)
      if (!doc) throw new Error('no team')
      return doc.value
    },
    /** The token of a button of the last message that has it. */
    button(label: string): string {
      const buttons = bot.sent.toReversed().flatMap((view) => view.buttons?.flat() ?? [])
      const found = buttons.find((one) => one.label === label)
      if (!found || !('token' in found)) throw new Error(`no button ${label}`)
      return found.token
    },
    people: { alice, bob, carol },
  }
}
