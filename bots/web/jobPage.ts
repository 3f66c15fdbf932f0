// The job page: how far it is, and its log and output, which only the reader's browser can open.
import { html } from 'hono/html'
import { exitCodeOf, isEnded, type Job } from '../../core/jobs/job.ts'
import { hasLogTail } from '../../core/jobs/logTail.ts'
import { pageBytes } from '../../core/record/pages.ts'
import { gatewayFileUrl } from '../../core/zerog/gatewayFileUrl.ts'
import { jobView } from '../views/jobView.ts'
import { depositHtml } from './depositHtml.ts'
import { blocksHtml, type Html, linkHtml, page } from './html.ts'
import type { WebChain } from './webOptions.ts'

export interface JobPageOptions {
  readonly assets: string
  readonly token: string
  readonly job: Job
  /** Of the escrow: receipts are signed for it, too. */
  readonly chain: WebChain
  readonly router: string
  readonly gatewayUrl: string
  readonly nowMs: number
}

export function jobPage(options: JobPageOptions): Html {
  const { assets, token, job, chain, gatewayUrl, nowMs } = options
  const { explorerTxUrl } = chain
  const view = jobView({ job, publicUrl: '', gatewayUrl, explorerTxUrl, buttons: {}, nowMs })
  const payable = job.state === 'ordered' || job.state === 'signed'
  return page({
    title: `Job ${job.ref}`,
    assets,
    scripts: ['job.js', 'deposit.js'],
    data: {
      token,
      'job-ref': job.ref,
      'job-id': job.jobId ?? '',
      'chain-id': String(chain.chainId),
      runner: job.run?.runner ?? '',
      ended: isEnded(job) ? 'yes' : 'no',
    },
    body: html`<div id="job-state" aria-live="polite">${blocksHtml(view.blocks)}
${payable ? html`<p><a href="/pay/${token}">Open the payment page</a></p>` : ''}</div>
${depositHtml(options)}
${resultsHtml(options)}
<p class="note" id="job-back">Back in the chat: ${payable ? html`<code>/stop ${job.ref}</code> gives the job up while it is not paid, ` : ''}<code>/logs ${job.ref}</code> gives its log, and this page’s link with the key, to whoever asked for the job.</p>
<noscript><p class="note">Without scripts this page does not change by itself; load it again to see more. Opening the log takes scripts, since it is decrypted in your browser.</p></noscript>`,
  })
}

/** none: nothing ran yet. live: it grows. stored: it is complete, encrypted on 0G. */
const resultsKind = (job: Job) => (job.evidence ? 'stored' : hasLogTail(job) ? 'live' : 'none')

function resultsHtml(options: JobPageOptions): Html {
  const { job } = options
  const kind = resultsKind(job)
  return html`<section id="results" data-kind="${kind}"><h2>${kind === 'live' ? 'Log, as it grows' : 'Log and output'}</h2>
${kind === 'none' ? nothingHtml(job) : kind === 'live' ? liveHtml(job) : storedHtml(options)}</section>`
}

const nothingHtml = (job: Job): Html =>
  html`<p>${
    isEnded(job)
      ? 'There is none: nothing ran.'
      : 'Nothing runs yet. The log appears here line by line once the job runs, and log and output stay here, encrypted, when the job has ended. Both open only with the key that the chat gives to whoever asked.'
  }</p>`

const liveHtml = (job: Job): Html =>
  html`<p class="message" id="key-note">The log is encrypted on its way to you, and we show it to nobody without the key. The key stands behind the # of the link that the chat gives you (/logs ${job.ref}); open that link, whole and with scripts allowed.</p>
<div id="live"></div>
<p class="note">The output can be saved here when the job has ended.</p>`

function storedHtml(options: JobPageOptions): Html {
  const { job } = options
  const exitCode = exitCodeOf(job)
  return html`<p class="message" id="key-note">They are encrypted, and we show them to nobody without the key. The key stands behind the # of the link that the chat gave you (/logs ${job.ref}); open that link, whole and with scripts allowed: your browser decrypts here and never sends the key.</p>
${exitCode !== undefined ? html`<p>Exit code <b>${exitCode}</b>${exitCode === 0 ? '' : ': the program ended with an error'}.</p>` : ''}
${fileHtml(options, 'log')}
${fileHtml(options, 'output')}`
}

function fileHtml({ job, gatewayUrl }: JobPageOptions, kind: 'log' | 'output'): Html {
  const file = job.evidence?.[kind]
  const title = kind === 'log' ? 'Log' : 'Output'
  if (!file)
    return html`<h3>${title}</h3><p>${job.restored ? 'There is none, or its key was lost with our records.' : kind === 'log' ? 'The job printed nothing.' : 'The job left no output.'}</p>`
  const pages = Math.ceil(file.length / pageBytes)
  const url = gatewayFileUrl(gatewayUrl, file.root, `${job.ref}-${kind}.${pages > 1 ? 'json' : 'enc'}`)
  return html`<h3>${title}</h3>
<p>${file.plainLength} bytes. ${linkHtml(url, pages > 1 ? `The manifest of its ${pages} encrypted pages on 0G` : 'Encrypted on 0G')}, root <code>${file.root}</code></p>
<div id="${kind}" data-root="${file.root}"></div>`
}
