// The audit page: a team’s jobs, named only where tracked.
import { expect, test } from 'vitest'
import type { Team } from '../../core/teams/team.ts'
import { finishJob } from './testFinishedJob.ts'
import { createTestShop } from './testShop.ts'
import { testWeb } from './testWeb.ts'

const team: Team = {
  id: 'telegram:-100',
  title: 'ML \u202Egroup <img>',
  place: { chatId: '-100' },
  roles: {},
  defaultMode: 'tracked',
  auditToken: 'audit-link-of-the-team',
  createdAtMs: 0,
}
const results = { log: 'x', output: new Uint8Array() }
const plain = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

test('BUYER-06/07 the team’s jobs with links and roots; names only where tracked; totals of tracked jobs', async () => {
  const shop = await createTestShop()
  await shop.context.teams.insert(team.id, team)
  const web = await testWeb(shop)
  const teamId = team.id
  const ann = await finishJob(shop, await shop.ordered({ teamId, label: 'Ann\u200B <i>' }), results)
  const bea = await finishJob(shop, await shop.ordered({ teamId, label: 'Bea', userId: '8' }), results)
  await finishJob(shop, await shop.ordered({ teamId, label: 'Bea', userId: '8' }), results)
  const hidden = await finishJob(shop, await shop.ordered({ teamId, label: 'Carl', mode: 'untracked' }), results)
  const elsewhere = await shop.ordered({ label: 'Dora' })
  const waiting = await shop.ordered({ teamId, label: 'Eve' })

  const reply = await web.request(`/audit/${team.auditToken}`)
  expect(reply.headers.get('Cache-Control')).toBe('no-store')
  const html = await reply.text()
  const text = plain(html)
  expect(text).toContain('Audit log of ML group &lt;img&gt;')
  expect(text).toContain('5 jobs, 4 settled, 16.00 USDC charged in all')
  for (const { job } of [ann, bea, hidden]) {
    expect(html).toContain(`href="/verify/${job.ref}"`)
    expect(html).toContain(job.record?.root)
    expect(html).toContain(`https://explorer.test/tx/${job.settled?.txHash}`)
  }
  expect(text).toMatch(/Ann &lt;i&gt; Berlin Rack.{0,10} h100-80gb-sxm ×1 4.00 USDC settled/)
  expect(text).toContain('Anonymous Berlin Rack')
  expect(text).toContain(`${waiting.ref} Eve Berlin Rack`)
  expect(text).toContain('– waiting for payment')
  expect(text).toContain('Bea 2 8.00 USDC Ann &lt;i&gt; 1 4.00 USDC')
  expect(text).toMatch(/Berlin Rack.{0,10} 3 12.00 USDC/)
  expect(text).not.toContain('Carl')
  expect(html).not.toContain(elsewhere.ref)
  expect(html).not.toContain(ann.job.linkToken)
  expect(html).not.toMatch(/[\u200B\u202E]/)
})

test('a team without jobs has a page that says so', async () => {
  const shop = await createTestShop()
  await shop.context.teams.insert(team.id, team)
  const web = await testWeb(shop)
  expect(await (await web.request(`/audit/${team.auditToken}`)).text()).toContain('No job was asked for')
})

test('what an expired job had paid on the way is in the sum that was charged', async () => {
  const shop = await createTestShop()
  await shop.context.teams.insert(team.id, team)
  const { ref } = await shop.ordered({ teamId: team.id, label: 'Ann' })
  const amounts = { refundedMicroUsd: 6_000_000n, paidMicroUsd: 2_000_000n }
  const refunded = { ...amounts, atMs: 0, txHash: `0x${'f4'.repeat(32)}`, why: 'Too late.' } as const
  await shop.change(ref, (job) => ({ ...job, state: 'refunded', refunded }))
  const text = plain(await (await (await testWeb(shop)).request(`/audit/${team.auditToken}`)).text())
  expect(text).toContain('1 job, 0 settled, 2.00 USDC charged in all')
})
