// /start, /help and /about: short enough for a phone, with lines that work, and links that lead where they say.
import { beforeEach, describe, expect, test } from 'vitest'
import { actionTokens, REFUSAL_TEXTS } from '../chat/actions.ts'
import { commandToken } from '../chat/commandButton.ts'
import { alice, bob, group } from '../chat/testPort.ts'
import { renderTelegram } from '../telegram/render.ts'
import { COMMANDS } from './table.ts'
import { createTestTeam, privateOf } from './testTeam.ts'

let world: Awaited<ReturnType<typeof createTestTeam>>
let { says, whispers } = {} as typeof world
beforeEach(async () => {
  world = await createTestTeam()
  ;({ says, whispers } = world)
})
const press = (label: string) => world.bot.presses(world.event(bob, privateOf(bob)), world.button(label))

describe('/start', () => {
  test('says what it is, and its buttons begin what they name, as often as they are pressed', async () => {
    expect(await whispers(bob, '/start')).toContain('the cheapest GPU that fits your job')
    for (let i = 0; i < 2; i++) {
      const before = world.bot.sent.length
      await press('Rent out GPUs')
      expect(JSON.stringify(world.bot.sent.slice(before))).toContain('runner')
    }
    await press('Join my team')
    expect(JSON.stringify(world.bot.sent.at(-1))).toContain('/team invite user')
    await press('Submit a job')
    expect(JSON.stringify(world.bot.sent.at(-1))).toContain('Tracked or Untracked')
    expect(await world.shop.context.jobs.list()).toEqual([])
  })

  test('MODE-02: its buttons are stored nowhere, so that they name nobody', async () => {
    await whispers(bob, '/start')
    expect(await world.shop.store.collection(actionTokens).list()).toEqual([])
  })

  test('a forged one says no more than its presser might have typed', async () => {
    const jobs = await world.bot.presses(world.event(alice, group), commandToken('jobs'))
    expect(jobs).toBeUndefined()
    expect(JSON.stringify(world.bot.sent.at(-1))).toContain('/job')
    const before = world.bot.sent.length
    for (const token of ['c1:nothing', 'c1:job h100 1h run ls', 'c1:', `c1:job ${'x'.repeat(25)}`])
      await world.bot.presses(world.event(alice, group), token)
    expect(world.bot.sent).toHaveLength(before)
    expect(new Set(world.bot.told.slice(-4))).toEqual(new Set([REFUSAL_TEXTS.unknown]))
  })

  test.each([
    ['sell', 'runner'],
    ['logs', 'Which job?'],
    ['team', 'in no team that I know of'],
    ['job', 'Tracked or Untracked'],
    ['verify', 'the cheapest GPU'],
    ['__proto__', 'the cheapest GPU'],
  ])('a link for %s', async (payload, answer) => {
    expect(await whispers(bob, `/start ${payload}`)).toContain(answer)
  })

  test('in a group it is short and has no buttons', async () => {
    const said = await says(bob, '/start')
    expect(said).toContain('/team')
    expect(said).not.toContain('token')
  })
})

describe('/help', () => {
  test('names every command by topic, in a group only those that work there', async () => {
    const inPrivate = await whispers(bob, '/help')
    const inGroup = await says(bob, '/help')
    for (const { name, usage, where } of COMMANDS) {
      expect(usage.startsWith(`/${name}`)).toBe(true)
      const written = JSON.stringify(usage)
      expect(inPrivate).toContain(written)
      expect(inGroup.includes(written)).toBe(where === 'anywhere')
    }
    for (const heading of ['Rent GPUs', 'Your team', 'Rent yours out', 'Necto']) expect(inPrivate).toContain(heading)
  })

  test('of one command has all its forms; an unknown one is guessed', async () => {
    expect(await whispers(bob, '/help /job')).toContain('no-spot')
    expect(await whispers(bob, '/help TEAM')).toContain('/team providers akash,ionet')
    expect(await whispers(bob, '/help taem')).toContain('Did you mean /help team?')
    expect(await whispers(bob, '/help')).not.toContain('no-spot')
  })

  test('each command has a topic that the help shows', () => {
    for (const { topic = 'rent' } of COMMANDS) expect(['rent', 'team', 'sell', 'necto']).toContain(topic)
  })
})

test('/about: the bot’s own name, the contract and its chain, and what is never done', async () => {
  const said = await says(bob, '/about')
  for (const part of ['@necto_bot', world.shop.context.escrow.router, '84532', 'recovery phrase', 'never write to you'])
    expect(said).toContain(part)
})

test('each fits two screens of a phone', async () => {
  for (const line of ['/start', '/help', '/help job', '/help team', '/about', '/team']) {
    await whispers(bob, line)
    await says(bob, line)
  }
  await says(alice, '/team', { place: group })
  for (const view of world.bot.sent) expect(renderTelegram(view, () => true).text.length).toBeLessThan(2_200)
})
