// /team: who becomes an admin, what only admins change, and what holds at once after they did.
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { getUploaded } from '../../core/jobs/upload.ts'
import { sweepClaims } from '../../core/teams/claim.ts'
import { may } from '../../core/teams/team.ts'
import { alice, bob, group } from '../chat/testPort.ts'
import { textOf } from './testApp.ts'
import { carol, createTestTeam, privateOf } from './testTeam.ts'

let world: Awaited<ReturnType<typeof createTestTeam>>
let { says, whispers, team } = {} as typeof world
beforeEach(async () => {
  world = await createTestTeam()
  ;({ says, whispers, team } = world)
})
const jobs = async () => (await world.shop.context.jobs.list()).map(({ value }) => value)
const invitation = () => /claim_([\w-]{22})/.exec(world.bot.sent.map(textOf).join('\n'))?.[1] ?? '?'

describe('the first admin', () => {
  test('is whoever created the group, and nobody else becomes one by asking', async () => {
    expect(await says(bob, '/team')).toContain('has no admin yet')
    expect(await says(bob, '/team mode untracked')).toContain('no admin yet')
    expect((await team()).roles).toEqual({})
    expect(await says(alice, '/team mode untracked')).toContain('first admin')
    expect(await team()).toMatchObject({ roles: { 'telegram:42': 'admin' }, defaultMode: 'untracked' })
  })

  test('is made once: a creator who was made less stays so', async () => {
    await says(alice, '/team')
    await says(alice, '/team admin', { about: bob })
    await says(bob, '/team viewer', { about: alice })
    expect(await says(alice, '/team mode untracked')).toContain('Only an admin')
    expect((await team()).roles['telegram:42']).toBe('viewer')
  })
})

test('/team shows mode, providers and people with their numbers; only an admin gets buttons', async () => {
  await says(alice, '/team viewer', { about: bob })
  await says(alice, '/team providers akash')
  const shown = await says(carol, '/team')
  for (const part of ['Team Acme', 'Tracked', 'akash', 'Admins', 'alice', '42', 'Viewers', 'bob', '43', '/audit'])
    expect(shown).toContain(part)
  expect(shown).not.toContain('"token"')
  expect(await says(alice, '/team')).toContain('Invite a user')
})

describe('ACCESS-01..04: roles', () => {
  test('count from the next command on, whatever the person is called later', async () => {
    expect(await says(alice, '/team viewer', { about: bob })).toContain('may read, not submit')
    expect(await says({ ...bob, label: 'alice' }, '/job h100 x1 4h run ls')).toContain('You may read in Acme')
    expect(await jobs()).toEqual([])
    await says(bob, '/team')
    await says({ ...bob, label: 'Bobby' }, '/team')
    expect(await says(alice, '/team')).toContain('Bobby')
    await says(alice, '/team user', { about: bob })
    await says(bob, '/job h100 x1 4h run ls')
    expect(await jobs()).toHaveLength(1)
  })

  test('are given to somebody replied to or mentioned; a name alone is explained', async () => {
    for (const line of ['/team admin', '/team admin @bob', '/team remove @bob'])
      expect(await says(alice, line)).toMatch(/Whom\?.*cannot look up an @name.*Nothing was changed/)
    expect(Object.keys((await team()).roles)).toEqual(['telegram:42'])
  })

  test('the last admin cannot be removed, demoted, or leave', async () => {
    await says(alice, '/team')
    for (const word of ['remove', 'viewer', 'user', 'leave'])
      expect(await says(alice, `/team ${word}`, { about: alice })).toContain('last admin')
    expect((await team()).roles).toEqual({ 'telegram:42': 'admin' })
    await says(alice, '/team admin', { about: bob })
    await says(alice, '/team leave')
    expect((await team()).roles).toEqual({ 'telegram:43': 'admin' })
  })

  test('a viewer does not gain by leaving; who was removed is told to be as everybody', async () => {
    await says(alice, '/team viewer', { about: bob })
    expect(await says(bob, '/team leave')).toContain('Only an admin')
    expect(may(await team(), bob, 'submit')).toBe(false)
    expect(await says(alice, '/team remove', { about: bob })).toContain('as everybody in this group')
    expect(await says(alice, '/team remove', { about: carol })).toContain('no role of their own')
    expect((await team()).roles).toEqual({ 'telegram:42': 'admin' })
  })
})

