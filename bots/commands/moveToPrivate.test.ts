// An open job made Untracked in its group: what becomes of its message when it is ordered at the same time.
import { beforeEach, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import type { Job } from '../../core/jobs/job.ts'
import { asker, createTestJobs, type TestJobs } from '../../core/jobs/testJobs.ts'
import { actionTokens } from '../chat/actions.ts'
import { group } from '../chat/testPort.ts'
import { createTestApp, textOf } from './testApp.ts'

const clock = createManualClock(Date.UTC(2026, 10, 23))
const annabel = { ...asker, kind: 'user' } as const
let shop: TestJobs
let bot: ReturnType<typeof createTestApp>
let job: Job
let events = 0
beforeEach(async () => {
  shop = await createTestJobs({ clock })
  bot = createTestApp({ shop, clock })
  bot.app.chat.isMember = async () => true
  await bot.says(by(), 'job', 'h100 x1 4h run python train.py')
  const [asked] = await shop.context.jobs.list()
  if (!asked) throw new Error('no job')
  job = await shop.scans(asked.value)
})
const by = () => ({ key: `tg:m${++events}`, principal: annabel, place: group })
const token = (action: string, data: Record<string, string> = {}) =>
  bot.app.actions.issue({
    action,
    subject: job.ref,
    data,
    allowed: { kind: 'user', platform: 'telegram', userId: annabel.userId },
    place: group,
    expiresAtMs: clock.now() + 1e6,
  })
const toUntracked = async () => bot.presses(by(), await token('job.mode', { mode: 'untracked' }))
const session = async () => (await shop.context.sessions.get(job.ref))?.value
const inGroup = () => [...bot.messages.values()].filter(({ ref }) => ref.chatId === group.chatId)
const inPrivate = () => [...bot.messages.values()].filter(({ ref }) => ref.isPrivate)

test('MODE-01: while it is open it goes on in private, and the follower is told', async () => {
  const places: unknown[] = []
  const watching = new AbortController()
  const watch = async () => {
    for await (const _ of shop.context.jobs.watch(watching.signal)) places.push((await session())?.place.chatId)
  }
  const watched = watch()
  await toUntracked()
  expect(bot.told).toEqual(['Now Untracked.'])
  expect((await shop.jobOf(job.ref)).mode).toBe('untracked')
  expect(await session()).toMatchObject({ place: { chatId: annabel.userId, isPrivate: true } })
  expect(inPrivate().map(({ view }) => textOf(view))).toEqual([expect.stringContaining('Mode: Untracked')])
  expect(inGroup().map(({ view }) => textOf(view))).toEqual([expect.stringContaining('continues in a private chat')])
  // Whoever looks at the job when it changes finds where its message stands now.
  await expect.poll(() => places.at(-1)).toBe(annabel.userId)
  watching.abort()
  await watched
  expect(await shop.store.collection(actionTokens).list()).toEqual([])
})

test('after Pay: the decision is sealed Tracked, and nothing goes anywhere', async () => {
  const before = textOf(inGroup()[0]?.view)
  await bot.presses(by(), await token('job.pay'))
  await toUntracked()
  expect(bot.told.at(-1)).toContain('Too late')
  expect(await shop.jobOf(job.ref)).toMatchObject({ mode: 'tracked', state: 'ordered' })
  expect(await session()).toMatchObject({ place: { chatId: group.chatId } })
  expect(inPrivate()).toEqual([])
  expect(textOf(inGroup()[0]?.view)).toBe(before)
})

test('Pay while the private chat is written to: the job stays Tracked in its group, and the private message says so', async () => {
  let open = () => {}
  bot.chat.delayUntil(new Promise((resolve) => (open = resolve)))
  const pressed = toUntracked()
  await bot.presses(by(), await token('job.pay'))
  expect((await shop.jobOf(job.ref)).state).toBe('ordered')
  open()
  await pressed
  expect(bot.told).toEqual([expect.stringContaining('Sealed'), expect.stringContaining('Too late')])
  expect(await session()).toMatchObject({ place: { chatId: group.chatId } })
  expect(inPrivate().map(({ view }) => textOf(view))).toEqual([expect.stringContaining('stays Tracked, in its group')])
  expect(textOf(inGroup()[0]?.view)).not.toContain('private chat')
})

test('Pay after it: what is sealed is Untracked, and its message is in private', async () => {
  const pay = await token('job.pay')
  await toUntracked()
  await bot.presses(by(), pay)
  expect(bot.told.at(-1)).toContain('no longer in use')
  const place = { ...group, chatId: annabel.userId, isPrivate: true }
  const again = await bot.app.actions.issue({
    action: 'job.pay',
    subject: job.ref,
    data: {},
    allowed: { kind: 'anyone' },
    place,
    expiresAtMs: clock.now() + 1e6,
  })
  await bot.presses({ ...by(), place }, again)
  const sealed = await shop.jobOf(job.ref)
  expect([sealed.state, sealed.mode, sealed.user]).toEqual(['ordered', 'untracked', undefined])
})

test('without a private chat it stays Tracked in its group', async () => {
  bot.chat.fail(new NectoError('chat.unreachable', 'no private chat'))
  await toUntracked()
  expect(bot.told.at(-1)).toContain('Write to me in private first')
  expect((await shop.jobOf(job.ref)).mode).toBe('tracked')
  expect(await session()).toMatchObject({ place: { chatId: group.chatId } })
})
