// Charts: any names and figures give a well-formed picture of the same shape, and words that say what it shows.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { perGpuHour } from '../../core/money.ts'
import type { NamedTotal, Spend } from '../../core/teams/spend.ts'
import { hostileText } from '../chat/testHostileText.ts'
import { shortAmount } from './amount.ts'
import { barChart } from './barChart.ts'
import { comparisonChart } from './comparisonChart.ts'
import { drawable, drawableNames } from './drawable.ts'
import { isDrawable } from './font.ts'
import { lineChart } from './lineChart.ts'
import { priceChart } from './priceChart.ts'
import { renderPng } from './renderPng.ts'
import { ticksOf, timeTicksOf } from './scale.ts'
import { spendChart } from './spendChart.ts'
import { fitText, svgOf, textLine, widthOf } from './svg.ts'

const T0 = Date.UTC(2026, 10, 20)
const usdOf = (dollars: number) => BigInt(Math.round(dollars * 1e6))
const elements = (svg: string) => svg.match(/<[a-z]+/g)?.length
const sizesOf = (svg: string) => [...svg.matchAll(/font-size="(\d+)"/g)].map(([, size]) => Number(size))
const isPng = (png: Uint8Array) => Buffer.from(png).subarray(1, 4).toString() === 'PNG'

const barsOf = (names: readonly string[]) =>
  barChart({
    title: names[0] ?? 'T',
    subtitle: names[1] ?? 'S',
    groups: [
      { title: 'Left', rows: names.map((label, i) => ({ label, amount: BigInt(i), text: label })), none: 'none' },
      { rows: [], none: names[0] ?? 'none' },
    ],
  })
const linesOf = (names: readonly string[]) =>
  lineChart({
    title: 'T',
    subtitle: 'S',
    lines: names.map((label, i) => ({ label, points: [{ atMs: T0 + i, amount: BigInt(i) }] })),
    none: 'none',
  })

describe('any text', () => {
  test('is a text and nothing else: well formed, the same elements as a plain name', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostileText, { minLength: 1, maxLength: 9 }), async (names) => {
        for (const make of [barsOf, linesOf]) {
          const svg = make(names)
          expect(elements(svg)).toBe(elements(make(names.map((_, i) => `Name ${i}`))))
          // Its parser refuses what is not well-formed XML.
          expect(isPng(await renderPng(svg))).toBe(true)
        }
      }),
      { numRuns: 30 },
    )
  })

  test('keeps within its width', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 60, max: 800 }), (text, maxWidth) => {
        const fitted = fitText(text, { maxWidth, size: 24 })
        expect(widthOf(fitted, { size: 24 })).toBeLessThanOrEqual(maxWidth)
        expect(fitted.isWellFormed()).toBe(true)
      }),
    )
    expect(fitText('W'.repeat(80), { maxWidth: 200, size: 24 })).toMatch(/^W{4,8}…$/)
    expect(fitText('', { maxWidth: 200, size: 24 })).toBe('–')
  })

  test('that holds markup is escaped', () => {
    expect(textLine('</text><image href="x"/>&\uFFFF', { x: 0, y: 0, maxWidth: 800 })).toContain(
      '&lt;/text&gt;&lt;image href=&quot;x&quot;/&gt;&amp;?<',
    )
  })

  test('is read on a phone: no type under 24 px', () => {
    const svgs = [barsOf(['a', 'b']), linesOf(['a', 'b'])]
    expect(svgs.flatMap(sizesOf).every((size) => size >= 24)).toBe(true)
  })
})

