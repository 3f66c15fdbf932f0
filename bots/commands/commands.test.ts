// Commands and buttons: who may, what is stored, and what a person is told when nothing was done.
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import { asker, createTestJobs, otherRunner, payer, runner, type TestJobs } from '../../core/jobs/testJobs.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { alice, bob, group } from '../chat/testPort.ts'
import { createTestApp, textOf } from './testApp.ts'

const clock = createManualClock(Date.UTC(2026, 10, 23))
const annabel = { ...asker, kind: 'user' } as const
const inPrivate = { ...group, chatId: '7', isPrivate: true }
let shop: TestJobs
let bot: ReturnType<typeof createTestApp>
let events = 0
beforeEach(async () => {
  shop = await createTestJobs({ clock })
  bot = createTestApp({ shop, clock })
})
const by = (principal = annabel as typeof alice, place: typeof group = group) => ({
  key: `tg:${++events}`,
  principal,
  place,
})
const last = () => textOf(bot.sent.at(-1))
const token = (action: string, ref: string, data: Record<string, string> = {}) =>
  bot.app.actions.issue({
    action,
    subject: ref,
    data,
    allowed: { kind: 'user', platform: 'telegram', userId: annabel.userId },
    place: group,
    expiresAtMs: clock.now() + 1e6,
  })

describe('/job', () => {
  test('in a group: the team’s job, tracked, its text not kept but as the workload', async () => {
    await bot.says(by(), 'job', 'h100 x1 4h run python train.py')
    const [doc] = await shop.context.jobs.list()
    expect(doc?.value).toMatchObject({
      mode: 'tracked',
      teamId: 'telegram:-100',
      state: 'scanning',
      workload: { value: { command: ['python', 'train.py'] } },
    })
  })

  test('MODE-01: untracked in a group goes on in private; where that is not open nothing is kept', async () => {
    bot.chat.fail(new NectoError('chat.unreachable', 'no private chat'))
    await bot.says(by(), 'job', 'h100 x1 4h untracked run python train.py')
    expect([...(await shop.context.jobs.list()), ...(await shop.context.sessions.list())]).toEqual([])
    expect(last()).toContain('Open the private chat')
    await bot.says(by(bob), 'job', 'h100 x1 4h untracked run python train.py')
    const session = (await shop.context.sessions.list()).find(({ value }) => value.principal.userId === bob.userId)
    expect(session?.value.place).toMatchObject({ chatId: bob.userId, isPrivate: true })
  })

  test('MODE-01: the command of an Untracked job is deleted where the bot may; else its asker is told to', async () => {
    const untracked = 'h100 x1 4h untracked run python train.py'
    await bot.says(by(bob), 'job', untracked)
    expect(last()).toMatch(/continues in our private chat.*still stands here with your name: delete it/)
    const before = bot.messages.size
    const removed: string[] = []
    bot.app.chat.remove = async ({ messageId }) => removed.push(messageId) > 0
    await bot.says(by(bob), 'job', untracked)
    expect(removed).toEqual(['0'])
    const news = [...bot.messages.values()].slice(before)
    expect(news.map(({ ref }) => ref.chatId)).toEqual([bob.userId, bob.userId])
    expect(last()).toContain('I took your command away in Acme')
    await bot.says(by(bob), 'job', 'h100 x1 4h run python train.py')
    expect(removed).toHaveLength(1)
  })

  test('ACCESS-02: a viewer may read, not submit', async () => {
    await bot.says(by(bob), 'job', 'h100 x1 4h run python a.py')
    await updateDocument({
      collection: shop.context.teams,
      id: 'telegram:-100',
      change: (team) => ({ ...team, roles: { 'telegram:42': 'viewer' as const } }),
    })
    await bot.says(by(alice), 'job', 'h100 x1 4h run python a.py')
    expect(await shop.context.jobs.list()).toHaveLength(1)
    expect(last()).toContain('You may read')
  })

  test('what is not understood starts nothing', async () => {
    await bot.says(by(), 'job', 'please something fast')
    expect(await shop.context.jobs.list()).toEqual([])
  })
})

