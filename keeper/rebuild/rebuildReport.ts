// What a rebuild says at its end: what stands again, what will become of it, what could not be had, what is lost.
import type { Address } from 'viem'
import type { Job, JobState } from '../../core/jobs/job.ts'
import { showUsd } from '../../core/money.ts'
import { heldMicroUsd, type JobStories } from './jobStories.ts'
import type { Rebuilt } from './rebuildStore.ts'

const NEXT: readonly (readonly [JobState, string])[] = [
  ['cancelling', 'paid and not started: what they were to run is lost, so their deposits go back'],
  ['running', 'started: paid as their seller’s runner signs, or up to the last checkpoint if it is not heard'],
  ['finishing', 'started: nobody is left to hear of them, so they are settled at their last checkpoint'],
  ['settled', 'settled'],
  ['refunded', 'refunded'],
]

const LOST =
  'Lost, since neither the chain nor 0G has it: what jobs were to run, with secrets and salts; who asked, teams, roles and chats; links to pay and job pages; the keys to logs and outputs that we kept; sellers’ listings and linked wallets; whatever was never paid.'

export interface ReportOptions {
  readonly rebuilt: Rebuilt
  readonly stories: JobStories
  /** What the router holds of open jobs at the last block read; undefined: no endpoint said. */
  readonly lockedMicroUsd: bigint | undefined
  /** Whom the registry pays for each seller's listing now; undefined: nobody. */
  readonly sellers: readonly { readonly listingId: string; readonly payout: Address | undefined }[]
}

export function rebuildReport({ rebuilt, stories, lockedMicroUsd, sellers }: ReportOptions): string[] {
  const { written, completed, kept, left, missing } = rebuilt
  const jobs = [...written, ...completed, ...kept]
  const { besides, unknown } = stories
  return [
    `${count(jobs.length, 'job')} restored: ${written.length} now, ${kept.length + completed.length} by an earlier rebuild${completed.length > 0 ? `, of which ${completed.length} got what was missing` : ''}.`,
    ...NEXT.flatMap(([state, words]) => line(jobs, state, words)),
    ...(left.length > 0 ? [`Left as they are, since no rebuild wrote them: ${listed(left)}.`] : []),
    ...(besides.length > 0
      ? [
          `${count(besides.length, 'further payment')} for the same jobs: the keeper sends back what is still in escrow.`,
        ]
      : []),
    ...(unknown.length > 0
      ? [
          `${count(unknown.length, 'job')} paid before ROUTER_FROM_BLOCK, so not restored: set the block of the router's deployment and run this again. ${unknown.join(' ')}`,
        ]
      : []),
    moneyLine([...stories.jobs, ...besides], lockedMicroUsd),
    ...(missing.length > 0
      ? [
          'Not to be had from 0G:',
          ...missing.map(({ ref, what, root, why }) => `  ${ref} ${what} ${root}: ${why}`),
          'Run this again when 0G answers, best before Necto starts: a job whose seller’s key only stands there is else settled at its last checkpoint.',
        ]
      : []),
    ...(sellers.length > 0
      ? [
          'Sellers whose entries the registry has; each lists again with /sell:',
          ...sellers.map(({ listingId, payout }) => `  ${listingId}, paid to ${payout ?? 'nobody any more'}`),
        ]
      : []),
    LOST,
  ]
}

/** Whether a second run could do more than this one. */
export const isWhole = ({ rebuilt, stories }: Pick<ReportOptions, 'rebuilt' | 'stories'>): boolean =>
  rebuilt.missing.length === 0 && stories.unknown.length === 0

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`
const listed = (jobs: readonly Job[]) => jobs.map(({ ref, state }) => `${ref} (${state})`).join(', ')

function line(jobs: readonly Job[], state: JobState, words: string): string[] {
  const these = jobs.filter((job) => job.state === state)
  if (these.length === 0) return []
  const isOver = state === 'settled' || state === 'refunded'
  return [`  ${these.length} ${words}${isOver ? '' : `: ${these.map(({ ref }) => ref).join(' ')}`}`]
}

function moneyLine(stories: JobStories['jobs'], lockedMicroUsd: bigint | undefined): string {
  const ours = showUsd(heldMicroUsd(stories))
  if (lockedMicroUsd === undefined)
    return `In escrow for open jobs: ${ours} USDC by the events; no endpoint said what the router holds.`
  const locked = showUsd(lockedMicroUsd)
  return locked === ours
    ? `In escrow for open jobs: ${ours} USDC, which is what the router holds for them.`
    : `In escrow for open jobs: ${ours} USDC by the events, and ${locked} by the router: not every payment was read. Is ROUTER_FROM_BLOCK the block of its deployment?`
}
