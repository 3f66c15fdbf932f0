// The audit page: every job of a team with its money, its transactions and its proof; names only where it was tracked.
import { html } from 'hono/html'
import type { Hex } from 'viem'
import { chargedOf } from '../../core/jobs/chargedOf.ts'
import type { Job } from '../../core/jobs/job.ts'
import { type NamedTotal, spendOf } from '../../core/teams/spend.ts'
import { safeName } from '../chat/safeText.ts'
import { amountOf } from '../views/jobAmount.ts'
import { stateWords } from '../views/stateWords.ts'
import { shortHex, usdc } from '../views/words.ts'
import { type Html, linkHtml, page, tableHtml } from './html.ts'

const userOf = (job: Job): string => (job.mode === 'tracked' && job.user ? safeName(job.user.label) : 'Anonymous')
const providerOf = (job: Job): string => safeName(job.card?.choice?.providerName ?? '–')

export function auditPage(options: {
  assets: string
  teamTitle: string
  /** Newest first. */
  jobs: readonly Job[]
  explorerTxUrl: string | undefined
}): Html {
  const { assets, jobs, explorerTxUrl } = options
  const title = `Audit log of ${safeName(options.teamTitle, { maxLength: 80 })}`
  const settled = jobs.filter((job) => job.settled)
  const chargedMicroUsd = jobs.reduce((sum, job) => sum + chargedOf(job), 0n)
  const { byMember, byProvider } = spendOf({ jobs })
  return page({
    title,
    assets,
    body: html`<h1>${title}</h1>
<p>${jobs.length} ${jobs.length === 1 ? 'job' : 'jobs'}, ${settled.length} settled, <b>${usdc(chargedMicroUsd)}</b> charged in all. Times are UTC. Untracked jobs stand as Anonymous.</p>
${jobs.length === 0 ? html`<p>No job was asked for in this team yet.</p>` : jobsTable(jobs, explorerTxUrl)}
${totalsHtml('Spent per person, tracked jobs', 'Person', byMember)}
${totalsHtml('Spent per provider, tracked jobs', 'Provider', byProvider)}`,
    wide: true,
  })
}

function jobsTable(jobs: readonly Job[], explorerTxUrl: string | undefined): Html {
  return tableHtml({
    caption: 'Jobs, newest first',
    columns: [
      { title: 'When', align: 'left' },
      { title: 'Job', align: 'left' },
      { title: 'Who', align: 'left' },
      { title: 'Provider', align: 'left' },
      { title: 'GPU', align: 'left' },
      { title: 'Amount', align: 'right' },
      { title: 'State', align: 'left' },
      { title: 'Escrow', align: 'left' },
      { title: '0G root', align: 'left' },
      { title: 'Proof', align: 'left' },
    ],
    rows: jobs.map((job) => [
      html`<time class="nowrap">${new Date(job.askedAtMs).toISOString().slice(0, 16).replace('T', ' ')}</time>`,
      html`<code class="nowrap">${job.ref}</code>`,
      html`${userOf(job)}`,
      html`${providerOf(job)}`,
      html`<span class="nowrap">${job.card?.choice?.gpu ?? job.ask.gpu.family} ×${job.ask.gpuCount}</span>`,
      html`${amountOf(job)}`,
      html`${stateWords(job.state)}`,
      transactions(job, explorerTxUrl),
      html`${job.record ? html`<code class="nowrap" title="${job.record.root}">${shortHex(job.record.root)}</code>` : '–'}`,
      html`${job.record ? linkHtml(`/verify/${job.ref}`, 'Verify') : '–'}`,
    ]),
  })
}

function transactions({ funded, settled, refunded }: Job, explorerTxUrl: string | undefined): Html {
  const list: [label: string, hash: Hex | undefined][] = [
    ['paid in', funded?.txHash],
    ['settled', settled?.txHash],
    ['refunded', refunded?.txHash],
  ]
  const shown = list.flatMap(([label, hash]) => (hash ? [[label, hash] as const] : []))
  if (shown.length === 0) return html`–`
  return html`${shown.map(([label, hash]) => {
    const text = html`<code title="${hash}">${shortHex(hash)}</code>`
    return html`<div class="nowrap">${label} ${explorerTxUrl ? linkHtml(explorerTxUrl.replace('{hash}', hash), text) : text}</div>`
  })}`
}

function totalsHtml(title: string, who: string, totals: readonly NamedTotal[]): Html | string {
  if (totals.length === 0) return ''
  return html`<h2>${title}</h2>${tableHtml({
    columns: [
      { title: who, align: 'left' },
      { title: 'Jobs', align: 'right' },
      { title: 'Charged', align: 'right' },
    ],
    rows: totals.map(({ name, jobs, chargedMicroUsd }) => [
      html`${safeName(name)}`,
      html`${jobs}`,
      html`${usdc(chargedMicroUsd)}`,
    ]),
  })}`
}