describe('buttons', () => {
  test('ACCESS-03: a role taken away counts for buttons shown before; giving up stays free', async () => {
    await bot.says(by(), 'job', 'h100 x1 4h run python a.py')
    const [doc] = await shop.context.jobs.list()
    const job = await shop.scans(doc?.value ?? (await shop.asks()))
    const [pay, rescan, cancel] = [
      await token('job.pay', job.ref),
      await token('job.rescan', job.ref),
      await token('job.cancel', job.ref),
    ]
    await updateDocument({
      collection: shop.context.teams,
      id: 'telegram:-100',
      change: (team) => ({ ...team, roles: { [`telegram:${annabel.userId}`]: 'viewer' as const } }),
    })
    await bot.presses(by(), pay)
    await bot.presses(by(), rescan)
    expect((await shop.jobOf(job.ref)).state).toBe('offered')
    expect(await shop.context.jobs.list()).toHaveLength(1)
    await bot.presses(by(), cancel)
    expect((await shop.jobOf(job.ref)).state).toBe('cancelled')
    expect(bot.told).toEqual([
      expect.stringContaining('You may read in Acme, not submit'),
      expect.stringContaining('You may read in Acme, not submit'),
      expect.stringContaining('No money moved'),
    ])
  })

  test('the same press handled twice orders once; a second press is told so', async () => {
    const job = await shop.scans(await shop.asks())
    const pay = await token('job.pay', job.ref)
    const press = by()
    await bot.presses(press, pay)
    await bot.presses(press, pay)
    await bot.presses(by(), pay)
    expect((await shop.jobOf(job.ref)).state).toBe('ordered')
    expect(bot.told.at(-1)).toContain('already')
  })

  test('ONBOARD-09: only an operator decides on a listing, whoever holds the button', async () => {
    const { id } = shop.listing
    await updateDocument({
      collection: shop.context.listings,
      id,
      change: (listing) => ({ ...listing, state: 'submitted' as const }),
    })
    await bot.presses(by(), await token('listing.approve', id))
    expect((await shop.context.listings.get(id))?.value.state).toBe('submitted')
  })
})

describe('/sell and /capacity', () => {
  const line = (key: string) => `h100 x2 in Berlin at 2.40 wallet ${payer.address} runner ${key}`

  test('another seller’s runner key is refused, one’s own may serve twice', async () => {
    await bot.says(by(alice, inPrivate), 'sell', line(runner.address))
    expect(last()).toContain('Another seller')
    expect(await shop.context.listings.list()).toHaveLength(1)
    for (let i = 0; i < 2; i++) await bot.says(by(alice, inPrivate), 'sell', line(otherRunner.address))
    expect(await shop.context.listings.list()).toHaveLength(3)
  })

  test('in a group nothing is listed', async () => {
    await bot.says(by(alice), 'sell', line(otherRunner.address))
    expect(await shop.context.listings.list()).toHaveLength(1)
  })

  test('ONBOARD-08: only one’s own listings change', async () => {
    await bot.says(by(alice, inPrivate), 'capacity', `offline ${shop.listing.id}`)
    expect((await shop.context.listings.get(shop.listing.id))?.value.capacity).toBe('available')
    const seller = { platform: 'telegram', userId: '9', label: 'Bo', kind: 'user' } as const
    await bot.says(by(seller, inPrivate), 'capacity', 'sideways')
    expect((await shop.context.listings.get(shop.listing.id))?.value.capacity).toBe('available')
    await bot.says(by(seller, inPrivate), 'capacity', 'offline')
    expect((await shop.context.listings.get(shop.listing.id))?.value.capacity).toBe('offline')
  })
})

describe('/logs', () => {
  test('OUTPUT-01: to whoever submitted, in private; a stranger hears what one hears of no job at all', async () => {
    const job = await shop.signed()
    await bot.says(by(alice), 'logs', job.ref)
    const toStranger = last().replaceAll(job.ref, 'REF')
    await bot.says(by(alice), 'logs', 'AAAA-AAAA')
    expect(last().replaceAll('AAAA-AAAA', 'REF')).toBe(toStranger)
    await bot.says(by(), 'logs', job.ref.toLowerCase())
    expect(last()).toContain('private chat')
  })

  test('of an untracked job only while it lasts', async () => {
    const job = await shop.signed({ mode: 'untracked' })
    await bot.says(by(annabel as typeof alice, inPrivate), 'logs', job.ref)
    expect(last()).toContain('no log')
    const session = await shop.context.sessions.get(job.ref)
    if (session) await shop.context.sessions.remove(session)
    await bot.says(by(annabel as typeof alice, inPrivate), 'logs', job.ref)
    expect(last()).toContain('no job of yours')
  })
})
