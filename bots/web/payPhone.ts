// For wallets on a phone: links that open this page inside a wallet app, and the page's address to point a camera at.
import { html } from 'hono/html'
import type { Html } from './html.ts'
import { qrDataUri } from './qrCode.ts'

/** Universal links: chat apps' own browsers refuse `metamask://` and the like. */
export function walletAppLinks(pageUrl: string): readonly { readonly name: string; readonly href: string }[] {
  const encoded = encodeURIComponent(pageUrl)
  return [
    // As it is: MetaMask opens an empty tab for an encoded path.
    { name: 'MetaMask', href: `https://link.metamask.io/dapp/${pageUrl.replace(/^https:\/\//, '')}` },
    { name: 'Coinbase Wallet or Base', href: `https://go.cb-w.com/dapp?cb_url=${encoded}` },
    { name: 'Trust Wallet', href: `https://link.trustwallet.com/open_url?coin_id=60&url=${encoded}` },
    { name: 'Phantom', href: `https://phantom.app/ul/browse/${encoded}?ref=${encoded}` },
  ]
}

/** Nothing where the page is not on https: no wallet app could open it, or would trust it. */
export async function phoneHtml(pageUrl: string): Promise<Html | string> {
  if (!pageUrl.startsWith('https://')) return ''
  const qr = await qrDataUri(pageUrl)
  return html`<details class="panel" id="phone" open><summary>Your wallet is an app on a phone</summary>
<p>Open this page inside the app, where the wallet can be reached:</p>
<ul>${walletAppLinks(pageUrl).map(({ name, href }) => html`<li><a href="${href}" rel="noreferrer">Open in ${name}</a></li>`)}</ul>
<p>On a computer, point the phone’s camera or the app’s scanner here:</p>
<img class="qr" src="${qr}" width="220" height="220" alt="QR code with this page’s address, ${pageUrl}">
</details>`
}
