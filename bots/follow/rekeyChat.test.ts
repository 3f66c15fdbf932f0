// A group becomes a supergroup in the middle of a job: what was known of it holds in the new one, also after a crash.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { createTestJobs, runner, type TestJobs } from '../../core/jobs/testJobs.ts'
import type { Collection } from '../../core/store/store.ts'
import { startTelegram, type Telegram } from '../../test/world/telegram/startTelegram.ts'
import { actionTokens } from '../chat/actions.ts'
import { bob, group } from '../chat/testPort.ts'
import { createTestTeam } from '../commands/testTeam.ts'
import { createBots } from '../main.ts'
import { greetingId } from './followMembership.ts'
import { notices } from './notice.ts'
import { rekeyChat } from './rekeyChat.ts'

describe('over the real wire', () => {
  let world: Telegram
  let shop: TestJobs
  let ended: Promise<void>
  const ending = new AbortController()

  beforeEach(async () => {
    world = await startTelegram({ clock: systemClock })
    shop = await createTestJobs({ clock: systemClock })
    const bots = createBots({
      context: shop.context,
      store: shop.store,
      market: shop.market,
      telegram: { token: world.token, apiRoot: world.apiRoot },
      discord: { token: undefined, apiRoot: 'http://127.0.0.1:9' },
      admins: [],
      scansPerDay: 10,
      publicUrl: 'http://127.0.0.1:8080',
      gatewayUrl: 'http://127.0.0.1:8081',
      explorerTxUrl: undefined,
    })
    await new Promise<void>((resolve) => {
      ended = bots.run(ending.signal, () => resolve())
    })
  })
  afterEach(async () => {
    ending.abort()
    await ended
    await world.stop()
  })

  async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
    for (let i = 0; i < 400; i++) {
      const found = await look()
      if (found) return found
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`waited in vain for ${what}`)
  }
  const shown = (chat: { id: number }, text: string) =>
    world.messages(chat).find((message) => message.text.includes(text))

  test('ACCESS-01, REPORT-01: the job’s end and its cost arrive in the supergroup; roles and audit link survive', async () => {
    const ann = world.user({ id: 42, firstName: 'Ann' })
    const ben = world.user({ id: 43, firstName: 'Ben' })
    const cleo = world.user({ id: 44, firstName: 'Cleo' })
    const team = world.group({ title: 'Acme', creator: ann, members: [ben, cleo] })
    world.startBot(ben)
    world.addBot(team, { by: ann })
    await until('the greeting', () => shown(team, 'first admin by sending /team'))
    const words = world.command(cleo, team, '/about')
    world.command(ann, team, '/team viewer', { replyTo: words })
    await until('the role', () => shown(team, 'Cleo is a viewer'))
    world.command(ben, team, '/job h100 x1 4h run ls')
    const before = await until('the offer', () => shown(team, 'Recommended'))
    const auditToken = (await shop.context.teams.list())[0]?.value.auditToken

    const supergroup = world.upgrade(team)
    const fresh = await until('a fresh message', () => shown(supergroup, 'Recommended'))
    expect(fresh.chatId).toBe(supergroup.id)
    const [doc] = await shop.context.jobs.list()
    const ref = doc?.id ?? ''
    await until('its buttons', () => world.messages(supergroup).find(({ buttons }) => buttons.flat().length > 0))
    await shop.orders(await shop.jobOf(ref))
    await shop.change(ref, (now) => ({
      ...now,
      state: 'settled',
      run: {
        runner: runner.address,
        acceptedAtMs: 1,
        lastSeenAtMs: 2,
        logChunks: 0,
        logBytes: 0,
        stopRequested: false,
      },
      settled: {
        txHash: `0x${'f1'.repeat(32)}`,
        atMs: systemClock.now(),
        paidMicroUsd: 4_000_000n,
        feeMicroUsd: 0n,
        refundedMicroUsd: 0n,
      },
    }))
    await until('the spend line', () => shown(supergroup, 'Ben spent 4.00 USDC'))
    await until('the end', () =>
      world
        .messages(supergroup)
        .find(({ messageId, text }) => messageId === fresh.messageId && text.includes('4.00 USDC')),
    )

    world.command(cleo, supergroup, '/job h100 x1 4h run ls')
    await until('the refusal', () => shown(supergroup, 'You may read in Acme, not submit'))
    world.command(ann, supergroup, '/team mode untracked')
    await until('the change', () => shown(supergroup, 'Untracked from now on'))
    world.command(ben, supergroup, '/spend')
    await until('the spend', () => shown(supergroup, 'Spend of Acme'))
    expect(shown(supergroup, 'Spend of Acme')?.text).toContain('4.00 USDC')
    const teams = await shop.context.teams.list()
    expect(teams.map(({ value }) => [value.auditToken, value.place.chatId, value.roles])).toEqual([
      [auditToken, String(supergroup.id), { 'telegram:42': 'admin', 'telegram:44': 'viewer' }],
    ])
    expect(shown(supergroup, 'Hello.')).toBeUndefined()
    expect(before.chatId).toBe(team.id)
  }, 60_000)
})

