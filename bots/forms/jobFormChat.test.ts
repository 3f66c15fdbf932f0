// The job form in chats: by buttons and texts, by buttons and forms, across a restart, and for its own person alone.
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import { asker, createTestJobs, type TestJobs } from '../../core/jobs/testJobs.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { actionTokens, opensForm } from '../chat/actions.ts'
import type { Place, Principal } from '../chat/inbound.ts'
import { createTestApp, textOf } from '../commands/testApp.ts'
import { sweepDrafts } from './showDraft.ts'

const clock = createManualClock(Date.UTC(2026, 10, 23))
const telegram: Principal = { ...asker, kind: 'user' }
const discord: Principal = { ...telegram, platform: 'discord' }
const stranger: Principal = { platform: 'telegram', userId: '66', label: 'Mallory', kind: 'user' }
const inPrivate: Place = { platform: 'telegram', chatId: asker.userId, isPrivate: true, title: 'Annabel' }
const group: Place = { platform: 'telegram', chatId: '-100', isPrivate: false, title: 'Acme' }
const channel: Place = { platform: 'discord', chatId: '900', isPrivate: false, title: 'Acme' }
let shop: TestJobs
let bot: ReturnType<typeof createTestApp>
let events = 0
beforeEach(async () => {
  shop = await createTestJobs({ clock })
  bot = createTestApp({ shop, clock })
})

const by = (principal = telegram, place = inPrivate) => ({ key: `ev:${++events}`, principal, place })
const form = () => [...bot.messages.values()].findLast(({ view }) => textOf(view).includes('"New job"'))
const shown = () => textOf(form()?.view)
function button(label: string) {
  const buttons = (form()?.view.buttons ?? []).flat()
  const found = buttons.find((one) => one.label.replace(/^[✓●○→] /, '').startsWith(label))
  if (!found || !('token' in found)) throw new Error(`no button ${label} in ${buttons.map((one) => one.label)}`)
  return found.token
}
async function press(label: string, who = by()) {
  await bot.presses(who, button(label))
  await settle()
}
const write = async (text: string, who = by()) => {
  await bot.writes(who, text)
  await settle()
}
/** Lets the edit that was asked for go out. */
async function settle() {
  for (let i = 0; i < 10; i++) await clock.tick(1_000)
}
const drafts = () => bot.app.formDrafts.list()
const jobs = async () => (await shop.context.jobs.list()).map(({ value }) => value)
const tokens = async () => (await shop.store.collection(actionTokens).list()).length

/** Up to the review, by buttons and texts. */
async function walk() {
  await press('Untracked')
  await press('Next')
  await press('H100')
  await press('2')
  await write('90m')
  await press('Europe')
  await press('Next')
  await write('python train.py')
  await press('Next')
}

