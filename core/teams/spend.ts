// BUYER-05: what a team spent in a time: per member, per provider and per day, from its tracked jobs only.
import { chargedOf } from '../jobs/chargedOf.ts'
import type { Job } from '../jobs/job.ts'
import type { MicroUsd } from '../money.ts'
import { memberKey } from './team.ts'

const DAY_MS = 86_400_000

export interface SpendTotal {
  readonly jobs: number
  /** Fee included. */
  readonly chargedMicroUsd: MicroUsd
}

/** `key` tells two of one name apart; `name` is as last seen and as people wrote it, so it must be cleaned where it is shown. */
export interface NamedTotal extends SpendTotal {
  readonly key: string
  readonly name: string
}

export interface Spend {
  readonly total: SpendTotal
  /** By `<platform>:<numeric id>`, highest first. */
  readonly byMember: readonly NamedTotal[]
  /** By provider, a seller of Necto's by listing; highest first. */
  readonly byProvider: readonly NamedTotal[]
  /** Every day (UTC) that the time touches, oldest first, those without spend too. */
  readonly byDay: readonly (SpendTotal & { readonly dayMs: number })[]
}

/**
 * Sums up what was settled within [fromMs, toMs), all there is where an end is not given.
 * Untracked jobs count nowhere: they are nobody's spend.
 */
export function spendOf(options: { jobs: readonly Job[]; fromMs?: number; toMs?: number }): Spend {
  const { jobs, fromMs = 0, toMs = Number.POSITIVE_INFINITY } = options
  const spent = jobs
    .flatMap((job) => {
      const { mode, user, settled } = job
      const isCounted = mode === 'tracked' && user && settled && settled.atMs >= fromMs && settled.atMs < toMs
      return isCounted ? [{ job, user, atMs: settled.atMs }] : []
    })
    .sort((a, b) => a.atMs - b.atMs)
  const list = spent.map(({ job }) => job)
  const lastMs = options.toMs === undefined ? spent.at(-1)?.atMs : options.toMs - 1
  return {
    total: sum(list),
    byMember: totals(spent.map(({ job, user }) => ({ job, key: memberKey(user), name: user.label }))),
    byProvider: totals(
      list.map((job) => ({
        job,
        key: job.listingId ? `necto:${job.listingId}` : (job.card?.choice?.provider ?? ''),
        name: job.card?.choice?.providerName ?? '',
      })),
    ),
    byDay: daysBetween(options.fromMs ?? spent[0]?.atMs, lastMs).map((dayMs) => ({
      dayMs,
      ...sum(spent.filter(({ atMs }) => dayOf(atMs) === dayMs).map(({ job }) => job)),
    })),
  }
}

const sum = (jobs: readonly Job[]): SpendTotal => ({
  jobs: jobs.length,
  chargedMicroUsd: jobs.reduce((total, job) => total + chargedOf(job), 0n),
})

/** The latest name of each key; entries come oldest first. */
function totals(entries: readonly { job: Job; key: string; name: string }[]): NamedTotal[] {
  return [...Map.groupBy(entries, ({ key }) => key)]
    .map(([key, group]) => ({ key, name: group.at(-1)?.name ?? '', ...sum(group.map(({ job }) => job)) }))
    .sort((a, b) => (a.chargedMicroUsd < b.chargedMicroUsd ? 1 : a.chargedMicroUsd > b.chargedMicroUsd ? -1 : 0))
}

const dayOf = (atMs: number): number => Math.floor(atMs / DAY_MS) * DAY_MS

/** The days that [fromMs, lastMs] touches; none where nothing was spent and no end given. */
function daysBetween(fromMs: number | undefined, lastMs: number | undefined): number[] {
  if (fromMs === undefined || lastMs === undefined) return []
  const first = dayOf(fromMs)
  const count = Math.max(0, (dayOf(lastMs) - first) / DAY_MS + 1)
  return Array.from({ length: count }, (_, i) => first + i * DAY_MS)
}
