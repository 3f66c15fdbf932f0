// /prices h100 week: what providers asked over time, from what was noted every quarter of an hour.
import type { Ask } from '../../core/market/ask.ts'
import type { SampleDay } from '../../core/market/priceSamples.ts'
import { type PriceSample, priceChart } from '../charts/priceChart.ts'
import { textView, type View } from '../chat/view.ts'
import { lastDays } from '../views/words.ts'
import type { BotApp } from './app.ts'

const DAY_MS = 86_400_000
const PERIODS = { day: 1, week: 7, month: 30 } as const
type Period = keyof typeof PERIODS
const WORD = /(?:^|\s)(day|week|month)(?=\s|$)/i

/** For a platform with options. */
export const PERIOD_CHOICES = (Object.keys(PERIODS) as Period[]).map((value) => ({ name: value, value }))

/** The period that a line names, and the line without it; undefined: prices are asked for as they are now. */
export function readPeriod(text: string): { period: Period; rest: string } | undefined {
  const word = WORD.exec(text)?.[1]?.toLowerCase()
  const period = PERIOD_CHOICES.find(({ value }) => value === word)?.value
  return period && { period, rest: text.replace(WORD, ' ').trim() }
}

/** PRICE-05: the lowest price of each provider as a line; in words where nothing was noted. */
export async function priceHistory(app: BotApp, { ask, period }: { ask: Ask; period: Period }): Promise<View> {
  const { family } = ask.gpu
  const gpu = family.toUpperCase()
  const days = PERIODS[period]
  const fromMs = app.context.clock.now() - days * DAY_MS
  const noted = await app.priceSamples.list({ index: 'family', key: family })
  const samples = noted.flatMap(({ value }) => samplesOf(app, value)).filter(({ atMs }) => atMs >= fromMs)
  if (samples.length === 0) {
    return textView(
      `No prices of ${gpu} were noted in the last ${period}. They are every quarter of an hour, of what was asked for lately: /prices ${family} asks now.`,
    )
  }
  const picture = await priceChart({ gpu, period: lastDays(days), samples })
  return { blocks: [{ kind: 'text', spans: [picture.alt] }], picture }
}

function samplesOf({ providers }: BotApp, day: SampleDay): PriceSample[] {
  const names = new Map(providers.map(({ id, name }) => [id, name]))
  return day.samples.flatMap(({ atMs, rows }) =>
    rows.map(({ provider, lowest }) => ({
      atMs,
      provider: names.get(provider) ?? provider,
      usdPerGpuHour: lowest,
    })),
  )
}