describe('characters that the font lacks', () => {
  test.each([
    ['Jürgen Łukasz Ωmega Жанна', 'Jürgen Łukasz Ωmega Жанна'],
    ['ノード Tokyo', '??? Tokyo'],
    ['田中', '??'],
    ['김 🚀 Rack 🇩🇪', '? ? Rack ??'],
    ['Ｔｏｋｙｏ 𝓡𝓪𝓬𝓴', 'Tokyo Rack'],
  ])('%s is drawn as %s', (text, drawn) => {
    expect(drawable(text)).toBe(drawn)
    expect(textLine(text, { x: 0, y: 0, maxWidth: 800 })).toContain(`>${drawn}<`)
  })

  test('never reach a picture, whatever it says', () => {
    fc.assert(
      fc.property(fc.oneof(hostileText, fc.string({ unit: 'binary' })), (text) => {
        for (const char of fitText(text, { maxWidth: 800, size: 24 })) expect(isDrawable(char)).toBe(true)
      }),
    )
  })

  test('an unknown glyph is what the font itself draws for none: the list of the ones it has is true', async () => {
    const png = async (char: string) =>
      Buffer.from(
        await renderPng(svgOf([`<text x="20" y="90" font-size="64" font-family="DejaVu Sans">${char}</text>`])),
      )
    const none = await png('田')
    for (const char of '한🚀\u{1F9FF}ノ')
      expect([char, isDrawable(char), (await png(char)).equals(none)]).toEqual([char, false, true])
    for (const char of 'aЖΩ…✓—√')
      expect([char, isDrawable(char), (await png(char)).equals(none)]).toEqual([char, true, false])
  })

  test('two names drawn alike are told apart by their place; the words beside the picture have the real ones', async () => {
    expect(drawableNames(['田中', 'Ann', '鈴木', 'Ann', '王'])).toEqual(['1. ??', 'Ann', '3. ??', 'Ann', '?'])
    const svg = barsOf(['田中', '鈴木'])
    expect(svg).toContain('>1. ??<')
    expect(svg).toContain('>2. ??<')
    expect(linesOf(['田中', '鈴木'])).toMatch(/ 1\. \?\?<.* 2\. \?\?</)
    const members = [total('田中', 2), total('鈴木', 1)]
    const { alt } = await spendChart({ spend: spendOf(members, [total('ノード', 3)]), period: 'today' })
    expect(alt).toContain('By member: 田中 2.00 USDC, 鈴木 1.00 USDC. By provider: ノード 3.00 USDC.')
  })
})

test('the same chart is the same bytes, 900 by 500', async () => {
  const svg = barsOf(['Ann', 'Bo'])
  const [first, second] = [await renderPng(svg), await renderPng(svg)]
  expect(Buffer.from(first).equals(Buffer.from(second))).toBe(true)
  expect([Buffer.from(first).readUInt32BE(16), Buffer.from(first).readUInt32BE(20)]).toEqual([900, 500])
})

test('the font is there: another text is another picture', async () => {
  const png = async (name: string) => Buffer.from(await renderPng(barsOf([name])))
  expect((await png('Ann')).equals(await png('Bob'))).toBe(false)
})

describe('figures', () => {
  test.each([
    [0, '0.00'],
    [0.001334, '0.001334'],
    [2.5, '2.50'],
    [1.999999, '2.00'],
    [999.995, '1,000.00'],
    [12_345.6, '12,345.60'],
    [1_234_567.89, '1.23 M'],
    [98_765_432_109, '98.76 B'],
  ])('%d is %s', (dollars, text) => {
    expect(shortAmount(usdOf(dollars))).toBe(text)
  })

  test('an axis holds every value with few round steps', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 20n), fc.bigInt(0n, 10n ** 20n), (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a]
        const ticks = ticksOf({ low, high, count: 4 })
        expect((ticks[0] ?? high) <= low && (ticks.at(-1) ?? low) >= high).toBe(true)
        expect(ticks.length).toBeGreaterThan(1)
        expect(ticks.length).toBeLessThanOrEqual(6)
      }),
    )
  })

  test('hours within days, days within weeks, all in UTC', () => {
    const ticks = (hours: number) =>
      timeTicksOf({ fromMs: T0, toMs: T0 + hours * 3_600_000, count: 4 }).map(({ text }) => text)
    expect(ticks(24)).toEqual(['20 Nov', '06:00', '12:00', '18:00', '21 Nov'])
    expect(ticks(24 * 7)).toEqual(['20 Nov', '22 Nov', '24 Nov', '26 Nov'])
    expect(ticks(0)).toEqual(['20 Nov'])
  })
})