describe('BUYER-01 in Telegram', () => {
  test('by buttons and texts, in one message; what comes out is the typed /job', async () => {
    await bot.says(by(), 'job', '')
    expect(shown()).toMatch(/Tracked or Untracked\?.*decision record.*on chain.*your team.*○ Tracked.*● Untracked/)
    await walk()
    expect(shown()).toContain('/job h100 x2 1h30m eu untracked run python train.py')
    expect(bot.sent).toHaveLength(1)
    await press('Find the cheapest')
    const [job] = await jobs()
    expect(job).toMatchObject({
      state: 'scanning',
      mode: 'untracked',
      ask: { gpu: { family: 'h100' }, gpuCount: 2, maxSeconds: 5400, regions: ['eu'] },
      workload: { value: { command: ['python', 'train.py'] } },
    })
    expect(textOf(bot.sent.at(-1))).toContain(`Job ${job?.ref}`)
    expect(await drafts()).toEqual([])
    expect(await tokens()).toBe(0)
    const closed = [...bot.messages.values()]
      .map(({ view }) => view)
      .find((view) => textOf(view).includes('Sent off as job'))
    expect(closed?.buttons).toBeUndefined()
  })

  test('a text that says too little or too much is explained in the step, kept, and answered anew', async () => {
    await bot.says(by(), 'job', '')
    await press('Next')
    await write('h1oo')
    expect(shown()).toMatch(/Which GPU.*What you wrote is kept.*h1oo/)
    await write('h100-80gb-sxm')
    expect(shown()).toContain('How many GPUs')
    await press('Other')
    expect(shown()).toContain('Now write how many to me')
    await write('many')
    expect(shown()).toMatch(/How many GPUs.*Not understood/)
    await press('‹ Back')
    expect(shown()).toContain('h100-80gb-sxm')
  })

  test('a step of buttons alone says so to a text; without a form a text is answered as ever', async () => {
    await bot.says(by(), 'job', '')
    await bot.writes(by(), 'hello')
    expect(textOf(bot.sent.at(-1))).toContain('with its buttons')
    await press('Cancel')
    expect(await drafts()).toEqual([])
    expect(await tokens()).toBe(0)
    await bot.writes(by(), 'hello')
    expect(textOf(bot.sent.at(-1))).toContain('I read commands')
  })

  test('a double click acts once; nobody else may press', async () => {
    await bot.says(by(), 'job', '')
    await press('Next')
    const [h100, h200] = [button('H100'), button('H200')]
    await Promise.all([bot.presses(by(), h100), bot.presses(by(), h100)])
    await bot.presses(by(stranger), h200)
    await settle()
    expect(shown()).toMatch(/How many GPUs.*So far: Untracked · h100/)
    expect(bot.told.at(-1)).toContain('not yours')
    await press('1')
    await press('4h')
    await press('Next')
    await press('Next')
    const find = button('Find the cheapest')
    await Promise.all([bot.presses(by(), find), bot.presses(by(), find)])
    expect(await jobs()).toHaveLength(1)
  })

  test('another process over the same store goes on where this one stopped', async () => {
    await bot.says(by(), 'job', '')
    await press('Next')
    await press('H100')
    const [before] = await drafts()
    const old = form()
    bot = createTestApp({ shop, clock })
    if (old) {
      bot.messages.set(old.ref.messageId, old)
      bot.chat.shown.set(old.ref.messageId, '')
    }
    await press('8')
    await write('2d')
    await press('Next')
    expect(shown()).toMatch(/What is to run.*h100 · ×8 · 2d/)
    const [after] = await drafts()
    expect(after?.value).toMatchObject({ id: before?.value.id, message: before?.value.message })
  })

  test('a newer /job closes the older form; one that nobody finishes is gone after a day', async () => {
    await bot.says(by(), 'job', '')
    const [old] = await drafts()
    await bot.says(by(), 'job', '')
    await settle()
    expect(await drafts()).toHaveLength(1)
    expect((await drafts())[0]?.id).not.toBe(old?.id)
    expect(textOf([...bot.messages.values()][0]?.view)).toContain('you opened a newer one')
    await clock.tick(25 * 3_600_000)
    await bot.until(sweepDrafts(bot.app))
    expect([(await drafts()).length, await tokens()]).toEqual([0, 0])
    expect(textOf([...bot.messages.values()].at(-1)?.view)).toContain('expired')
  })

  test('the same command handled twice, as after a crash, opens one form', async () => {
    const event = by()
    await bot.says(event, 'job', '')
    await bot.says(event, 'job', '')
    expect(bot.sent).toHaveLength(1)
    expect(await drafts()).toHaveLength(1)
  })

  test('when today’s scans are used up the form stays as it is', async () => {
    await bot.says(by(), 'job', '')
    await walk()
    while (bot.app.scanLimit.take(telegram));
    await press('Find the cheapest')
    expect(bot.told.at(-1)).toContain('used up')
    expect(await jobs()).toEqual([])
    expect(await drafts()).toHaveLength(1)
    await clock.tick(24 * 3_600_000 - 10 * 60_000)
    await press('Find the cheapest')
    expect(await jobs()).toHaveLength(1)
  })
})

describe('MODE-01: begun in a Telegram group', () => {
  beforeEach(() => {
    bot.app.chat.isMember = async () => true
  })
  const answered = async (mode: 'Tracked' | 'Untracked') => {
    await bot.says(by(telegram, group), 'job', '')
    expect(textOf(bot.sent[0])).toContain('New job')
    expect(textOf(bot.sent[1])).toContain('The form is in our private chat')
    await press(mode)
    for (const label of ['Next', 'H100', '1', '1h', 'Next', 'Next', 'Find the cheapest']) await press(label)
    const [job] = await jobs()
    const session = job && (await shop.context.sessions.get(job.ref))
    return { job, place: session?.value.place }
  }

  test('a Tracked job’s message goes back to the group, and the job is its team’s', async () => {
    const { job, place } = await answered('Tracked')
    expect(job).toMatchObject({ mode: 'tracked', teamId: 'telegram:-100' })
    expect(place).toMatchObject({ chatId: '-100' })
  })

  test('an Untracked one’s stays in private', async () => {
    expect((await answered('Untracked')).place).toMatchObject({ chatId: asker.userId, isPrivate: true })
  })

  test('without a private chat a link opens the very form; a stranger’s press of it opens their own', async () => {
    bot.chat.fail(new NectoError('chat.unreachable', 'no private chat'))
    await bot.says(by(telegram, group), 'job', '')
    const [link] = (bot.sent.at(-1)?.buttons ?? []).flat()
    const payload = /start=(job-[\w-]{22})$/.exec(link && 'url' in link ? link.url : '')?.[1] ?? '?'
    await bot.says(by(stranger, { ...inPrivate, chatId: '66' }), 'start', payload)
    expect((await drafts()).map(({ value }) => value.origin.chatId).sort()).toEqual(['-100', '66'])
    await bot.says(by(), 'start', payload)
    const own = (await drafts()).find(({ value }) => value.principal.userId === asker.userId)
    expect(own?.value).toMatchObject({ origin: { chatId: '-100' }, message: { chatId: asker.userId } })
  })

  test('/start job opens one, /start alone does not', async () => {
    await bot.says(by(), 'start', 'job')
    expect(shown()).toContain('Tracked or Untracked')
    await bot.says(by(), 'start', '')
    expect(textOf(bot.sent.at(-1))).toContain('the cheapest GPU')
  })

  test('ACCESS-02, ACCESS-03: a viewer opens none, and a role taken away counts for a form that is open', async () => {
    const demote = () =>
      updateDocument({
        collection: shop.context.teams,
        id: 'telegram:-100',
        change: (team) => ({ ...team, roles: { [`telegram:${asker.userId}`]: 'viewer' as const } }),
      })
    await bot.says(by(telegram, group), 'job', '')
    await demote()
    await press('Next')
    expect(bot.told.at(-1)).toContain('You may read in Acme')
    expect(shown()).toContain('Tracked or Untracked')
    await press('Cancel')
    await bot.says(by(telegram, group), 'job', '')
    expect(textOf(bot.sent.at(-1))).toContain('You may read')
    expect(await drafts()).toEqual([])
  })
})

