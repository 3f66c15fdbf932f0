// The verify page: where the bytes are, what was checked and found, and the decision in words.
import { html } from 'hono/html'
import type { Hex } from 'viem'
import { depositOf } from '../../core/escrow/metering.ts'
import type { Terms } from '../../core/escrow/terms.ts'
import type { Job } from '../../core/jobs/job.ts'
import type { Upload } from '../../core/jobs/upload.ts'
import type { DecisionRecord } from '../../core/record/record.ts'
import type { Step } from '../../core/record/verifyRecord.ts'
import { cleanText } from '../chat/safeText.ts'
import { stepTitle } from '../views/stepTitle.ts'
import { showSeconds, usdc } from '../views/words.ts'
import { decisionHtml } from './decisionHtml.ts'
import { factsHtml, type Html, linkHtml, page } from './html.ts'
import { gatewayFileUrl } from './webOptions.ts'

export interface VerifyPageOptions {
  readonly assets: string
  readonly job: Job
  readonly sealed: NonNullable<Job['record']>
  /** How the record lies on 0G. */
  readonly upload: Upload | undefined
  /** Out of our own copy; undefined when that cannot be read. */
  readonly record: DecisionRecord | undefined
  readonly names: Readonly<Record<string, string>>
  /** The steps, or why they could not be run. */
  readonly verification: { readonly steps: readonly Step[] } | { readonly why: string }
  readonly gatewayUrl: string
  readonly explorerTxUrl: string | undefined
  readonly storageExplorerTxUrl: string | undefined
}

export function verifyPage(options: VerifyPageOptions): Html {
  const { assets, job, sealed, record, names } = options
  return page({
    title: `Decision ${job.ref}`,
    assets,
    body: html`<h1>Decision ${job.ref}</h1>
${bytesHtml(options)}
<h2>Checked just now</h2>
${stepsHtml(options.verification)}
<p class="message">This page ran these checks on our server, so it asks you to trust us. The check that trusts nobody is <code>./necto verify ${job.ref}</code> on your own machine: it takes the bytes from 0G and the job from a chain endpoint that you choose.</p>
<h2>Where it stands</h2>
${placesHtml(options)}
${job.funded && job.terms ? termsHtml(job.terms) : html`<h2>Terms</h2><p>Nothing was paid for on this decision.</p>`}
${record ? decisionHtml(record, names) : html`<h2>The decision</h2><p>Our own copy of the record cannot be read now. 0G has the bytes: see the first link, root <code>${sealed.root}</code>.</p>`}`,
  })
}

function bytesHtml({ job, sealed, upload, gatewayUrl }: VerifyPageOptions): Html {
  const pages = upload ? upload.objects.length - 1 : 0
  const raw = gatewayFileUrl(gatewayUrl, sealed.root, `${job.ref}.json`)
  const own = html`<a href="/record/${sealed.root}">our own copy</a>`
  if (pages < 1) return html`<p>${linkHtml(raw, 'The record’s raw bytes on 0G')}, and ${own} of them.</p>`
  const links = upload?.objects
    .slice(0, pages)
    .map(
      ({ root }, i) =>
        html`<li>${linkHtml(gatewayFileUrl(gatewayUrl, root, `${job.ref}-${i + 1}.part`), `page ${i + 1}`)}, root <code>${root}</code></li>`,
    )
  return html`<p>${linkHtml(raw, 'The record’s manifest on 0G')}, which names its ${pages} pages, and ${own} of the joined bytes.</p>
<details><summary>The ${pages} pages on 0G</summary><ol>${links}</ol></details>`
}

function stepsHtml(verification: VerifyPageOptions['verification']): Html {
  if ('why' in verification)
    return html`<p class="message bad">The checks could not be run now: ${verification.why}</p>`
  const { steps } = verification
  const failed = steps.find(({ ok }) => ok === false)
  const open = steps.filter(({ ok }) => ok === undefined).length
  const verdict = failed
    ? `Failed at: ${stepTitle(failed.step)}.`
    : `No step failed${open > 0 ? `, ${open} could not be judged` : ''}.`
  return html`<p class="message ${failed ? 'bad' : 'good'}"><b>${verdict}</b></p>
<ul class="steps">${steps.map(
    ({ step, ok, detail }) =>
      html`<li class="${ok === undefined ? '' : ok ? 'ok' : 'failed'}"><b>${ok === undefined ? 'not judged' : ok ? 'ok' : 'failed'}</b><span>${stepTitle(step)}<br><span class="note">${cleanText(detail)}</span></span></li>`,
  )}</ul>`
}

function placesHtml({ job, sealed, explorerTxUrl, storageExplorerTxUrl }: VerifyPageOptions): Html {
  const { recordStored, funded, started, settled, refunded, evidence } = job
  const rows: [label: string, value: Html | string | undefined][] = [
    ['0G root', html`<code>${sealed.root}</code>`],
    ['keccak256', html`<code>${sealed.hash}</code>`],
    ['Length', `${sealed.length} bytes`],
    [
      '0G transaction',
      recordStored
        ? recordStored.txHash
          ? tx(recordStored.txHash, storageExplorerTxUrl)
          : `was there already, submission ${recordStored.txSeq}`
        : 'not yet: waiting to be stored',
    ],
    ['Job on chain', job.funded && job.jobId ? html`<code>${job.jobId}</code>` : undefined],
    ['Paid in', funded && html`${tx(funded.txHash, explorerTxUrl)}, ${usdc(funded.depositMicroUsd)}`],
    ['Started', started && tx(started.txHash, explorerTxUrl)],
    [
      'Settled',
      settled &&
        html`${tx(settled.txHash, explorerTxUrl)}, ${usdc(settled.paidMicroUsd)} to the seller, ${usdc(settled.feeMicroUsd)} fee, ${usdc(settled.refundedMicroUsd)} returned`,
    ],
    ['Refunded', refunded && html`${tx(refunded.txHash, explorerTxUrl)}, ${usdc(refunded.refundedMicroUsd)}`],
    ['Evidence root', evidence && html`<code>${evidence.root}</code>`],
  ]
  return factsHtml(rows)
}

const tx = (hash: Hex, explorerTxUrl: string | undefined): Html =>
  explorerTxUrl
    ? linkHtml(explorerTxUrl.replace('{hash}', hash), html`<code>${hash}</code>`)
    : html`<code>${hash}</code>`

function termsHtml(terms: Terms): Html {
  return html`<h2>Terms that were paid for</h2>${factsHtml([
    ['Provider', html`<code>${terms.provider}</code>`],
    ['GPUs', String(terms.gpuCount)],
    ['Price', `${usdc(terms.pricePerHour)} per hour`],
    ['Deposit', usdc(depositOf(terms))],
    ['At most', showSeconds(terms.maxSeconds)],
    ['Minimum', terms.minSeconds > 0 ? showSeconds(terms.minSeconds) : 'none'],
    ['Fee', `${terms.feeBps / 100} %`],
    ['Refunds to', html`<code>${terms.refundTo}</code>`],
    ['Mode', terms.tracked ? html`tracked, member tag<br><code>${terms.memberTag}</code>` : 'untracked, no member tag'],
    [
      'Decision',
      html`root <code>${terms.decisionRoot}</code><br>keccak256 <code>${terms.decisionHash}</code><br>${terms.decisionLength} bytes`,
    ],
  ])}`
}
