// /team use: private commands for a team, as long as the person is in it; and a team that stands still.
import { beforeEach, describe, expect, test } from 'vitest'
import { alice, bob } from '../chat/testPort.ts'
import { carol, createTestTeam, privateOf } from './testTeam.ts'

let world: Awaited<ReturnType<typeof createTestTeam>>
let { says, whispers } = {} as typeof world
beforeEach(async () => {
  world = await createTestTeam()
  ;({ says, whispers } = world)
})
const jobs = async () => (await world.shop.context.jobs.list()).map(({ value }) => value)

describe('/team use', () => {
  test('picked in the group or among one’s own; private jobs are the team’s when Tracked, nobody’s when not', async () => {
    await says(alice, '/team')
    expect(await whispers(bob, '/team use acme')).toContain('in no team called')
    await says(bob, '/team use')
    await whispers(bob, '/job h100 x1 4h run ls')
    await whispers(bob, '/job h100 x1 4h untracked run ls')
    await whispers(bob, '/team use none')
    await whispers(bob, '/job h100 x1 4h tracked run ls')
    expect((await jobs()).map(({ mode, teamId }) => [mode, teamId]).sort()).toEqual([
      ['tracked', undefined],
      ['tracked', 'telegram:-100'],
      ['untracked', undefined],
    ])
    expect(await whispers(alice, '/team')).toMatch(/Acme.*admin/)
    expect(await whispers(alice, '/team use ACME')).toContain('for Acme now')
    expect(await whispers(alice, '/team')).toContain('in use here')
  })

  test('ends with leaving the group, unless an admin has named the person', async () => {
    await says(alice, '/team')
    await says(bob, '/team use')
    await says(carol, '/team use')
    await says(alice, '/team user', { about: carol })
    world.outside.add(bob.userId).add(carol.userId)
    for (const who of [bob, carol]) await whispers(who, '/job h100 x1 4h tracked run ls')
    expect((await jobs()).map(({ teamId }) => teamId ?? 'none').sort()).toEqual(['none', 'telegram:-100'])
    expect(await whispers(bob, '/audit')).not.toContain('/audit/')
    expect(await whispers(bob, '/spend')).toContain('Spend is a team’s')
    await says(alice, '/team remove', { about: carol })
    expect(await whispers(carol, '/audit')).not.toContain('/audit/')
  })

  test('a viewer reads in private and does not submit', async () => {
    await says(alice, '/team viewer', { about: bob })
    await whispers(bob, '/team use acme')
    expect(await whispers(bob, '/job h100 x1 4h run ls')).toContain('You may read in Acme')
    expect(await whispers(bob, '/audit')).toContain('Audit log of Acme')
    expect(await jobs()).toEqual([])
  })

  test('a job made Tracked in private becomes the team’s, made Untracked nobody’s; not past the whitelist', async () => {
    await says(alice, '/team')
    await says(bob, '/team use')
    await whispers(bob, '/job h100 x1 4h untracked run ls')
    const [asked] = await jobs()
    if (!asked) throw new Error('no job')
    const { ref } = await world.shop.scans(asked)
    const turn = async (mode: string) => {
      const place = privateOf(bob)
      const token = await world.bot.app.actions.issue({
        action: 'job.mode',
        subject: ref,
        data: { mode },
        allowed: { kind: 'anyone' },
        place,
        expiresAtMs: world.clock.now() + 1e6,
      })
      await world.bot.presses(world.event(bob, place), token)
      const { mode: is, teamId } = await world.shop.jobOf(ref)
      return [is, teamId]
    }
    expect(await turn('tracked')).toEqual(['tracked', 'telegram:-100'])
    expect(await turn('untracked')).toEqual(['untracked', undefined])
    await says(alice, '/team providers necto')
    expect(await turn('tracked')).toEqual(['untracked', undefined])
    expect(world.bot.told.at(-1)).toContain('beyond the providers')
  })
})

describe('a suspended team', () => {
  const suspend = async () => {
    await says(alice, '/team')
    const doc = await world.shop.context.teams.get('telegram:-100')
    if (doc) await world.shop.context.teams.put(doc, { ...doc.value, isSuspended: true })
  }

  test('starts nothing and shows nothing until an admin sends /team', async () => {
    await says(bob, '/team use')
    await suspend()
    for (const line of ['/job h100 x1 4h run ls', '/audit', '/spend', '/jobs', '/team', '/team mode untracked'])
      expect(await says(bob, line)).toContain('suspended')
    for (const line of ['/job h100 x1 4h tracked run ls', '/audit', '/spend'])
      expect(await whispers(bob, line)).toContain('suspended')
    expect(await jobs()).toEqual([])
    expect(await says(bob, '/help')).not.toContain('suspended')
    expect(await says(alice, '/team')).toContain('open again')
    await says(bob, '/job h100 x1 4h run ls')
    expect(await jobs()).toHaveLength(1)
  })
})
