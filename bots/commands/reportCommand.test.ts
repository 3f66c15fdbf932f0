// /report: who may, what is set, what is said.
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { createTestJobs, type TestJobs } from '../../core/jobs/testJobs.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import type { Role } from '../../core/teams/team.ts'
import { alice, bob, group } from '../chat/testPort.ts'
import { createTestApp, textOf } from './testApp.ts'

const start = Date.UTC(2026, 10, 27, 12)
let clock: ReturnType<typeof createManualClock>
let shop: TestJobs
let bot: ReturnType<typeof createTestApp>
let events = 0
beforeEach(async () => {
  clock = createManualClock(start)
  shop = await createTestJobs({ clock })
  bot = createTestApp({ shop, clock })
  await says('')
  await setRole(alice.userId, 'admin')
})

const says = async (text: string, principal = alice, place: typeof group = group) => {
  await bot.says({ key: `tg:${++events}`, principal, place }, 'report', text)
  return textOf(bot.sent.at(-1))
}
const teamNow = async () => (await shop.context.teams.get('telegram:-100'))?.value
const setRole = (userId: string, role: Role) =>
  updateDocument({
    collection: shop.context.teams,
    id: 'telegram:-100',
    change: (team) => ({ ...team, roles: { ...team.roles, [`telegram:${userId}`]: role } }),
  })

describe('REPORT-01: /report', () => {
  test('weekly: set, said back with the next one', async () => {
    expect(await says('weekly fri 18:30 europe/berlin')).toContain(
      'Reports come weekly, on Friday, at 18:30. The next: 27 Nov 2026, 18:30 (Europe/Berlin).',
    )
    expect((await teamNow())?.report).toMatchObject({
      every: 'week',
      weekday: 5,
      minuteOfDay: 1110,
      zone: 'Europe/Berlin',
    })
    expect(await says('')).toContain('Reports come weekly, on Friday')
  })

  test('what is not said is as it was, and at first Monday at nine, UTC', async () => {
    expect(await says('weekly')).toContain('weekly, on Monday, at 09:00. The next: 30 Nov 2026, 09:00 (UTC).')
    await says('daily 7:15 Asia/Tokyo')
    expect(await says('weekly')).toContain('on Monday, at 07:15. The next: 30 Nov 2026, 07:15 (Asia/Tokyo).')
  })

  test('daily has no weekday, and goes to the topic it was asked in', async () => {
    await says('daily', alice, { ...group, threadId: '7' })
    const { sinceMs, ...report } = (await teamNow())?.report ?? { sinceMs: 0 }
    expect(report).toEqual({ every: 'day', minuteOfDay: 540, zone: 'UTC' })
    expect((await teamNow())?.place).toEqual({ ...group, threadId: '7' })
    expect(sinceMs).toBeGreaterThanOrEqual(start)
  })

  test('mute stops them', async () => {
    await says('daily')
    expect(await says('mute')).toContain('No more reports')
    expect(await teamNow()).not.toHaveProperty('report')
    expect(await says('mute')).toContain('no reports to stop')
  })

  test.each(['daily', 'weekly mon 9:00', 'mute'])('%s is for admins, as they are when it is written', async (text) => {
    await says('weekly')
    const before = await teamNow()
    expect(await says(text, bob)).toContain('Only an admin')
    await setRole(bob.userId, 'admin')
    await setRole(alice.userId, 'user')
    expect(await says(text)).toContain('Only an admin')
    expect((await teamNow())?.report).toEqual(before?.report)
  })

  test('now: anybody who may read', async () => {
    await setRole(bob.userId, 'viewer')
    expect(await says('now', bob)).toContain('Nothing was spent, 20 Nov 12:')
    await says('daily')
    expect(await says('now', bob)).toContain('Nothing was spent, 26 Nov 12:')
  })

  test('in private it is about the team in use, and leaves where reports come', async () => {
    await bot.app.teamChoices.insert('telegram:42', { teamId: 'telegram:-100' })
    const inPrivate = { ...group, chatId: '42', isPrivate: true }
    expect(await says('daily 8:00', alice, inPrivate)).toContain('Reports come daily, at 08:00')
    expect((await teamNow())?.place).toEqual(group)
    expect(await says('now', alice, inPrivate)).toContain('Nothing was spent')
  })

  test('in private there is no team to report on', async () => {
    expect(await says('now', alice, { ...group, chatId: '42', isPrivate: true })).toContain(
      'Send /report in your team’s group',
    )
  })

  test.each([
    ['wekly', 'Did you mean /report weekly?'],
    ['weekly 25:00', 'is no time of day'],
    ['daily Mars', 'no weekday, time or time zone'],
    ['<b>', 'There is no \\"<b>\\" report.'],
  ])('"%s" changes nothing and says what is wrong', async (text, why) => {
    expect(await says(text)).toContain(why)
    expect(await teamNow()).not.toHaveProperty('report')
  })
})