describe('the words', () => {
  test.each([
    ['/team moed tracked', 'Did you mean /team mode?'],
    ['/team mode sometimes', 'tracked, or /team mode untracked'],
    ['/team providers', 'Which?'],
    ['/team providers akahs', 'Did you mean akash?'],
    ['/team invite boss', 'Invite as what?'],
    ['/team use acme', 'say /team use alone'],
    ['/team constructor', 'knows no'],
  ])('%s: %s', async (line, answer) => {
    await says(alice, '/team')
    const before = await team()
    expect(await says(alice, line)).toContain(answer)
    expect(await team()).toEqual(before)
  })

  test('managing in private changes nothing', async () => {
    await says(alice, '/team')
    expect(await whispers(alice, '/team mode untracked')).toContain('in the team’s group')
    expect((await team()).defaultMode).toBe('tracked')
  })
})

describe('the whitelist', () => {
  test('who is not allowed is not asked, stands as left out, and is in no record', async () => {
    await says(alice, '/team providers necto')
    await says(bob, '/job h100 x1 4h run ls')
    const [job] = await jobs()
    expect(job?.scan.map(({ id, state }) => [id, state])).toEqual([
      ['necto', 'scanning'],
      ['akash', 'skipped'],
      ['nosana', 'skipped'],
    ])
    expect(world.bot.sent.map(textOf).join()).toContain('left out: your team allows necto')
    if (!job) throw new Error('no job')
    const scanned = await world.shop.scans(job)
    expect(scanned.scan.map(({ id, state }) => [id, state])).toEqual([
      ['necto', 'answered'],
      ['akash', 'skipped'],
      ['nosana', 'skipped'],
    ])
    const sealed = await world.shop.orders(scanned)
    const bytes = await getUploaded({ ...world.shop.context, root: sealed.record?.root ?? '0x' })
    const record = new TextDecoder().decode(bytes)
    expect(record).toContain('necto')
    expect(record).not.toMatch(/akash|nosana/)
  })

  test('an ask for others alone is refused, naming both; a rescan of an old one too', async () => {
    await says(bob, '/job h100 x1 4h only akash run ls')
    await says(alice, '/team providers necto,nosana')
    expect(await says(bob, '/job h100 x1 4h only akash run ls')).toMatch(
      /You asked for akash alone; your team allows necto, nosana\. Nothing was started/,
    )
    expect(await jobs()).toHaveLength(1)
    const [old] = await jobs()
    const token = await world.bot.app.actions.issue({
      action: 'job.rescan',
      subject: old?.ref ?? '',
      data: {},
      allowed: { kind: 'anyone' },
      place: group,
      expiresAtMs: world.clock.now() + 1e6,
    })
    await world.bot.presses(world.event(bob, group), token)
    expect(world.bot.told.at(-1)).toContain('your team allows necto, nosana')
    expect(await jobs()).toHaveLength(1)
    await says(alice, '/team providers all')
    await says(bob, '/job h100 x1 4h only akash run ls')
    expect(await jobs()).toHaveLength(2)
  })
})

describe('invitations', () => {
  test('go to the admin in private, give the role once, and the group is told', async () => {
    expect(await says(alice, '/team invite viewer')).toContain('in our private chat')
    const code = invitation()
    expect(await whispers(carol, `/start claim_${code}`)).toMatch(/a viewer of Acme(.|\n)*by an invitation of alice/)
    expect((await team()).roles['telegram:44']).toBe('viewer')
    expect(await whispers(bob, `/start claim_${code}`)).toContain('used already')
    expect(await whispers(carol, `/start claim_${code}`)).toContain('used already')
    expect((await team()).roles['telegram:43']).toBeUndefined()
  })

  test('the same opening handled twice after a crash is one', async () => {
    await says(alice, '/team invite user')
    const opening = world.event(carol, privateOf(carol))
    for (let i = 0; i < 2; i++) await world.bot.says(opening, 'start', `claim_${invitation()}`)
    expect(world.bot.sent.map(textOf).join()).not.toContain('used already')
    expect((await team()).roles['telegram:44']).toBe('user')
  })

  test('hold for a day, and only while their maker is an admin', async () => {
    await says(alice, '/team invite admin')
    await world.clock.tick(24 * 3_600_000)
    expect(await whispers(carol, `/start claim_${invitation()}`)).toContain('has expired')
    await says(alice, '/team admin', { about: bob })
    await says(bob, '/team invite admin')
    const code = [
      ...world.bot.sent
        .map(textOf)
        .join()
        .matchAll(/claim_([\w-]{22})/g),
    ].at(-1)?.[1]
    await says(alice, '/team remove', { about: bob })
    expect(await whispers(carol, `/start claim_${code}`)).toContain('Ask an admin')
    expect((await team()).roles).toEqual({ 'telegram:42': 'admin' })
  })

  test('take nothing away: an admin who opens one for viewers stays admin, and it stays unused', async () => {
    await says(alice, '/team invite viewer')
    expect(await whispers(alice, `/start claim_${invitation()}`)).toContain('already')
    await whispers(carol, `/start claim_${invitation()}`)
    expect((await team()).roles).toEqual({ 'telegram:42': 'admin', 'telegram:44': 'viewer' })
  })

  test('a made-up code gives nothing', async () => {
    await says(alice, '/team')
    for (const code of ['', 'x', '__proto__', 'A'.repeat(22)])
      expect(await whispers(carol, `/start claim_${code}`)).toContain('never was')
    expect((await team()).roles).toEqual({ 'telegram:42': 'admin' })
  })
})