test('BUYER-01 at the terminal: a number presses a button there, so what needs typing comes by forms', async () => {
  const who = by({ ...telegram, platform: 'terminal' }, { ...inPrivate, platform: 'terminal' })
  await bot.says(who, 'job', '')
  await press('Next', who)
  await press('H100', who)
  expect(shown()).toContain('Other… for another number')
  const token = button('Other')
  expect(opensForm(token)).toBe(true)
  await bot.presses(who, token)
  await bot.fills(who, token, { count: '3' })
  await settle()
  expect(shown()).toMatch(/How long.*h100.*×3/)
})

describe('BUYER-01 in Discord', () => {
  const there = () => ({ ...by(discord, channel), isForOne: true as const })
  const inPublic = () => [...bot.messages.values()].filter(({ ref }) => !ref.isPrivate)
  const fill = async (label: string, values: Record<string, string>) => {
    const token = button(label)
    expect(opensForm(token)).toBe(true)
    await bot.presses(there(), token)
    const asked = bot.forms.at(-1)
    expect(asked?.token).toBe(token)
    await bot.fills(there(), token, values)
    await settle()
    return asked
  }

  test('in the channel, for its person alone: what needs typing comes by forms, and no other reads it', async () => {
    await bot.says(there(), 'job', '')
    await press('Next', there())
    const asked = await fill('Other', { gpu: 'h1oo' })
    expect(asked?.fields).toMatchObject([{ name: 'gpu', isRequired: true }])
    expect(shown()).toMatch(/Which GPU.*What you wrote is kept/)
    const again = await fill('Other', { gpu: 'a100-40gb' })
    expect(again?.fields).toMatchObject([{ value: 'h1oo' }])
    await press('1', there())
    await press('1h', there())
    await press('Next', there())
    await fill('Command', { command: 'python xylophone.py', image: 'pytorch/pytorch:2.4' })
    await press('Next', there())
    expect(shown()).toMatch(/\/job a100-40gb x1 1h .*tracked.*xylophone/)
    expect(form()?.ref).toMatchObject({ chatId: discord.userId, isPrivate: true })
    expect(inPublic()).toEqual([])
    await press('Find the cheapest', there())
    const [job] = await jobs()
    expect(job).toMatchObject({
      teamId: 'discord:900',
      workload: { value: { image: 'pytorch/pytorch:2.4', command: ['python', 'xylophone.py'] } },
    })
    expect(inPublic().map(({ view }) => textOf(view))).toEqual([expect.stringContaining(`Job ${job?.ref}`)])
    expect(JSON.stringify(inPublic())).not.toContain('xylophone')
  })

  test('MODE-01: of an Untracked job the channel learns nothing; its message is in private', async () => {
    await bot.says(there(), 'job', '')
    for (const label of ['Untracked', 'Next', 'H100', '1', '1h', 'Next', 'Next', 'Find the cheapest'])
      await press(label, there())
    const [job] = await jobs()
    const session = job && (await shop.context.sessions.get(job.ref))
    expect(session?.value.place).toMatchObject({ chatId: discord.userId, isPrivate: true })
    expect(inPublic()).toEqual([])
  })

  test('asked for under a message that all see, it goes on in private', async () => {
    await bot.says(by(discord, channel), 'job', '')
    expect(form()?.ref).toMatchObject({ chatId: discord.userId, isPrivate: true })
    expect(inPublic().map(({ view }) => textOf(view))).toEqual([expect.stringContaining('The form is in our private')])
  })

  test('a forgotten one that cannot be edited any more leads to no message', async () => {
    await bot.says(there(), 'job', '')
    bot.chat.shown.clear()
    await clock.tick(25 * 3_600_000)
    await bot.until(sweepDrafts(bot.app))
    expect(await drafts()).toEqual([])
    expect(bot.sent).toHaveLength(1)
  })
})
