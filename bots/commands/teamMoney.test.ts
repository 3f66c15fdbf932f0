// /audit and /spend: who may read them, what stands there, and what an Untracked job leaves out.
import { beforeEach, describe, expect, test } from 'vitest'
import type { Job, JobMode } from '../../core/jobs/job.ts'
import { alice, bob, group } from '../chat/testPort.ts'
import { carol, createTestTeam } from './testTeam.ts'

const teamId = `telegram:${group.chatId}`
let world: Awaited<ReturnType<typeof createTestTeam>>
let { says, whispers, team } = {} as typeof world
beforeEach(async () => {
  world = await createTestTeam()
  ;({ says, whispers, team } = world)
  await says(alice, '/team')
})

/** A settled job of so many whole dollars. */
async function settled(more: { mode?: JobMode; who?: typeof bob; usd?: bigint } = {}): Promise<Job> {
  const { mode = 'tracked', who = bob, usd = 4n } = more
  const { platform, userId, label } = who
  const job = await world.shop.signed({ mode, teamId, principal: { platform, userId, label } })
  await world.clock.tick(60_000)
  const amounts = { paidMicroUsd: usd * 1_000_000n - 100_000n, feeMicroUsd: 100_000n, refundedMicroUsd: 1n }
  const done = await world.shop.change(job.ref, (now) => ({
    ...now,
    state: 'settled',
    settled: { txHash: `0x${'f1'.repeat(32)}`, atMs: world.clock.now(), ...amounts },
  }))
  // Capacity is for two; what is settled holds none any more.
  const listing = await world.shop.context.listings.get(world.shop.listing.id)
  if (listing) await world.shop.context.listings.put(listing, { ...listing.value, reservations: {} })
  if (!done) throw new Error('not settled')
  return done.value
}

describe('BUYER-06/07: /audit', () => {
  test('the page, and the last five jobs with pseudonym, amount, transaction and root; Untracked as Anonymous', async () => {
    const old = await settled()
    const hidden = await settled({ mode: 'untracked', who: carol })
    for (let i = 0; i < 4; i++) await settled({ usd: 7n })
    const said = await says(carol, '/audit')
    const pseudonym = (await world.shop.context.pseudonyms.get(`telegram:${bob.userId}`))?.value.pseudonym ?? '?'
    expect(said).toContain(`/audit/${(await team()).auditToken}`)
    expect(said).toContain('The last 5 of 6')
    expect(said).toMatch(new RegExp(`2026-11-23 \\d\\d:\\d\\d · ${pseudonym} · Berlin Rack · 7.00 USDC`))
    expect(said).toMatch(new RegExp(`${hidden.ref}.{0,80}Anonymous · Berlin Rack · 4.00 USDC.*tx 0xf1f1…f1f1`))
    expect(said).toContain(`0G ${hidden.record?.root.slice(0, 6)}`)
    expect(said).not.toContain(old.ref)
    expect(said).not.toMatch(/bob|carol/)
  })

  test('a viewer reads; a new address is an admin’s to make and ends the old one', async () => {
    await says(alice, '/team viewer', { about: bob })
    const before = (await team()).auditToken
    expect(await says(bob, '/audit')).toContain(before)
    expect(await says(bob, '/audit rotate')).toContain('Only an admin')
    expect((await team()).auditToken).toBe(before)
    const after = await says(alice, '/audit rotate')
    expect(after).toContain((await team()).auditToken)
    expect(after).not.toContain(before)
    expect(await world.shop.context.teams.list({ index: 'audit', key: before })).toEqual([])
    expect(await says(alice, '/audit everything')).toContain('Nothing was changed')
  })

  test('in private the team in use, else the links of one’s own', async () => {
    expect(await whispers(carol, '/audit')).toContain('belongs to a team')
    expect(await whispers(alice, '/audit')).toContain(`/audit/${(await team()).auditToken}`)
    expect(await whispers(alice, '/audit rotate')).toContain('in the team’s group')
    await says(carol, '/team use')
    expect(await whispers(carol, '/audit')).toContain('No job was asked for')
  })
})

describe('BUYER-05: /spend', () => {
  test('per person and per provider, of Tracked jobs, in the days asked for', async () => {
    await settled({ usd: 5n })
    await world.clock.tick(10 * 86_400_000)
    await settled({ usd: 4n, who: carol })
    await settled({ usd: 90n, mode: 'untracked' })
    const month = await says(bob, '/spend')
    expect(month).toContain('the last 30 days')
    expect(month).toContain('"9.00 USDC"')
    expect(month).toMatch(/\["bob","1","5.00 USDC"\],\["carol","1","4.00 USDC"\]/)
    expect(month).toContain('["Berlin Rack","2","9.00 USDC"]')
    const week = await says(bob, '/spend 7')
    expect(week).toContain('"4.00 USDC"')
    expect(week).not.toContain('bob')
  })

  test.each(['/spend 0', '/spend 367', '/spend -1', '/spend week', '/spend 1.5'])('%s is explained', async (line) => {
    expect(await says(bob, line)).toContain('Say how many, from 1 to 366')
  })

  test('nothing spent is said; in private it needs a team', async () => {
    expect(await says(bob, '/spend 1')).toMatch(/the last day.*No Tracked job/)
    expect(await whispers(bob, '/spend')).toContain('Spend is a team’s')
    await says(bob, '/team use')
    expect(await whispers(bob, '/spend')).toContain('Spend of Acme')
  })
})
