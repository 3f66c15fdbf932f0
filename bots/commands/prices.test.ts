// /prices: every provider side by side, live, narrow enough for a phone; no job, no record, nobody written down.
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { asker, createTestJobs, type TestJobs } from '../../core/jobs/testJobs.ts'
import { createTestProvider, testBatch } from '../../core/market/testMarket.ts'
import { perGpuHour } from '../../core/money.ts'
import { actionTokens } from '../chat/actions.ts'
import type { Place, Principal } from '../chat/inbound.ts'
import { widthOf } from '../chat/textWidth.ts'
import { renderTelegram } from '../telegram/render.ts'
import { createTestApp, textOf } from './testApp.ts'

const clock = createManualClock(Date.UTC(2026, 10, 23))
const annabel: Principal = { ...asker, kind: 'user' }
const group: Place = { platform: 'telegram', chatId: '-100', isPrivate: false, title: 'Acme' }
let shop: TestJobs
let bot: ReturnType<typeof createTestApp>
let events = 0
beforeEach(async () => {
  shop = await createTestJobs({ clock })
  bot = createTestApp({ shop, clock })
})
const by = () => ({ key: `ev:${++events}`, principal: annabel, place: group })
/** The table; what follows it is the picture. */
const last = () => [...bot.messages.values()].findLast(({ view }) => !view.picture)?.view
const pictures = () => bot.sent.flatMap(({ picture }) => picture ?? [])
const scansUsed = () => {
  let left = 0
  while (bot.app.scanLimit.take(annabel)) left++
  return 100 - left
}

describe('BUYER-02', () => {
  test('one message: who is being asked, then the table of all with what each asks', async () => {
    const slow = createTestProvider({ id: 'ionet', clock, answers: [{ afterMs: 3_000, give: testBatch('ionet') }] })
    bot = createTestApp({
      shop: { ...shop, market: { ...shop.market, providers: [...shop.market.providers, slow] } },
      clock,
    })
    const asked = bot.says(by(), 'prices', 'h100 x2 eu')
    await clock.tick(10)
    expect(textOf(last())).toMatch(/Prices: h100 x2 1h eu.*"working".*Scanning IONET/)
    await asked
    expect(bot.sent).toHaveLength(2)
    expect(pictures()[0]?.alt).toMatch(/Berlin Rack.*\$2.00/)
    const said = textOf(last())
    expect(said).toMatch(/Recommended.*Berlin Rack.*\$2.00 per GPU-hour/)
    for (const row of [
      /"Berlin Rack","\$2.00","chosen"/,
      /"AKASH","\$2.40","/,
      /"IONET","\$2.00","/,
      /absent: .*It could not be read/,
    ])
      expect(said).toMatch(row)
    expect(said).toContain('/job h100 x2 1h eu run python train.py')
  })

  test('the table and every other monospace line fit 38 columns', async () => {
    await bot.says(by(), 'prices', 'h100')
    const { text, entities } = renderTelegram(last() ?? { blocks: [] }, () => true)
    const tables = entities
      .filter(({ type }) => type === 'pre')
      .map(({ offset, length }) => text.slice(offset, offset + length))
    expect(tables).toHaveLength(1)
    for (const line of tables.join('\n').split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(38)
    expect(text.length).toBeLessThan(2_000)
  })

  test('nothing is stored: no job, no session, no record, and nobody’s name or number', async () => {
    await bot.says(by(), 'prices', '')
    await bot.says(by(), 'prices', 'h100')
    const [jobs, sessions, uploads] = await Promise.all([
      shop.context.jobs.list(),
      shop.context.sessions.list(),
      shop.context.uploads.list(),
    ])
    expect([jobs, sessions, uploads]).toEqual([[], [], []])
    expect(await shop.store.collection(actionTokens).list()).toEqual([])
  })

  test('alone it explains itself with buttons; each press compares, answered first, and counts', async () => {
    await bot.says(by(), 'prices', '')
    const [h100] = (bot.sent[0]?.buttons ?? []).flat()
    if (!h100 || !('token' in h100)) throw new Error('no button')
    await bot.presses(by(), h100.token)
    await bot.presses(by(), h100.token)
    expect(bot.told).toEqual(['', ''])
    expect(textOf(last())).toMatch(/Prices: h100 x1 1h.*Berlin Rack/)
    expect(scansUsed()).toBe(2)
  })

  test('PRICE-05: how prices moved, from what was noted; nothing is asked, and none is said to be none', async () => {
    await bot.says(by(), 'prices', 'h100 week')
    expect(textOf(last())).toContain('No prices of H100 were noted in the last week')
    const row = (usd: bigint) => [{ provider: 'akash', lowest: perGpuHour(usd), median: perGpuHour(usd) }]
    const nowMs = clock.now()
    await bot.app.priceSamples.insert('h100:1', {
      family: 'h100',
      dayMs: nowMs - 2 * 86_400_000,
      samples: [
        { atMs: nowMs - 2 * 86_400_000, rows: row(1_500_000n) },
        { atMs: nowMs - 3_600_000, rows: row(1_700_000n) },
      ],
    })
    await bot.says(by(), 'prices', 'week h100')
    expect(pictures().at(-1)?.alt).toMatch(/H100 prices.*the last 7 days: .* \$1.70, between \$1.50 and \$1.70/)
    await bot.says(by(), 'prices', 'h100 day')
    expect(pictures().at(-1)?.alt).not.toContain('$1.50')
    expect(scansUsed()).toBe(0)
  })

  test('bad words, a command to run, and a day used up are said, and nobody is asked', async () => {
    await bot.says(by(), 'prices', 'h1oo')
    expect(textOf(last())).toMatch(/did not get all.*h1oo.*For example: .*\/prices/)
    expect(textOf(last())).not.toContain('How long')
    await bot.says(by(), 'prices', 'h100 4h run python a.py')
    expect(textOf(last())).toContain('runs nothing')
    expect(scansUsed()).toBe(0)
    await bot.says(by(), 'prices', 'h100')
    expect(textOf(last())).toContain('used up')
  })
})
