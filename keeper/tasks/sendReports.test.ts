// The keeper's reports: each due time once, over restarts, outages and daylight saving.
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { silentLog } from '../../core/log.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import type { Collection, Store } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { workOn } from '../../core/store/workOn.ts'
import { type Report, reports } from '../../core/teams/report.ts'
import type { ReportSchedule } from '../../core/teams/reportSchedule.ts'
import { type Team, teams } from '../../core/teams/team.ts'
import { sendReport } from './sendReports.ts'

const ms = (iso: string) => Date.parse(`${iso}Z`)
const utc = (at: number) => new Date(at).toISOString().slice(0, 16)
const HOUR_MS = 3_600_000
const team: Team = {
  id: 'telegram:-100',
  title: 'Acme',
  place: { platform: 'telegram', chatId: '-100', isPrivate: false, title: 'Acme' },
  roles: {},
  defaultMode: 'tracked',
  auditToken: 'audit',
  createdAtMs: 0,
}

let store: Store
let docs: Collection<Report>
let clock: ReturnType<typeof createManualClock>
let stops: AbortController[]
/** Every report ever made, in order. */
let made: string[]
beforeEach(() => {
  store = createMemoryStore()
  docs = store.collection(reports)
  stops = []
  made = []
})

async function setUp(iso: string, schedule: Omit<ReportSchedule, 'sinceMs'>): Promise<void> {
  clock = createManualClock(ms(iso))
  await store.collection(teams).insert(team.id, { ...team, report: { ...schedule, sinceMs: ms(iso) } })
  void watch()
  start()
}

async function watch(): Promise<void> {
  for await (const change of docs.watch(new AbortController().signal)) {
    const doc = change.removed ? undefined : await docs.get(change.id)
    if (doc) made.push(`${utc(doc.value.fromMs)} to ${utc(doc.value.toMs)}`)
  }
}

/** Runs the task as the keeper does, until stopped. */
function start(): void {
  const stop = new AbortController()
  stops.push(stop)
  void workOn({
    name: 'sendReports',
    collection: store.collection(teams),
    wants: ({ report }) => report !== undefined,
    work: (doc) => sendReport({ team: doc.value, reports: docs, nowMs: clock.now() }),
    clock,
    log: silentLog,
    signal: stop.signal,
  })
}

const stop = () => stops.pop()?.abort()
/** In hours, so that each look of the task gets its turn. */
async function pass(hours: number): Promise<void> {
  for (let i = 0; i < hours; i++) await clock.tick(HOUR_MS)
}
const change = (report: ReportSchedule | undefined) =>
  updateDocument({
    collection: store.collection(teams),
    id: team.id,
    change: ({ report: _, ...now }) => ({ ...now, ...(report && { report }) }),
  })

const monday9 = { every: 'week', weekday: 1, minuteOfDay: 540, zone: 'Europe/Berlin' } as const
const daily9 = { every: 'day', minuteOfDay: 540, zone: 'Europe/Berlin' } as const

describe('REPORT-01', () => {
  test('a week’s report is made once it is over, and the next a week later', async () => {
    await setUp('2026-11-20T12:00', monday9)
    await pass(3 * 24 - 4)
    expect(made).toEqual([])
    // Due at 09:00 in Berlin; what is being written then still counts.
    await clock.tick(4_999)
    expect(made).toEqual([])
    await clock.tick(1)
    expect(made).toEqual(['2026-11-16T08:00 to 2026-11-23T08:00'])
    await pass(7 * 24)
    expect(made).toEqual(['2026-11-16T08:00 to 2026-11-23T08:00', '2026-11-23T08:00 to 2026-11-30T08:00'])
    expect((await docs.list()).map(({ id }) => id)).toEqual([`telegram:-100:${ms('2026-11-30T08:00')}`])
    expect((await docs.list())[0]?.value.beforeMs).toBe(ms('2026-11-16T08:00'))
  })

  test.each([
    [
      'spring',
      '2026-03-28T00:00',
      [
        '2026-03-27T08:00 to 2026-03-28T08:00',
        '2026-03-28T08:00 to 2026-03-29T07:00',
        '2026-03-29T07:00 to 2026-03-30T07:00',
      ],
    ],
    [
      'autumn',
      '2026-10-24T00:00',
      [
        '2026-10-23T07:00 to 2026-10-24T07:00',
        '2026-10-24T07:00 to 2026-10-25T08:00',
        '2026-10-25T08:00 to 2026-10-26T08:00',
      ],
    ],
    [
      'a month’s and year’s end',
      '2026-12-30T00:00',
      [
        '2026-12-29T08:00 to 2026-12-30T08:00',
        '2026-12-30T08:00 to 2026-12-31T08:00',
        '2026-12-31T08:00 to 2027-01-01T08:00',
      ],
    ],
  ])('daily ones over %s have no gap and no overlap', async (_, from, expected) => {
    await setUp(from, daily9)
    await pass(3 * 24)
    expect(made).toEqual(expected)
  })

  test('a restart makes none again, at the due instant neither', async () => {
    await setUp('2026-11-23T07:00', monday9)
    await pass(1)
    await clock.tick(5_000)
    for (let i = 0; i < 3; i++) {
      stop()
      start()
      await clock.tick(1)
    }
    await pass(24)
    expect(made).toEqual(['2026-11-16T08:00 to 2026-11-23T08:00'])
  })

  test('two keepers make one', async () => {
    await setUp('2026-11-23T07:00', monday9)
    start()
    await pass(2)
    expect(made).toHaveLength(1)
  })

  test('of those missed while down only the latest is made', async () => {
    await setUp('2026-11-23T07:00', daily9)
    await clock.tick(1)
    stop()
    await clock.tick(5 * 24 * HOUR_MS)
    expect(made).toEqual([])
    start()
    await clock.tick(1)
    expect(made).toEqual(['2026-11-26T08:00 to 2026-11-27T08:00'])
  })

  test('none is due before the schedule was set, none after it was muted', async () => {
    await setUp('2026-11-23T08:30', monday9)
    await pass(24)
    expect(made).toEqual([])
    await change(undefined)
    await pass(8 * 24)
    expect(made).toEqual([])
  })

  test('a suspended team gets none, and the latest once it is open again', async () => {
    await setUp('2026-11-23T07:00', daily9)
    const suspend = (isSuspended: boolean) =>
      updateDocument({ collection: store.collection(teams), id: team.id, change: (now) => ({ ...now, isSuspended }) })
    await suspend(true)
    await pass(2 * 24)
    expect(made).toEqual([])
    await suspend(false)
    await clock.tick(1)
    expect(made).toEqual(['2026-11-23T08:00 to 2026-11-24T08:00'])
  })

  test('another time takes effect at once, and reports no time twice', async () => {
    await setUp('2026-11-23T07:00', monday9)
    await pass(2)
    await change({ ...daily9, minuteOfDay: 600, sinceMs: ms('2026-11-23T07:59') })
    await pass(2)
    expect(made).toEqual(['2026-11-16T08:00 to 2026-11-23T08:00', '2026-11-22T09:00 to 2026-11-23T09:00'])
    await change({ ...monday9, sinceMs: 0 })
    await pass(2)
    expect(made).toHaveLength(2)
  })
})
