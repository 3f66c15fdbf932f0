// The job page: how far it is, and its log and output, which only the reader's browser can open.
import { html } from 'hono/html'
import { isEnded, type Job } from '../../core/jobs/job.ts'
import { gatewayFileUrl } from '../../core/zerog/gatewayFileUrl.ts'
import { jobView } from '../views/jobView.ts'
import { blocksHtml, type Html, linkHtml, page } from './html.ts'

export interface JobPageOptions {
  readonly assets: string
  readonly token: string
  readonly job: Job
  readonly gatewayUrl: string
  readonly explorerTxUrl: string | undefined
  readonly nowMs: number
}

export function jobPage(options: JobPageOptions): Html {
  const { assets, token, job, gatewayUrl, explorerTxUrl, nowMs } = options
  const view = jobView({ job, publicUrl: '', gatewayUrl, explorerTxUrl, buttons: {}, nowMs })
  const payable = job.state === 'ordered' || job.state === 'signed'
  return page({
    title: `Job ${job.ref}`,
    assets,
    script: 'job.js',
    data: {
      token,
      'job-ref': job.ref,
      'job-id': job.jobId ?? '',
      state: job.state,
      ended: isEnded(job) ? 'yes' : 'no',
    },
    body: html`${blocksHtml(view.blocks)}
${payable ? html`<p><a href="/pay/${token}">Open the payment page</a></p>` : ''}
<h2>Log and output</h2>
${resultsHtml(options)}`,
  })
}

function resultsHtml(options: JobPageOptions): Html {
  const { job } = options
  if (!job.evidence) {
    return html`<p>${
      isEnded(job)
        ? 'There is none: nothing ran.'
        : 'They are stored, encrypted, when the job has ended. Until then /logs in the chat shows the log as it grows.'
    }</p>`
  }
  return html`<p class="message" id="key-note">They are encrypted, and we show them to nobody without the key. The key stands behind the # of the link that the chat gave you (/logs ${job.ref}); open that link, whole and with scripts allowed: your browser decrypts here and never sends the key.</p>
${fileHtml(options, 'log')}
${fileHtml(options, 'output')}`
}

function fileHtml({ job, gatewayUrl }: JobPageOptions, kind: 'log' | 'output'): Html {
  const file = job.evidence?.[kind]
  const title = kind === 'log' ? 'Log' : 'Output'
  if (!file)
    return html`<h3>${title}</h3><p>${kind === 'log' ? 'The job printed nothing.' : 'The job left no output.'}</p>`
  const url = gatewayFileUrl(gatewayUrl, file.root, `${job.ref}-${kind}.enc`)
  return html`<h3>${title}</h3>
<p>${file.plainLength} bytes. ${linkHtml(url, 'Encrypted on 0G')}, root <code>${file.root}</code></p>
<div id="${kind}"></div>`
}
