// The price history of one GPU as a picture: a line for each provider, cheapest now first.
import type { MicroUsdPerGpuHour } from '../../core/money.ts'
import { compareAmounts } from '../../core/router/rank.ts'
import { clampText, safeName } from '../chat/safeText.ts'
import type { Picture } from '../chat/view.ts'
import { usd } from '../views/words.ts'
import { extentOf } from './amount.ts'
import { type Line, lineChart, MOST_LINES } from './lineChart.ts'
import { MAX_ALT } from './picture.ts'
import { renderPng } from './renderPng.ts'

export interface PriceSample {
  readonly atMs: number
  /** The provider's name, for people. */
  readonly provider: string
  readonly usdPerGpuHour: MicroUsdPerGpuHour
}

/** `gpu` and `period` in words: "H100 80 GiB", "7 days". Samples in any order; none give a picture that says so. */
export async function priceChart(options: {
  gpu: string
  period: string
  samples: readonly PriceSample[]
}): Promise<Picture> {
  const { gpu, period, samples } = options
  const lines = linesOf(samples)
  const shown = lines.slice(0, MOST_LINES)
  const left = lines.length - shown.length
  const subtitle = [`USD per GPU-hour, ${period}, UTC`, ...(left > 0 ? [`${left} dearer not shown`] : [])].join(' · ')
  const svg = lineChart({ title: `${gpu} prices`, subtitle, lines: shown, none: 'No prices were seen in this time.' })
  const words = lines.length > 0 ? `${lines.map(inWords).join('; ')}.` : 'none were seen.'
  return {
    fileName: 'prices.png',
    png: await renderPng(svg),
    alt: clampText(`${safeName(gpu)} prices in USD per GPU-hour, ${safeName(period)}: ${words}`, MAX_ALT),
  }
}

function linesOf(samples: readonly PriceSample[]): Line[] {
  const byProvider = Map.groupBy(samples, ({ provider }) => provider)
  return [...byProvider]
    .map(([label, own]) => ({
      label,
      points: own.map(({ atMs, usdPerGpuHour }) => ({ atMs, amount: usdPerGpuHour })).sort((a, b) => a.atMs - b.atMs),
    }))
    .sort((a, b) => compareAmounts(lastOf(a), lastOf(b)) || (a.label < b.label ? -1 : 1))
}

function inWords(line: Line): string {
  const { low, high } = extentOf(line.points.map(({ amount }) => amount))
  const range = low === high ? '' : `, between ${usd(low)} and ${usd(high)}`
  return `${safeName(line.label)} ${usd(lastOf(line))}${range}`
}

const lastOf = ({ points }: Line): bigint => points.at(-1)?.amount ?? 0n
