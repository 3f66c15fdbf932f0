// The verify page: where the bytes are, what was checked and found, and the decision in words.
import { html } from 'hono/html'
import type { Hex } from 'viem'
import { depositOf } from '../../core/escrow/metering.ts'
import type { Terms } from '../../core/escrow/terms.ts'
import type { Job } from '../../core/jobs/job.ts'
import type { Upload } from '../../core/jobs/upload.ts'
import type { DecisionRecord } from '../../core/record/record.ts'
import { gatewayFileUrl } from '../../core/zerog/gatewayFileUrl.ts'
import { showSeconds, usdc } from '../views/words.ts'
import { decisionHtml } from './decisionHtml.ts'
import { factsHtml, type Html, linkHtml, page } from './html.ts'
import { stepsHtml } from './stepsHtml.ts'
import type { Verification } from './verificationCache.ts'
import { type VerifyDefaults, verifyFormHtml, verifyOutputHtml } from './verifyForm.ts'

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
  readonly verification: Verification
  /** What the reader's browser starts from. */
  readonly defaults: VerifyDefaults
  readonly gatewayUrl: string
  readonly explorerTxUrl: string | undefined
  readonly storageExplorerTxUrl: string | undefined
}

export function verifyPage(options: VerifyPageOptions): Html {
  const { assets, job, sealed, record, names } = options
  return page({
    title: `Decision ${job.ref}`,
    assets,
    scripts: ['verify.js'],
    body: html`<h1>Decision ${job.ref}</h1>
${bytesHtml(options)}
<section id="here" hidden>
<h2>Recomputed in your browser</h2>
${verifyOutputHtml('')}
<details><summary>Use your own endpoint, or a file of your own</summary>
${verifyFormHtml(options.defaults, 'page')}
</details>
</section>
<details id="by-server" open><summary><h2>Checked by our server</h2></summary>
${'why' in options.verification ? html`<p class="message bad">The checks could not be run now: ${options.verification.why}</p>` : stepsHtml(options.verification.steps)}
</details>
<p class="message">Our server made its own check, and it also sent the script that recomputes everything in your browser. If you would trust neither, run <code>./necto verify ${job.ref}</code> on your own machine, or open the page that <code>./necto verify --page FILE</code> writes: both take the bytes from 0G and the job from a chain endpoint that you choose.</p>
<div id="decision" data-names="${JSON.stringify(names)}">
${record ? decisionHtml(record, names) : html`<h2>The decision</h2><p>Our own copy of the record cannot be read now. 0G has the bytes: see the first link, root <code>${sealed.root}</code>.</p>`}
</div>
<h2>Where it stands</h2>
${placesHtml(options)}
${job.funded && job.terms ? termsHtml(job.terms) : html`<h2>Terms</h2><p>Nothing was paid for on this decision.</p>`}`,
  })
}

function bytesHtml({ job, sealed, upload, gatewayUrl }: VerifyPageOptions): Html {
  const pages = upload ? upload.objects.length - 1 : 0
  const raw = gatewayFileUrl(gatewayUrl, sealed.root, `${job.ref}.json`)
  const own = html`<a href="/record/${sealed.root}">our own copy</a>`
  const bundle = html`<a href="/verify/${job.ref}/bundle" download="${job.ref}.bundle.json">a bundle</a> to check where there is no network`
  if (pages < 1) return html`<p>${linkHtml(raw, 'The record’s raw bytes on 0G')}, ${own} of them, and ${bundle}.</p>`
  const links = upload?.objects
    .slice(0, pages)
    .map(
      ({ root }, i) =>
        html`<li>${linkHtml(gatewayFileUrl(gatewayUrl, root, `${job.ref}-${i + 1}.part`), `page ${i + 1}`)}, root <code>${root}</code></li>`,
    )
  return html`<p>${linkHtml(raw, 'The record’s manifest on 0G')}, which names its ${pages} pages, ${own} of the joined bytes, and ${bundle}.</p>
<details><summary>The ${pages} pages on 0G</summary><ol>${links}</ol></details>`
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