const total = (name: string, dollars: number): NamedTotal => ({
  key: name,
  name,
  jobs: 1,
  chargedMicroUsd: usdOf(dollars),
})
const spendOf = (members: readonly NamedTotal[], providers: readonly NamedTotal[]): Spend => ({
  total: { jobs: members.length, chargedMicroUsd: members.reduce((sum, one) => sum + one.chargedMicroUsd, 0n) },
  byMember: members,
  byProvider: providers,
  byDay: [],
})

describe('BUYER-05: the spend chart', () => {
  test('says its figures in words, the rest summed up', async () => {
    const members = ['Ann', 'Bo', 'Cy', 'Di', 'Ed', 'Fi', 'Gus'].map((name, i) => total(name, 10 - i))
    const { png, alt } = await spendChart({ spend: spendOf(members, [total('Berlin Rack', 49)]), period: '16–22 Nov' })
    expect(isPng(png)).toBe(true)
    expect(alt).toBe(
      '49.00 USDC spent, 16–22 Nov, 7 jobs. By member: Ann 10.00 USDC, Bo 9.00 USDC, Cy 8.00 USDC, Di 7.00 USDC, Ed 6.00 USDC, 2 more 9.00 USDC. By provider: Berlin Rack 49.00 USDC.',
    )
  })

  test.each([
    ['nothing', spendOf([], []), '0.00 USDC spent, today, 0 jobs.'],
    [
      'zeros',
      spendOf([total('Ann', 0)], [total('Rack', 0)]),
      '0.00 USDC spent, today, 1 job. By member: Ann 0.00 USDC. By provider: Rack 0.00 USDC.',
    ],
  ])('of %s is a picture too', async (_, spend, words) => {
    const { png, alt } = await spendChart({ spend, period: 'today' })
    expect(isPng(png)).toBe(true)
    expect(alt).toBe(words)
  })

  test('of hostile names keeps its words short and clean', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostileText, { maxLength: 9 }), async (names) => {
        const totals = names.map((name) => total(name, 1))
        const { alt } = await spendChart({ spend: spendOf(totals, totals), period: 'today' })
        expect(alt.length).toBeLessThanOrEqual(1024)
        expect(alt).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
      }),
      { numRuns: 20 },
    )
  })
})

test('BUYER-02: the comparison is cheapest first, and says in words what is chosen and what an estimate', async () => {
  const row = (providerName: string, dollars?: number, estimated?: true) => ({
    providerName,
    gpu: 'H100',
    region: 'eu',
    model: 'fixed',
    verdict: '',
    why: '',
    ...(dollars !== undefined && { usdPerGpuHour: perGpuHour(usdOf(dollars)) }),
    ...(estimated && { estimated }),
  })
  const rows = [row('Akash', 2.1), row('Berlin Rack', 1.99), row('Render', 1.5, true), row('Nosana')]
  const { alt } = await comparisonChart({ title: 'H100 ×1', when: '12:00 UTC', rows, chosen: 'Berlin Rack' })
  expect(alt).toBe('H100 ×1, USD per GPU-hour, 12:00 UTC: Render (estimate) $1.50, ✓ Berlin Rack $1.99, Akash $2.10.')
  expect((await comparisonChart({ title: 'H100', when: 'now', rows: [] })).alt).toContain('nobody has a price')
})

test('the price history says each provider’s latest price and its range, cheapest first', async () => {
  const sample = (provider: string, hour: number, dollars: number) => ({
    atMs: T0 + hour * 3_600_000,
    provider,
    usdPerGpuHour: perGpuHour(usdOf(dollars)),
  })
  const samples = [sample('Akash', 2, 2), sample('io.net', 0, 1.8), sample('Akash', 0, 2.4), sample('Akash', 1, 1.9)]
  const { alt, png } = await priceChart({ gpu: 'H100', period: '7 days', samples })
  expect(alt).toBe('H100 prices in USD per GPU-hour, 7 days: io.net $1.80; Akash $2.00, between $1.90 and $2.40.')
  expect(isPng(png)).toBe(true)
  expect((await priceChart({ gpu: 'H100', period: '7 days', samples: [] })).alt).toContain('none were seen')
})
