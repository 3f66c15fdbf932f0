// A team's spend as a picture: bars per member and per provider.
import type { MicroUsd } from '../../core/money.ts'
import type { NamedTotal, Spend } from '../../core/teams/spend.ts'
import { clampText, safeName } from '../chat/safeText.ts'
import type { Picture } from '../chat/view.ts'
import { usdc } from '../views/words.ts'
import { shortAmount } from './amount.ts'
import { type BarGroup, barChart } from './barChart.ts'
import { MAX_ALT } from './picture.ts'
import { renderPng } from './renderPng.ts'

// The rest is summed up in the picture's last line, and in words in the audit log.
const IN_WORDS = 5

/** BUYER-05. `period` in words: "16–22 Nov 2026". */
export async function spendChart({ spend, period }: { spend: Spend; period: string }): Promise<Picture> {
  const { total, byMember, byProvider } = spend
  const jobs = `${total.jobs} ${total.jobs === 1 ? 'job' : 'jobs'}`
  const svg = barChart({
    title: `${shortAmount(total.chargedMicroUsd)} USDC spent`,
    subtitle: `${jobs} · ${period}`,
    groups: [groupOf('By member', byMember), groupOf('By provider', byProvider)],
  })
  const alt = [
    `${usdc(total.chargedMicroUsd)} spent, ${safeName(period)}, ${jobs}.`,
    ...(total.jobs > 0 ? [`By member: ${inWords(byMember)}.`, `By provider: ${inWords(byProvider)}.`] : []),
  ].join(' ')
  return { fileName: 'spend.png', png: await renderPng(svg), alt: clampText(alt, MAX_ALT) }
}

function groupOf(title: string, totals: readonly NamedTotal[]): BarGroup {
  return {
    title,
    rows: totals.map(({ name, chargedMicroUsd }) => ({
      label: name,
      amount: chargedMicroUsd,
      text: shortAmount(chargedMicroUsd),
    })),
    rest: (left) => `and ${left.length} more: ${shortAmount(sum(left.map(({ amount }) => amount)))}`,
    none: 'Nothing was spent.',
  }
}

function inWords(totals: readonly NamedTotal[]): string {
  const shown = totals
    .slice(0, IN_WORDS)
    .map(({ name, chargedMicroUsd }) => `${safeName(name)} ${usdc(chargedMicroUsd)}`)
  const left = totals.slice(IN_WORDS)
  const rest = `${left.length} more ${usdc(sum(left.map(({ chargedMicroUsd }) => chargedMicroUsd)))}`
  return [...shown, ...(left.length > 0 ? [rest] : [])].join(', ')
}

const sum = (amounts: readonly MicroUsd[]): MicroUsd => amounts.reduce((total, amount) => total + amount, 0n)
