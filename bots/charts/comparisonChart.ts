// Providers compared as a picture: a bar for each one's best price, the chosen one and mere estimates marked in words too.
import type { ComparisonRow } from '../../core/jobs/card.ts'
import type { MicroUsdPerGpuHour } from '../../core/money.ts'
import { compareAmounts } from '../../core/router/rank.ts'
import { clampText, safeName } from '../chat/safeText.ts'
import type { Picture } from '../chat/view.ts'
import { usd } from '../views/words.ts'
import { shortAmount } from './amount.ts'
import { barChart } from './barChart.ts'
import type { Bar } from './bars.ts'
import { MAX_ALT } from './picture.ts'
import { renderPng } from './renderPng.ts'

type Priced = ComparisonRow & { readonly usdPerGpuHour: MicroUsdPerGpuHour }

/** BUYER-02. `title` says what is compared, `when` at which moment; a provider without a price of the asked GPU has no bar. */
export async function comparisonChart(options: {
  title: string
  when: string
  rows: readonly ComparisonRow[]
  /** The provider that was chosen, by name. */
  chosen?: string
}): Promise<Picture> {
  const { title, when, rows, chosen } = options
  const priced = rows
    .filter((row): row is Priced => row.usdPerGpuHour !== undefined)
    .sort((a, b) => compareAmounts(a.usdPerGpuHour, b.usdPerGpuHour))
  const svg = barChart({
    title,
    subtitle: `USD per GPU-hour, best of each provider · ${when}`,
    groups: [{ rows: priced.map((row) => barOf(row, chosen)), none: 'Nobody has a price for it.' }],
  })
  const words = priced.map((row) => `${safeName(labelOf(row, chosen))} ${usd(row.usdPerGpuHour)}`).join(', ')
  const alt = `${safeName(title)}, USD per GPU-hour, ${safeName(when)}: ${words || 'nobody has a price for it'}.`
  return { fileName: 'comparison.png', png: await renderPng(svg), alt: clampText(alt, MAX_ALT) }
}

function barOf(row: Priced, chosen: string | undefined): Bar {
  const look = row.estimated ? 'hollow' : row.providerName === chosen ? 'marked' : 'plain'
  return { label: labelOf(row, chosen), amount: row.usdPerGpuHour, text: shortAmount(row.usdPerGpuHour), look }
}

function labelOf({ providerName, estimated }: Priced, chosen: string | undefined): string {
  if (estimated) return `${providerName} (estimate)`
  return providerName === chosen ? `✓ ${providerName}` : providerName
}
