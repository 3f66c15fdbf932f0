// Jobs as a list that reads well on a phone: reference, state, GPU, provider, amount, age.
import type { Job } from '../../core/jobs/job.ts'
import { safeName } from '../chat/safeText.ts'
import type { Span, View } from '../chat/view.ts'
import { amountOf } from './jobAmount.ts'
import { stateWords } from './stateWords.ts'
import { showAgo } from './words.ts'

export const JOBS_PER_PAGE = 10

export function jobsView(options: {
  title: string
  /** Newest first. */
  jobs: readonly Job[]
  /** From 1. */
  page: number
  nowMs: number
  auditUrl?: string | undefined
  note?: string | undefined
}): View {
  const { title, jobs, page, nowMs, auditUrl, note } = options
  const end = page * JOBS_PER_PAGE
  const older = Math.max(0, jobs.length - end)
  const next: Span[] = older > 0 ? [`${older} older: `, { text: `/jobs ${page + 1}`, style: 'code' }] : []
  const audit: Span[] = auditUrl ? [{ text: 'All of them, with their proof', href: auditUrl }] : []
  const links = [...next, ...(next.length > 0 && audit.length > 0 ? [' · '] : []), ...audit]
  return {
    blocks: [
      { kind: 'heading', text: title },
      { kind: 'list', items: jobs.slice(end - JOBS_PER_PAGE, end).map((job) => line(job, nowMs)) },
      ...(links.length > 0 ? [{ kind: 'text' as const, spans: links }] : []),
      ...(note ? [{ kind: 'note' as const, text: note }] : []),
    ],
  }
}

function line(job: Job, nowMs: number): Span[] {
  const { choice } = job.card ?? {}
  const rest = [
    stateWords(job.state),
    `${choice?.gpu ?? job.ask.gpu.family} ×${job.ask.gpuCount}`,
    ...(choice ? [safeName(choice.providerName)] : []),
    ...(job.funded ? [amountOf(job)] : []),
    showAgo((nowMs - job.askedAtMs) / 1000),
  ]
  return [{ text: job.ref, style: 'code' }, ` ${rest.join(' · ')}`]
}