describe('whatever is interrupted', () => {
  const to = '-1002'
  const move = { platform: 'telegram', fromChatId: group.chatId, toChatId: to } as const

  /** An open job and a button in the old group; a team with a job and an admin begun in the new one meanwhile. */
  async function scene() {
    const world = await createTestTeam()
    const { says, shop, bot, people } = world
    await says(people.alice, '/team viewer', { about: people.carol })
    await says(bob, '/job h100 x1 4h run ls')
    const [open] = await shop.context.jobs.list()
    const token = await bot.app.actions.issue({
      action: 'job.cancel',
      subject: open?.id ?? '',
      data: {},
      allowed: { kind: 'anyone' },
      place: group,
      expiresAtMs: world.clock.now() + 1e6,
    })
    const there = { ...group, chatId: to, threadId: '9' }
    await world.clock.tick(1000)
    await says(people.carol, '/job h100 x1 4h run ls', { place: there })
    const begun = await shop.context.teams.get(`telegram:${to}`)
    if (begun)
      await shop.context.teams.put(begun, { ...begun.value, roles: { 'telegram:44': 'admin', 'telegram:9': 'admin' } })
    return { ...world, ref: open?.id ?? '', token, noticeDocs: shop.store.collection(notices) }
  }
  type Scene = Awaited<ReturnType<typeof scene>>

  async function state({ shop, ref, token, noticeDocs }: Scene) {
    const session = (await shop.context.sessions.get(ref))?.value
    const teams = await shop.context.teams.list()
    const jobs = await shop.context.jobs.list()
    return {
      teams: teams.map(({ id, value }) => [id, value.place, value.roles]),
      jobsOf: jobs.map(({ value }) => value.teamId),
      place: session?.place,
      isMoved: session?.isMoved,
      token: (await shop.store.collection(actionTokens).get(token))?.value.chatId,
      greeted: (await noticeDocs.get(greetingId({ platform: 'telegram', chatId: to }))) !== undefined,
    }
  }
  const moved = {
    teams: [
      [
        'telegram:-100',
        { platform: 'telegram', chatId: to, isPrivate: false, title: 'Acme' },
        // Whoever had a role keeps that one; only who had none gets what the new chat gave.
        { 'telegram:9': 'admin', 'telegram:42': 'admin', 'telegram:44': 'viewer' },
      ],
    ],
    jobsOf: ['telegram:-100', 'telegram:-100'],
    place: { platform: 'telegram', chatId: to, isPrivate: false, title: 'Acme' },
    isMoved: true,
    token: to,
    greeted: true,
  }

  test('told twice it comes to the same, and others stay where they are', async () => {
    const it = await scene()
    const elsewhere = { ...group, chatId: '-300' }
    await it.says(bob, '/team', { place: elsewhere })
    for (let i = 0; i < 2; i++) await rekeyChat({ app: it.bot.app, notices: it.noticeDocs, move })
    const { teams, ...rest } = await state(it)
    expect(teams.filter(([id]) => id !== 'telegram:-300')).toEqual(moved.teams)
    expect(teams.find(([id]) => id === 'telegram:-300')?.[1]).toEqual(elsewhere)
    expect(rest).toEqual({ ...moved, teams: undefined })
  })

  test('killed before any of its writes and told again it comes to the same', async () => {
    let writes = 0
    for (let killedAt = 0; ; killedAt++) {
      const it = await scene()
      let left = killedAt
      const dying = <T>(collection: Collection<T>): Collection<T> => {
        const mortal =
          <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
          (...args: A) => {
            if (left-- <= 0) return Promise.reject(new Error('killed'))
            writes++
            return write(...args)
          }
        return {
          ...collection,
          insert: mortal(collection.insert),
          put: mortal(collection.put),
          remove: mortal(collection.remove),
        }
      }
      const { context } = it.bot.app
      const { jobs, sessions, teams } = context
      const app = {
        ...it.bot.app,
        context: { ...context, jobs: dying(jobs), sessions: dying(sessions), teams: dying(teams) },
      }
      const survived = await rekeyChat({ app, notices: dying(it.noticeDocs), move }).then(
        () => true,
        () => false,
      )
      if (!survived) await rekeyChat({ app: it.bot.app, notices: it.noticeDocs, move })
      expect(await state(it)).toEqual(moved)
      if (survived) break
    }
    expect(writes).toBeGreaterThan(6)
  })
})