describe('the buttons', () => {
  const press = (who: typeof alice, label: string) =>
    world.bot.presses(world.event(who, group), world.button(label)).then(() => world.bot.told.at(-1))

  test('a double press acts once, and the change is said in the group', async () => {
    await says(alice, '/team')
    const token = world.button('Make jobs Untracked')
    await world.bot.presses(world.event(alice, group), token)
    const after = world.bot.sent.length
    await world.bot.presses(world.event(alice, group), token)
    expect(world.bot.told).toEqual(['Changed.', expect.stringContaining('already')])
    expect(world.bot.sent).toHaveLength(after)
    expect(world.bot.sent.map(textOf).join()).toContain('Untracked from now on')
    expect((await team()).defaultMode).toBe('untracked')
  })

  test('do nothing for others, nor for an admin who is none any more', async () => {
    await says(alice, '/team admin', { about: bob })
    await says(bob, '/team')
    expect(await press(alice, 'Invite a user')).toContain('not yours')
    await says(alice, '/team user', { about: bob })
    expect(await press(bob, 'Invite a user')).toContain('Only an admin')
    expect(await press(bob, 'Make jobs Untracked')).toContain('Only an admin')
    expect((await team()).defaultMode).toBe('tracked')
    expect(invitation()).toBe('?')
  })
})

test('ACCESS-01: no sequence of team commands by others changes the team, or lets anybody do more', async () => {
  const people = [bob, carol, { ...bob, userId: '45', label: 'dora' }]
  const words = [
    '',
    'mode untracked',
    'admin',
    'user',
    'viewer',
    'remove',
    'providers akash',
    'invite admin',
    'use',
    'leave',
  ]
  const lines = [...words.map((word) => `/team ${word}`), '/audit rotate', '/audit', '/spend', '/start claim_guess']
  const step = fc.record({
    who: fc.constantFrom(...people),
    line: fc.constantFrom(...lines),
    about: fc.option(fc.constantFrom(alice, ...people), { nil: undefined }),
    isPrivate: fc.boolean(),
  })
  const rights = async () => {
    const now = await team()
    return [alice, ...people].map((who) => ['submit', 'read', 'manage'].map((what) => may(now, who, what as 'read')))
  }
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      world = await createTestTeam()
      ;({ says, whispers, team } = world)
      await says(alice, '/team viewer', { about: bob })
      await says(alice, '/team user', { about: carol })
      const before = { team: await team(), rights: await rights() }
      for (const { who, line, about, isPrivate } of steps)
        await says(who, line, { place: isPrivate ? privateOf(who) : group, ...(about && { about }) })
      const { roles, names, ...rest } = await team()
      const { roles: rolesBefore, names: _, ...restBefore } = before.team
      expect(rest).toEqual(restBefore)
      // A named user may give that up; everything else stands.
      expect({ 'telegram:44': 'user', ...roles }).toEqual(rolesBefore)
      expect(await rights()).toEqual(before.rights)
      expect(await world.bot.app.claims.list()).toEqual([])
      expect(names).toBeDefined()
    }),
    { numRuns: 30 },
  )
})

test('invitations are forgotten when they are used or too old', async () => {
  const { app } = world.bot
  const left = async () => (await app.claims.list()).length
  await says(alice, '/team invite user')
  await sweepClaims({ claims: app.claims, nowMs: world.clock.now() })
  expect(await left()).toBe(1)
  await says(alice, '/team invite viewer')
  await whispers(carol, `/start claim_${invitation()}`)
  await sweepClaims({ claims: app.claims, nowMs: world.clock.now() })
  expect(await left()).toBe(1)
  await sweepClaims({ claims: app.claims, nowMs: world.clock.now() + 24 * 3_600_000 })
  expect(await left()).toBe(0)
})
