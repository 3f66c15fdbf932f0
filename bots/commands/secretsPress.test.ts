// The "Add secrets" button: its link goes to whoever asked for the job, alone, and only while the job waits for payment.
import { beforeEach, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import type { Job } from '../../core/jobs/job.ts'
import { asker, createTestJobs, type TestJobs } from '../../core/jobs/testJobs.ts'
import { bob, group } from '../chat/testPort.ts'
import { createJobFollower } from '../follow/followJobs.ts'
import { notices } from '../follow/notice.ts'
import { openJob } from './openJob.ts'
import { createTestApp, textOf } from './testApp.ts'

const clock = createManualClock(Date.UTC(2026, 10, 23))
const annabel = { ...asker, kind: 'user' } as const
let shop: TestJobs
let bot: ReturnType<typeof createTestApp>
let events = 0
beforeEach(async () => {
  shop = await createTestJobs({ clock })
  bot = createTestApp({ shop, clock })
})
const press = (token: string, principal: typeof bob = annabel, place = group) =>
  bot.presses({ key: `tg:s${++events}`, principal, place }, token)
const sessionOf = async (ref: string) => (await shop.context.sessions.get(ref))?.value
const linkOf = async (ref: string) => `/secrets/${(await sessionOf(ref))?.secretsToken}`

/** The job with its message in a group, and the token of the button there. */
async function shown(): Promise<{ job: Job; token: string; follow(): Promise<unknown> }> {
  const job = await shop.signed({ teamId: `telegram:${group.chatId}` })
  await bot.until(openJob({ app: bot.app, job, place: group }))
  const work = createJobFollower({ app: bot.app, notices: shop.store.collection(notices) })
  const follow = async () => {
    const doc = await shop.context.jobs.get(job.ref)
    if (doc) await bot.until(work(doc))
  }
  await follow()
  await clock.tick(5_000)
  const rows = [...bot.messages.values()].at(-1)?.view.buttons ?? []
  // As many as a small screen holds, one below the other.
  expect(rows.map((row) => row.map(({ label }) => label))).toEqual([
    ['Open the payment page'],
    ['Add secrets'],
    ['Cancel'],
  ])
  const button = rows.flat().find(({ label }) => label === 'Add secrets')
  return { job, token: button && 'token' in button ? button.token : '?', follow }
}

test('whoever asked gets it in private, however often it is pressed; the group reads no word of it', async () => {
  const { job, token } = await shown()
  // Before the press there is nothing to find.
  expect((await sessionOf(job.ref))?.secretsToken).toBeUndefined()
  await press(token)
  await press(token)
  const link = await linkOf(job.ref)
  expect(link).toMatch(/^\/secrets\/[0-9a-f]{64}$/)
  const holding = [...bot.messages.values()].filter(({ view }) => textOf(view).includes(link))
  expect(holding.map(({ ref }) => [ref.chatId, ref.isPrivate])).toEqual([
    [asker.userId, true],
    [asker.userId, true],
  ])
  expect(bot.told.at(-1)).toContain('in our private chat')
  expect(bot.told.join()).not.toContain('/secrets/')
})

test('another member of the group is refused, and no link is made', async () => {
  const { job, token } = await shown()
  await press(token, bob)
  expect(bot.told.at(-1)).toBe('This button is not yours to press.')
  expect((await sessionOf(job.ref))?.secretsToken).toBeUndefined()
  expect(textOf([...bot.messages.values()].at(-1)?.view)).not.toContain('/secrets/')
})

test('without a private chat it is said what to do, and the group still gets no link', async () => {
  const { token } = await shown()
  bot.chat.fail(new NectoError('chat.unreachable', 'no private chat'))
  await press(token)
  expect(bot.told.at(-1)).toContain('Write to me in private first, then press again')
  expect(JSON.stringify([...bot.messages.values()])).not.toContain('/secrets/')
  await press(token)
  expect(textOf(bot.sent.at(-1))).toContain('/secrets/')
})

test('once the job is paid or over it gives no link', async () => {
  const { job, token } = await shown()
  await shop.change(job.ref, (now) => ({ ...now, state: 'paying' }))
  await press(token)
  expect(bot.told.at(-1)).toContain('its secrets stand as they are')
  await shop.change(job.ref, (now) => ({ ...now, state: 'cancelled' }))
  await press(token)
  expect(bot.told.at(-1)).toContain('This job was cancelled')
  expect((await sessionOf(job.ref))?.secretsToken).toBeUndefined()
})

test('with the session the link goes, of a Tracked job too', async () => {
  const { job, token, follow } = await shown()
  await press(token)
  const { secretsToken = '?' } = (await sessionOf(job.ref)) ?? {}
  await shop.change(job.ref, (now) => ({ ...now, state: 'cancelled' }))
  await follow()
  expect(await sessionOf(job.ref)).toBeUndefined()
  expect(await shop.context.sessions.list({ index: 'secrets', key: secretsToken })).toEqual([])
})
