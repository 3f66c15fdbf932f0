// Reports as a team sees them: once, quietly, the figure first, with a chart; what is said when nothing was spent.
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import type { JobMode } from '../../core/jobs/job.ts'
import { createTestJobs, type TestJobs } from '../../core/jobs/testJobs.ts'
import type { Collection } from '../../core/store/store.ts'
import { type Report, reportId, reports } from '../../core/teams/report.ts'
import type { Place } from '../chat/inbound.ts'
import { group } from '../chat/testPort.ts'
import type { View } from '../chat/view.ts'
import { createTestApp, textOf } from '../commands/testApp.ts'
import { blocksInCaption, renderTelegram } from '../telegram/render.ts'
import { createReportFollower } from './followReports.ts'
import { notices } from './notice.ts'

const monday = Date.UTC(2026, 10, 23, 8)
const WEEK_MS = 7 * 86_400_000
const period = { beforeMs: monday - 2 * WEEK_MS, fromMs: monday - WEEK_MS, toMs: monday }
const teamId = 'telegram:-100'
const schedule = { every: 'week', weekday: 1, minuteOfDay: 540, zone: 'Europe/Berlin', sinceMs: 1 } as const

let clock: ReturnType<typeof createManualClock>
let shop: TestJobs
let bot: ReturnType<typeof createTestApp>
let docs: Collection<Report>
let follow: (report?: Report) => Promise<void>
let posts: { place: unknown; options: unknown }[]
beforeEach(async () => {
  clock = createManualClock(monday - WEEK_MS)
  shop = await createTestJobs({ clock })
  bot = createTestApp({ shop, clock })
  docs = shop.store.collection(reports)
  posts = []
  const { send } = bot.app.chat
  Object.assign(bot.app.chat, {
    send: async (...[place, view, options]: Parameters<typeof send>) => {
      posts.push({ place, options })
      return send(place, view, options)
    },
  })
  const work = createReportFollower({ app: bot.app, notices: shop.store.collection(notices), reports: docs })
  follow = async (report = { teamId, ...period }) => {
    const id = reportId(report)
    const doc = (await docs.insert(id, report)) ?? (await docs.get(id))
    if (doc) await bot.until(work(doc))
  }
})

async function makeTeam(where: Partial<Place> = {}): Promise<void> {
  await shop.context.teams.insert(teamId, {
    id: teamId,
    title: 'Acme',
    place: { ...group, ...where },
    roles: {},
    report: schedule,
    defaultMode: 'tracked',
    auditToken: 'audit-token',
    createdAtMs: 0,
  })
}

/** A job of the team that was settled then. */
async function spent(usd: number, more: { atMs?: number; who?: string; mode?: JobMode; team?: string } = {}) {
  const { atMs = monday - 1, who = 'Ann', mode = 'tracked', team = teamId } = more
  const principal = { platform: 'telegram', userId: who, label: who }
  const job = await shop.signed({ teamId: team, mode, principal, ask: { maxSeconds: 3600, gpuCount: 1 } })
  const paid = BigInt(Math.round(usd * 1e6))
  await shop.change(job.ref, (now) => ({
    ...now,
    state: 'settled',
    settled: { txHash: `0x${'f1'.repeat(32)}`, atMs, paidMicroUsd: paid - 1n, feeMicroUsd: 1n, refundedMicroUsd: 0n },
  }))
  // What it had reserved is free again.
  const listing = await shop.context.listings.get(shop.listing.id)
  if (listing) await shop.context.listings.put(listing, { ...listing.value, reservations: {} })
  return job.ref
}

const wordsOf = (view: View | undefined) => renderTelegram(view ?? { blocks: [] }, () => true).text

describe('REPORT-01: a report', () => {
  test('says the sum first, then the comparison, who, where, the largest jobs and how to audit it', async () => {
    await makeTeam()
    const large = await spent(30, { who: 'Bo' })
    await spent(10, { atMs: period.fromMs })
    await spent(9.5)
    await spent(40, { atMs: period.fromMs - 1, who: 'Cy' })
    await spent(500, { atMs: period.toMs })
    await spent(700, { mode: 'untracked' })
    await spent(900, { team: 'telegram:-999' })
    await follow()
    expect(bot.sent).toHaveLength(1)
    const [view] = bot.sent
    expect(wordsOf(view).split('\n').slice(0, 2)).toEqual([
      '49.50 USDC spent',
      '16 Nov 09:00 to 23 Nov 2026 09:00 (Europe/Berlin). 3 Tracked jobs. The time before: 40.00 USDC (+23%).',
    ])
    expect(wordsOf(view)).toContain('By member\n• Bo 30.00 USDC (1)\n• Ann 19.50 USDC (2)\n')
    expect(wordsOf(view)).toContain('By provider\n• Berlin Rack 49.50 USDC (3)\n')
    expect(wordsOf(view)).toContain(`Largest jobs\n• ${large} 30.00 USDC · tx 0xf1f1…f1f1 · verify\n`)
    expect(textOf(view)).toContain('/audit/audit-token')
    expect(textOf(view)).toContain(`/verify/${large}`)
    expect(view?.picture?.alt).toContain('By member: Bo 30.00 USDC, Ann 19.50 USDC.')
  })

  test('fits whole into a picture’s caption, also with many long names', async () => {
    await makeTeam()
    for (let i = 0; i < 8; i++) await spent(12_345.123456 + i, { who: `${i}${'W'.repeat(80)}` })
    await follow()
    const [view] = bot.sent
    if (!view) throw new Error('nothing sent')
    expect(wordsOf(view)).toContain('By member, top 5 of 8')
    expect(blocksInCaption(view, () => true)).toBe(view.blocks.length)
  })

  test('is posted quietly and once, in the topic that was meant', async () => {
    await makeTeam({ threadId: '7' })
    await spent(10)
    await follow()
    await follow()
    expect(posts).toMatchObject([{ place: { chatId: '-100', threadId: '7' }, options: { silent: true } }])
  })

  test('of a time without spend is one line and no picture', async () => {
    await makeTeam()
    await spent(40, { atMs: period.fromMs - 1 })
    await follow()
    expect(bot.sent[0]?.picture).toBeUndefined()
    expect(wordsOf(bot.sent[0])).toBe(
      'Nothing was spent, 16 Nov 09:00 to 23 Nov 2026 09:00 (Europe/Berlin). The time before: 40.00 USDC (-100%). Audit log',
    )
  })

  test('that was muted meanwhile, or has a later one, is not posted', async () => {
    await makeTeam()
    await docs.insert('later', { teamId, ...period, toMs: period.toMs + 1 })
    await follow()
    expect(bot.sent).toEqual([])
    const team = await shop.context.teams.get(teamId)
    if (!team) throw new Error('no team')
    const { report: _, ...muted } = team.value
    await shop.context.teams.put(team, muted)
    await follow({ teamId, ...period, toMs: period.toMs + 2 })
    expect(bot.sent).toEqual([])
  })

  test('to a group that put the bot out is done with; one that could not be sent is tried again', async () => {
    await makeTeam()
    bot.chat.fail(new NectoError('chat.unreachable', 'kicked'))
    await follow()
    await follow()
    expect(bot.sent).toEqual([])
    const next = { teamId, ...period, toMs: period.toMs + WEEK_MS }
    bot.chat.fail(new NectoError('chat.failed', 'lost', { retry: 'unknown' }))
    await expect(follow(next)).rejects.toMatchObject({ code: 'chat.failed' })
    await follow(next)
    expect(bot.sent).toHaveLength(1)
  })
})
