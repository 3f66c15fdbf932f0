// The part of a paid job's pages from which a wallet stops the job, or has the deposit sent back when Necto does not.
import { html, raw } from 'hono/html'
import { owedOf } from '../../core/escrow/metering.ts'
import { reclaimableAfterMs } from '../../core/escrow/reclaim.ts'
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import type { Terms } from '../../core/escrow/terms.ts'
import { isEnded, type Job } from '../../core/jobs/job.ts'
import { showDate, showSeconds, usdc } from '../views/words.ts'
import { dataHtml, factsHtml, type Html, stressedHtml } from './html.ts'
import type { WebChain } from './webOptions.ts'

const MINUTE_MS = 60_000

export interface DepositOptions {
  readonly job: Job
  readonly chain: WebChain
  readonly router: string
  readonly nowMs: number
}

/** Always there, so that a page that stands open can take the next one over; empty while no deposit is held. */
export function depositHtml(options: DepositOptions): Html {
  const { job, chain, router, nowMs } = options
  const { jobId, terms, funded } = job
  if (!jobId || !terms || !funded || isEnded(job)) return html`<section id="deposit" hidden></section>`
  const startByMs = Number(terms.startBy) * 1000
  const afterMs = reclaimableAfterMs({ startByMs, startedAtMs: job.started?.atMs, maxSeconds: terms.maxSeconds })
  const calls = {
    reclaim: encodeRouterCall({ verb: 'reclaim', id: jobId }),
    stop: encodeRouterCall({ verb: 'stop', id: jobId }),
  }
  const isDue = nowMs > afterMs
  const data = {
    'job-id': jobId,
    router,
    'refund-to': terms.refundTo,
    'after-ms': String(afterMs),
    'now-ms': String(nowMs),
    'chain-id': String(chain.chainId),
    'chain-name': chain.name,
    'wallet-rpc-url': chain.walletRpcUrl ?? '',
    'explorer-tx-url': chain.explorerTxUrl ?? '',
    reclaim: calls.reclaim,
    stop: calls.stop,
  }
  return html`<section id="deposit"${dataHtml(data)}><details class="panel"${isDue ? raw(' open') : ''}>
<summary><h2>Stop the job, or take the deposit back yourself</h2></summary>
<p>${usdc(funded.depositMicroUsd)} were paid into the escrow contract, which Necto cannot empty. Your own wallet can do the two things below, also while this server does not answer.</p>
<p id="deposit-status" class="message" role="status"></p>
<div id="deposit-progress"></div>
<div id="deposit-wallets"></div>
${refundHtml(options, { terms, afterMs })}
${stopHtml(job, terms)}
<details><summary>By hand, from any wallet</summary>
<p>Send a transaction without ETH to the escrow contract <code>${router}</code> on ${chain.name} (chain ${chain.chainId}), with this as its data.</p>
<p>Refund:</p><pre>${calls.reclaim}</pre>
<p>Stop, from the refund address:</p><pre>${calls.stop}</pre></details>
<noscript><p class="note">Without scripts no page reaches a wallet: send it by hand, as above.</p></noscript>
</details></section>`
}

function refundHtml({ job, chain }: DepositOptions, { terms, afterMs }: { terms: Terms; afterMs: number }): Html {
  const when = job.started
    ? 'If the job has not been settled 72 hours after its last second, anybody may have what was not paid to the seller sent back.'
    : 'If the job has not started in time, anybody may have the whole deposit sent back.'
  // The contract wants a block after it; the minute is rounded up, so that it holds as written.
  const from = Math.ceil((afterMs + 1) / MINUTE_MS) * MINUTE_MS
  return html`<h3>Refund now</h3>
<p>${when} Necto does that by itself; the button is for when it does not.</p>
${factsHtml([
  ['Possible', html`from <time datetime="${new Date(from).toISOString()}">${showDate(from)}</time> on`],
  ['Goes to', html`${stressedHtml(terms.refundTo)}, the refund address, whoever asks for it`],
  ['Gas', `about 90,000, in ETH on ${chain.name}, paid by the wallet that sends it`],
])}
<p class="note">If Necto or anybody else is first, a second transaction changes nothing and only costs its gas: the money goes to the refund address either way, once.</p>
<button type="button" class="primary" data-verb="reclaim" hidden>Refund now</button>`
}

function stopHtml(job: Job, terms: Terms): Html {
  if (job.stopRequested || job.run?.stopRequested)
    return html`<div id="deposit-stop"><h3>Stop</h3><p>A stop was asked for on chain; Necto ends the job next.</p></div>`
  // It is over already: there is nothing left to stop.
  if (job.state === 'finishing' || job.state === 'settling' || job.state === 'cancelling') return html``
  const minimum =
    terms.minSeconds > 0
      ? ` (at least ${showSeconds(terms.minSeconds)}, ${usdc(owedOf(terms, 1))}, once anything ran)`
      : ''
  return html`<div id="deposit-stop"><h3>Stop</h3>
<p>${
    job.started
      ? `The seconds used until the stop are charged${minimum}; the rest goes to the refund address.`
      : 'The job has not started: the whole deposit goes to the refund address.'
  } Only the refund address’s wallet can ask for it, once. It takes about 50,000 gas.</p>
<button type="button" data-verb="stop" hidden>Stop the job</button></div>`
}
