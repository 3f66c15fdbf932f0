// The pay page: terms in words, a refund address, one signature; without scripts it still reads and takes the address.
import { html, raw } from 'hono/html'
import { usdc } from '../views/words.ts'
import { depositHtml } from './depositHtml.ts'
import { blocksHtml, factsHtml, type Html, page, stressedHtml } from './html.ts'
import type { StatusAnswer, TypedDataJson } from './messages.ts'
import { phoneHtml } from './payPhone.ts'
import { type Payable, risksHtml, termsHtml } from './payTerms.ts'
import { secretsNote } from './secretsPage.ts'
import type { WebChain } from './webOptions.ts'

export interface PayPageOptions {
  readonly assets: string
  readonly token: string
  readonly payable: Payable | undefined
  readonly status: StatusAnswer
  readonly chain: WebChain
  readonly router: string
  readonly publicUrl: string
  readonly startSeconds: number
  readonly nowMs: number
  readonly secretCount: number
  /** What a wallet at the refund address would sign, once terms were issued. */
  readonly typedData?: TypedDataJson | undefined
  /** Why the last post was refused, and what was typed then. */
  readonly refused?: { readonly why: string; readonly refundTo: string } | undefined
}

export async function payPage(options: PayPageOptions): Promise<Html> {
  const { assets, token, payable, status, chain, nowMs } = options
  if (!payable) {
    return page({
      title: 'Nothing to pay',
      assets,
      body: html`<h1>Nothing to pay</h1><p class="message">${status.text}</p>`,
    })
  }
  const { job, depositMicroUsd, quoteExpiresAtMs } = payable
  const open = status.phase === 'open'
  const live = open || status.phase === 'paying'
  return page({
    title: `Pay for job ${job.ref}`,
    assets,
    scripts: live ? ['pay.js', 'deposit.js'] : status.phase === 'escrow' ? ['deposit.js'] : [],
    data: {
      token,
      'chain-id': String(chain.chainId),
      'chain-name': chain.name,
      'wallet-rpc-url': chain.walletRpcUrl ?? '',
      'explorer-tx-url': chain.explorerTxUrl ?? '',
      'deposit-micro-usd': String(depositMicroUsd),
      phase: status.phase,
      relay: status.relay,
      'expires-ms': String(quoteExpiresAtMs),
      'now-ms': String(nowMs),
    },
    body: html`<h1>Pay for job ${job.ref}</h1>
<div id="now">${statusHtml(status)}
<div id="progress">${status.progress ? blocksHtml([{ kind: 'steps', items: status.progress }]) : ''}</div></div>
${open ? validity(quoteExpiresAtMs) : ''}
${termsHtml({ payable, chain, router: options.router })}
${open ? payForm(options) : ''}
${live ? directHtml(options, usdc(depositMicroUsd)) : ''}
${open ? await phoneHtml(`${options.publicUrl}/pay/${token}`) : ''}
<p id="job-link"${status.phase === 'escrow' ? '' : html` hidden`}><a href="/job/${token}">Open the job’s page</a></p>
${depositHtml({ job, chain, router: options.router, nowMs })}
${open ? signedHtml(options) : ''}
${open ? secretsNote(options.secretCount) : ''}
<h2>What can go wrong</h2>
${risksHtml(options.startSeconds)}`,
  })
}

/** Always there, so that a script can speak through it; empty while there is nothing to say. */
function statusHtml(status: StatusAnswer): Html {
  const { phase, trouble, txUrl, txHash } = status
  const look = phase === 'escrow' ? 'good' : trouble || phase === 'closed' ? 'bad' : ''
  const tx = txUrl ? html` <a href="${txUrl}">Transaction</a>` : txHash ? html` <code>${txHash}</code>` : ''
  const said = phase === 'open' ? openText(status) : `${status.text} ${trouble ?? ''}`.trim()
  return html`<p id="status" class="message ${look}" role="status">${said}${said ? tx : ''}</p>`
}

/** What is to be known before paying; mostly nothing. */
function openText({ trouble, relay }: StatusAnswer): string {
  if (trouble) return sentence(trouble)
  return relay === 'spent' ? RELAY_SPENT : ''
}

const RELAY_SPENT =
  'The gas that we pay for others is used up until 00:00 UTC, so no signature is asked for here now. You can pay with your own gas instead. No money moved.'

const sentence = (text: string) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`

const validity = (untilMs: number): Html =>
  html`<p id="validity">Valid until <time datetime="${new Date(untilMs).toISOString()}">${new Date(untilMs).toISOString().slice(0, 16).replace('T', ' ')} UTC</time><span id="countdown"></span>.</p>`

function payForm({ token, refused }: PayPageOptions): Html {
  // Never the address that terms were issued for: everybody who has the link can name one, and whoever then pays would
  // send what is left to a stranger. The payer's wallet fills it.
  const typed = refused?.refundTo ?? ''
  return html`<form id="pay" class="panel" method="post" action="/pay/${token}/terms">
<div id="wallets" hidden></div>
<label for="refundTo">Refund address</label>
<p class="note" id="refundTo-help">Your own wallet on this chain. Whatever is not used goes back there, and nowhere else.</p>
<input id="refundTo" name="refundTo" value="${typed}" required autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="0x…" aria-describedby="refundTo-help refundTo-error"${refused ? html` aria-invalid="true"` : ''}>
<p class="message bad" id="refundTo-error">${refused?.why ?? ''}</p>
<button class="primary" id="submit" type="submit">Get signed terms</button>
<button type="button" id="copy-link" hidden>Copy this page’s link</button>
<noscript><p class="note">Paying takes a signature of your wallet, and wallets reach pages only through scripts. This page’s own scripts are the only ones it loads. Without them you can get the signed terms here and sign elsewhere.</p></noscript>
</form>`
}

/** The other way: the wallet sends it itself. The buttons come with the script, which alone can reach a wallet. */
function directHtml({ status, chain }: PayPageOptions, deposit: string): Html {
  const isSpent = status.relay === 'spent'
  return html`<details class="panel" id="direct"${isSpent ? raw(' open') : ''}${status.phase === 'open' || status.isSlow ? '' : raw(' hidden')}>
<summary>Pay with your own gas</summary>
<p>Your wallet sends two transactions instead of signing one message: the first lets the escrow contract take exactly ${deposit}, the second pays them in. It needs a little ETH on ${chain.name} for gas. Made for smart wallets that cannot sign messages, and for when we cannot pay the gas.</p>
<button type="button" id="pay-direct" hidden>Pay ${deposit} with your own gas</button>
</details>`
}

/** After terms were issued: what is signed, for those who compare or sign elsewhere. */
function signedHtml({ token, payable, typedData }: PayPageOptions): Html | string {
  const job = payable?.job
  if (!job?.terms || !job.jobId || !typedData) return ''
  return html`<details class="panel" id="signed"><summary>Signed terms, and what a wallet signs</summary>
${factsHtml([
  ['Refund address', stressedHtml(job.terms.refundTo)],
  ['Terms’ hash', stressedHtml(job.jobId)],
  ['Necto’s signature', html`<code>${job.quoteSignature ?? ''}</code>`],
])}
<p>The authorization’s nonce is the terms’ hash, so it can pay for this job and nothing else. To pay from the refund address with a wallet elsewhere, sign this (EIP-712):</p>
<pre>${JSON.stringify(typedData, null, 2)}</pre>
<p>Then send <code>{jobId, refundTo, chainId, from, value, validAfter, validBefore, signature}</code> as JSON, the numbers but chainId as strings, to <code>POST /pay/${token}/authorization</code>.</p>
</details>`
}
