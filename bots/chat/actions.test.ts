// Buttons: one press counts, by the right person, in the right place, in time.
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { type Actions, actionTokens, createActions, isActionToken, REFUSAL_TEXTS } from './actions.ts'
import { alice, bob, group } from './testPort.ts'

const HOUR_MS = 3_600_000
const start = 1_700_000_000_000

let clock: ReturnType<typeof createManualClock>
let admins: Set<string>
let actions: Actions
let collection: ReturnType<typeof openCollection>

const openCollection = () => createMemoryStore().collection(actionTokens)

beforeEach(() => {
  clock = createManualClock(start)
  admins = new Set([alice.userId])
  collection = openCollection()
  actions = createActions({
    collection,
    clock,
    holdsRole: async ({ principal, role }) => role === 'admin' && admins.has(principal.userId),
  })
})

const issue = (allowed: Parameters<Actions['issue']>[0]['allowed'], subject = 'K7QF-3M2P') =>
  actions.issue({
    action: 'approve',
    subject,
    data: { offer: 'akash-1', gpus: 2 },
    allowed,
    place: group,
    expiresAtMs: start + HOUR_MS,
  })
const press = (token: string, more: Partial<Parameters<Actions['take']>[0]> = {}) =>
  actions.take({ token, key: 'tg:1', principal: alice, place: group, ...more })
const aliceOnly = { kind: 'user', platform: 'telegram', userId: alice.userId } as const

describe('action tokens', () => {
  test('carry nothing and fit both platforms', async () => {
    const token = await issue({ kind: 'anyone' })
    expect(token).toMatch(/^a1:[A-Za-z0-9_-]{22}$/)
    expect(isActionToken(token)).toBe(true)
    expect(isActionToken(`${token}x`)).toBe(false)
    expect(new Set(await Promise.all(Array.from({ length: 50 }, () => issue({ kind: 'anyone' })))).size).toBe(50)
  })

  test('give back what was meant', async () => {
    const taken = await press(await issue(aliceOnly))
    expect(taken).toMatchObject({
      ok: true,
      action: { action: 'approve', subject: 'K7QF-3M2P', data: { offer: 'akash-1', gpus: 2 } },
    })
  })

  test('of twenty presses at once one counts', async () => {
    const token = await issue({ kind: 'anyone' })
    const presses = await Promise.all(Array.from({ length: 20 }, (_, i) => press(token, { key: `tg:${i}` })))
    expect(presses.filter((taken) => taken.ok).length).toBe(1)
    expect(presses.filter((taken) => !taken.ok && taken.why === 'used').length).toBe(19)
  })

  test('a press handled again after a crash is the same press', async () => {
    const token = await issue(aliceOnly)
    expect((await press(token, { key: 'tg:7' })).ok).toBe(true)
    clock.tick(2 * HOUR_MS)
    expect((await press(token, { key: 'tg:7' })).ok).toBe(true)
    expect(await press(token, { key: 'tg:8' })).toEqual({ ok: false, why: 'used' })
  })

  test.each([
    ['unknown', { token: `a1:${'A'.repeat(22)}` }],
    ['unknown', { token: 'noop' }],
    ['elsewhere', { place: { ...group, chatId: '-200' } }],
    ['elsewhere', { place: { ...group, platform: 'discord' as const } }],
    ['not-yours', { principal: bob }],
    ['not-yours', { principal: { ...alice, platform: 'discord' as const } }],
    ['not-yours', { principal: { ...alice, kind: 'anonymous' as const } }],
  ] as const)('%s: refused and not used up', async (why, more) => {
    const token = await issue(aliceOnly)
    expect(await press(token, more)).toEqual({ ok: false, why })
    expect((await press(token)).ok).toBe(true)
    expect(REFUSAL_TEXTS[why].length).toBeLessThanOrEqual(200)
  })

  test('expire to the millisecond', async () => {
    const [early, late] = [await issue(aliceOnly), await issue(aliceOnly)]
    await clock.tick(HOUR_MS - 1)
    expect((await press(early)).ok).toBe(true)
    await clock.tick(1)
    expect(await press(late)).toEqual({ ok: false, why: 'expired' })
  })

  test('ACCESS-01: a role is asked for at the press, so one taken away counts at once', async () => {
    const token = await issue({ kind: 'role', role: 'admin' })
    admins.delete(alice.userId)
    expect(await press(token)).toEqual({ ok: false, why: 'not-yours' })
    admins.add(alice.userId)
    expect((await press(token)).ok).toBe(true)
  })

  test('MODE-02: nothing of a job stays behind, and other jobs keep theirs', async () => {
    const used = await issue(aliceOnly)
    await press(used)
    await issue(aliceOnly)
    const kept = await issue(aliceOnly, 'OTHE-RJOB')
    await actions.removeFor('K7QF-3M2P')
    expect((await collection.list()).map((doc) => doc.id)).toEqual([kept])
    expect(await press(used)).toEqual({ ok: false, why: 'unknown' })
  })

  test('removing wins over a press at the same moment', async () => {
    const token = await issue(aliceOnly)
    await Promise.all([press(token), actions.removeFor('K7QF-3M2P')])
    expect(await collection.list()).toEqual([])
  })

  test('sweep takes what expired more than a day ago', async () => {
    await issue(aliceOnly)
    await clock.tick(25 * HOUR_MS)
    await actions.sweep()
    expect((await collection.list()).length).toBe(1)
    await clock.tick(1)
    await actions.sweep()
    expect(await collection.list()).toEqual([])
  })
})
