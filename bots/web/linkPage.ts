// The page of a link: whose chat account is paid to which wallet, the code from the chat, and one signature of a text.
import { html } from 'hono/html'
import { platformName } from '../../core/supply/linkMessage.ts'
import { linkRefusalOf } from '../../core/supply/linkRequest.ts'
import type { LinkRequest, WalletChange, WalletLink } from '../../core/supply/walletLink.ts'
import { openChange } from '../../core/supply/walletLink.ts'
import { safeName } from '../chat/safeText.ts'
import { showDate } from '../views/words.ts'
import { factsHtml, type Html, page, stressedHtml } from './html.ts'

export interface LinkPageOptions {
  readonly assets: string
  readonly token: string
  readonly request: LinkRequest
  readonly link: WalletLink | undefined
  readonly nowMs: number
}

export function linkPage(options: LinkPageOptions): Html {
  const { request, link, token, nowMs } = options
  const change = openChange(link)
  if (change?.requestId === token) return changePage(options, change)
  const refused = linkRefusalOf(request, nowMs)
  // A link that brought the wallet says so when it is opened again.
  const isLinked = request.state === 'done' && link?.wallet !== undefined && link.wallet.address === request.wallet
  if (isLinked || refused)
    return page({
      title: isLinked ? 'Wallet linked' : 'This link does nothing now',
      assets: options.assets,
      body: html`<h1>${isLinked ? 'Wallet linked' : 'This link does nothing now'}</h1>
${isLinked ? html`<p class="message good">Paid to ${stressedHtml(link.wallet?.address ?? '')}.</p>` : html`<p class="message bad">${refused?.why}</p>`}`,
    })
  return askPage(options)
}

const who = ({ person }: LinkRequest): Html =>
  html`${platformName(person.platform)} user <b>${safeName(person.label)}</b>, id ${person.userId}`

function askPage({ assets, token, request, link, nowMs }: LinkPageOptions): Html {
  const wallet = link?.wallet?.address
  return page({
    title: 'Link a payout wallet',
    assets,
    scripts: ['link.js'],
    data: { token, purpose: 'link', 'now-ms': String(nowMs) },
    body: html`<h1>Link a payout wallet</h1>
<p id="status" class="message" role="status"></p>
${factsHtml([
  ['Linking to', who(request)],
  ['What it means', 'What this account earns by renting out GPUs is paid to your wallet, in USDC'],
  ['What you sign', 'One text (Sign-In with Ethereum): no transaction, no gas, no access to what you own'],
  ['Wallet', request.expected && html`${stressedHtml(request.expected)}, which your listing names`],
  ['Linked now', wallet && stressedHtml(wallet)],
  ['Good until', showDate(request.expiresAtMs)],
])}
<form id="link" class="panel" hidden>
<label for="code">Code from the chat</label>
<p class="note" id="code-help">Six digits, in the message with the link. It shows that the chat is yours too.</p>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="7" spellcheck="false" aria-describedby="code-help code-error">
<p class="message bad" id="code-error"></p>
<div id="wallets"></div>
<button class="primary" id="submit" type="submit">Sign with your wallet</button>
</form>
${NO_SCRIPT}
<h2>Before you sign</h2>
<ul>
<li>You asked for this yourself, with /wallet or /sell. If somebody sent you this link, close it: it would tie your wallet to their account.</li>
<li>Your wallet shows this site’s address and the id above. If it shows another one, say no.</li>
<li>It must be a wallet of your own, not a deposit address of an exchange. We never ask for a key or a recovery phrase.</li>
<li>Listings that name another wallet change over after 48 hours; you and Necto’s operators are told at once.</li>
</ul>`,
  })
}

function changePage({ assets, token, request, nowMs }: LinkPageOptions, change: WalletChange): Html {
  const waits = change.state === 'waiting'
  return page({
    title: 'A new payout wallet',
    assets,
    scripts: waits ? ['link.js'] : [],
    data: { token, purpose: 'agree', 'now-ms': String(nowMs) },
    body: html`<h1>A new payout wallet</h1>
<p id="status" class="message" role="status">${STATE_TEXTS[change.state]}</p>
${factsHtml([
  ['Account', who(request)],
  ['Paid now', stressedHtml(change.from)],
  ['To be paid', stressedHtml(change.to)],
  ['Takes effect', waits ? `${showDate(change.readyAtMs)} or soon after` : undefined],
])}
${
  waits
    ? html`<form id="link" class="panel" hidden>
<h2>Skip the wait</h2>
<p>The wallet that is paid now can agree by one signature, where all your listings are paid to it. Nothing is needed otherwise: the change takes effect by itself.</p>
<div id="wallets"></div>
<button class="primary" id="submit" type="submit">Agree with the wallet that is paid now</button>
</form>
${NO_SCRIPT}
<p class="note">Not you? Send /wallet cancel in the chat, now. Jobs that are paid for go to the wallet they were paid for.</p>`
    : ''
}`,
  })
}

const STATE_TEXTS: Record<WalletChange['state'], string> = {
  waiting: 'The change waits, so that you can stop it if it was not you who asked.',
  applying: 'The wait is over; the change is being written to the chain.',
  agreed: 'Both wallets signed; the change is being written to the chain.',
  stopping: 'The change is being stopped.',
  done: 'Done.',
  stopped: 'The change was stopped.',
}

const NO_SCRIPT = html`<noscript><p class="message">This page needs scripts to reach your wallet: a signature is made in the wallet, and wallets reach pages only so. Only this site’s own scripts are loaded. Turn them on, or open the link in the browser of your wallet app.</p></noscript>`
