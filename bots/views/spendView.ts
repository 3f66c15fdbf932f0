// BUYER-05: a team's spend in words: the sum first, then who and where.
import type { NamedTotal, Spend } from '../../core/teams/spend.ts'
import type { Team } from '../../core/teams/team.ts'
import { safeName } from '../chat/safeText.ts'
import type { Block, View } from '../chat/view.ts'
import { lastDays, usdc } from './words.ts'

const SHOWN = 10

export function spendView(options: { team: Team; spend: Spend; days: number; publicUrl: string }): View {
  const { team, spend, days, publicUrl } = options
  const { total, byMember, byProvider } = spend
  return {
    blocks: [
      { kind: 'heading', text: `Spend of ${safeName(team.title, { maxLength: 64 })}, ${lastDays(days)}` },
      {
        kind: 'text',
        spans:
          total.jobs === 0
            ? ['No Tracked job was settled in this time.']
            : [
                { text: usdc(total.chargedMicroUsd), style: 'bold' },
                ` for ${total.jobs} ${total.jobs === 1 ? 'job' : 'jobs'}.`,
              ],
      },
      ...totalsBlocks('Person', byMember),
      ...totalsBlocks('Provider', byProvider),
      {
        kind: 'text',
        spans: [{ text: 'Every job, with its proof', href: `${publicUrl}/audit/${team.auditToken}` }],
      },
      { kind: 'note', text: 'Tracked jobs alone, fee included; Untracked ones are nobody’s.' },
    ],
  }
}

function totalsBlocks(heading: string, totals: readonly NamedTotal[]): Block[] {
  if (totals.length === 0) return []
  const rest = totals.slice(SHOWN)
  const shown = totals
    .slice(0, SHOWN)
    .map((one) => [safeName(one.name, { maxLength: 24 }), String(one.jobs), usdc(one.chargedMicroUsd)])
  const others = [
    `${rest.length} more`,
    String(rest.reduce((sum, { jobs }) => sum + jobs, 0)),
    usdc(rest.reduce((sum, { chargedMicroUsd }) => sum + chargedMicroUsd, 0n)),
  ]
  return [
    {
      kind: 'table',
      columns: [
        { title: heading, align: 'left' },
        { title: 'Jobs', align: 'right' },
        { title: 'Charged', align: 'right' },
      ],
      rows: rest.length > 0 ? [...shown, others] : shown,
    },
  ]
}
