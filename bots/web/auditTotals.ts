// What a team spent: per person and per provider, from tracked jobs only.
import type { Job } from '../../core/jobs/job.ts'
import type { MicroUsd } from '../../core/money.ts'
import { chargedOf } from '../views/jobAmount.ts'

export interface Total {
  readonly name: string
  readonly jobs: number
  readonly chargedMicroUsd: MicroUsd
}

export interface Totals {
  /** All settled jobs, tracked or not. */
  readonly all: Total
  readonly byUser: readonly Total[]
  readonly byProvider: readonly Total[]
}

export function auditTotals(
  jobs: readonly Job[],
  nameOf: { user(job: Job): string; provider(job: Job): string },
): Totals {
  const settled = jobs.filter((job) => job.settled)
  const tracked = settled.filter((job) => job.mode === 'tracked' && job.user)
  return {
    all: { name: 'All', jobs: settled.length, chargedMicroUsd: sum(settled) },
    byUser: totalsBy(tracked, (job) => `${job.user?.platform}:${job.user?.userId}`, nameOf.user),
    byProvider: totalsBy(tracked, nameOf.provider, nameOf.provider),
  }
}

const sum = (jobs: readonly Job[]): MicroUsd => jobs.reduce((total, job) => total + chargedOf(job), 0n)

/** Highest first. People are told apart by their id, since two may have one name. */
function totalsBy(jobs: readonly Job[], keyOf: (job: Job) => string, nameOf: (job: Job) => string): Total[] {
  return [...Map.groupBy(jobs, keyOf).values()]
    .map((group) => ({
      name: group[0] ? nameOf(group[0]) : '',
      jobs: group.length,
      chargedMicroUsd: sum(group),
    }))
    .sort((a, b) => (a.chargedMicroUsd < b.chargedMicroUsd ? 1 : a.chargedMicroUsd > b.chargedMicroUsd ? -1 : 0))
}
