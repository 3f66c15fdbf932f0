// REPORT-01: a team's spend in a time: the headline figure first, how it compares, who, where, what, and how to audit it.
import { chargedOf } from '../../core/jobs/chargedOf.ts'
import type { Job } from '../../core/jobs/job.ts'
import type { MicroUsd } from '../../core/money.ts'
import { compareAmounts } from '../../core/router/rank.ts'
import { type NamedTotal, type Spend, spendOf } from '../../core/teams/spend.ts'
import type { Team } from '../../core/teams/team.ts'
import { localTimeOf } from '../../core/zonedTime.ts'
import { safeName } from '../chat/safeText.ts'
import { type Block, type Span, textView, type View } from '../chat/view.ts'
import { txSpan, usdc } from './words.ts'

const TOP = 5
const TOP_JOBS = 3
// Short enough for all of it to fit into a picture's caption.
const NAME_LENGTH = 24

export interface ReportOptions {
  readonly team: Team
  /** The team's, of any time. */
  readonly jobs: readonly Job[]
  /** [fromMs, toMs), compared with [beforeMs, fromMs). */
  readonly period: { readonly beforeMs: number; readonly fromMs: number; readonly toMs: number }
  readonly zone: string
  readonly publicUrl: string
  readonly explorerTxUrl: string | undefined
}

/** The report in words, and what a picture of it is drawn from; no spend, no picture. */
export function reportView(options: ReportOptions): { view: View; spend?: Spend; period: string } {
  const { team, jobs, zone, publicUrl, explorerTxUrl } = options
  const { beforeMs, fromMs, toMs } = options.period
  const spend = spendOf({ jobs, fromMs, toMs })
  const before = spendOf({ jobs, fromMs: beforeMs, toMs: fromMs }).total.chargedMicroUsd
  const period = periodWords({ fromMs, toMs, zone })
  const audit: Span = { text: 'Audit log', href: `${publicUrl}/audit/${team.auditToken}` }
  const { total } = spend
  if (total.jobs === 0) {
    return { view: textView(`Nothing was spent, ${period}. ${compared(0n, before)} `, audit), period }
  }
  const count = `${total.jobs} Tracked ${total.jobs === 1 ? 'job' : 'jobs'}`
  const view: View = {
    blocks: [
      { kind: 'heading', text: `${usdc(total.chargedMicroUsd)} spent` },
      { kind: 'text', spans: [`${period}. ${count}. ${compared(total.chargedMicroUsd, before)}`] },
      ...topBlocks('By member', spend.byMember),
      ...topBlocks('By provider', spend.byProvider),
      ...jobBlocks({ jobs, fromMs, toMs, publicUrl, explorerTxUrl }),
      { kind: 'text', spans: [audit] },
    ],
  }
  return { view, spend, period }
}

/** "The time before: 40.00 USDC, so +22%." */
function compared(now: MicroUsd, before: MicroUsd): string {
  if (before === 0n) return 'The time before: nothing.'
  const percent = ((now - before) * 100n) / before
  const change = now === before ? 'the same' : `${percent > 0n ? '+' : ''}${percent}%`
  return `The time before: ${usdc(before)} (${change}).`
}

function topBlocks(heading: string, totals: readonly NamedTotal[]): Block[] {
  const items = totals
    .slice(0, TOP)
    .map(({ name, jobs, chargedMicroUsd }): Span[] => [
      `${safeName(name, { maxLength: NAME_LENGTH })} `,
      { text: usdc(chargedMicroUsd), style: 'bold' },
      ` (${jobs})`,
    ])
  const left = totals.length - items.length
  return [
    { kind: 'heading', text: left > 0 ? `${heading}, top ${TOP} of ${totals.length}` : heading },
    { kind: 'list', items },
  ]
}

function jobBlocks(
  options: Pick<ReportOptions, 'jobs' | 'publicUrl' | 'explorerTxUrl'> & { fromMs: number; toMs: number },
): Block[] {
  const { jobs, fromMs, toMs, publicUrl, explorerTxUrl } = options
  const items = jobs
    .flatMap((job) => {
      const { mode, user, settled } = job
      const isCounted = mode === 'tracked' && user && settled && settled.atMs >= fromMs && settled.atMs < toMs
      return isCounted ? [{ ref: job.ref, charged: chargedOf(job), txHash: settled.txHash }] : []
    })
    .sort((a, b) => compareAmounts(b.charged, a.charged))
    .slice(0, TOP_JOBS)
    .map(({ ref, charged, txHash }): Span[] => [
      { text: ref, style: 'code' },
      ` ${usdc(charged)} · `,
      txSpan(txHash, explorerTxUrl),
      ' · ',
      { text: 'verify', href: `${publicUrl}/verify/${ref}` },
    ])
  return [
    { kind: 'heading', text: 'Largest jobs' },
    { kind: 'list', items },
  ]
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** "16 Nov 09:00 to 23 Nov 2026 09:00 (Europe/Berlin)" */
function periodWords({ fromMs, toMs, zone }: { fromMs: number; toMs: number; zone: string }): string {
  const from = localTimeOf(fromMs, zone)
  const to = localTimeOf(toMs, zone)
  const fromYear = from.year === to.year ? '' : ` ${from.year}`
  return `${dayWords(from)}${fromYear} ${clockWords(from.minuteOfDay)} to ${dayWords(to)} ${to.year} ${clockWords(to.minuteOfDay)} (${zone})`
}

const dayWords = ({ day, month }: { day: number; month: number }): string => `${day} ${MONTHS[month - 1]}`

/** "09:00" */
export const clockWords = (minuteOfDay: number): string =>
  `${String(Math.floor(minuteOfDay / 60)).padStart(2, '0')}:${String(minuteOfDay % 60).padStart(2, '0')}`

/** "30 Nov 2026, 09:00 (Europe/Berlin)" */
export function momentWords(atMs: number, zone: string): string {
  const local = localTimeOf(atMs, zone)
  return `${dayWords(local)} ${local.year}, ${clockWords(local.minuteOfDay)} (${zone})`
}
