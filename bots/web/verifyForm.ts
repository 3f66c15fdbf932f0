// The part of a page that recomputes in the reader's browser: what to check, where to read, and places for what is found.
import { html } from 'hono/html'
import type { Address, Hex } from 'viem'
import type { Html } from './html.ts'

/** What the script starts from; the reader may change what is visible. */
export interface VerifyDefaults {
  /** A reference, an id or a root. */
  readonly name?: string | undefined
  /** Of the record, for when the chain cannot be read. */
  readonly root?: Hex | undefined
  readonly rpcUrl?: string | undefined
  readonly chainId?: number | undefined
  readonly router?: Address | undefined
  readonly fromBlock?: number | undefined
  readonly gatewayUrl?: string | undefined
  /** Where Necto's own copy of the record is. */
  readonly copyUrl?: string | undefined
  /** The transaction that paid, so that the chain's log need not be searched. */
  readonly txHash?: Hex | undefined
}

/** On a decision's own page only the endpoint and the file are asked for; in the file for any host, everything. */
export function verifyFormHtml(defaults: VerifyDefaults, kind: 'page' | 'file'): Html {
  const { name, root, rpcUrl, chainId, router, fromBlock, gatewayUrl, copyUrl, txHash } = defaults
  const places = { chainId, router, fromBlock, gatewayUrl }
  const hidden = kind === 'page' ? { name, root, copyUrl, txHash, ...places } : {}
  return html`<form id="verify-form" class="panel" data-kind="${kind}">
${Object.entries(hidden).map(([key, value]) => html`<input type="hidden" name="${key}" value="${value ?? ''}">`)}
${kind === 'file' ? field({ name: 'name', label: 'Job reference, on-chain id, or 0G root', value: name, help: 'Leave it empty to check a file by itself.' }) : ''}
${field({
  name: 'rpcUrl',
  label: 'RPC endpoint of the escrow’s chain',
  value: rpcUrl,
  help: `${chainId === undefined ? 'The chain' : `Chain ${chainId}`} is read through this. Take one that you trust; without one, what is on chain is not judged.`,
})}
<label for="v-file">A file of your own</label>
<p class="note" id="v-file-help">The record’s bytes or a bundle; drop it anywhere on this page. Its bytes are then taken instead of 0G’s.</p>
<input id="v-file" name="file" type="file" aria-describedby="v-file-help">
${
  kind === 'file'
    ? html`<details><summary>Where to look</summary>
${field({ name: 'router', label: 'Escrow contract', value: router, help: 'Whose jobs count. Without it, a bundle’s own word is taken.' })}
${field({ name: 'chainId', label: 'Chain id', value: chainId })}
${field({ name: 'fromBlock', label: 'First block to search', value: fromBlock ?? 0 })}
${field({ name: 'gatewayUrl', label: '0G’s gateway', value: gatewayUrl })}
</details>`
    : ''
}
<button class="primary" type="submit">${kind === 'page' ? 'Recompute' : 'Verify'}</button>
</form>`
}

function field(options: { name: string; label: string; value?: string | number | undefined; help?: string }): Html {
  const { name, label, value = '', help } = options
  const id = `v-${name}`
  return html`<label for="${id}">${label}</label>
${help ? html`<p class="note" id="${id}-help">${help}</p>` : ''}
<input id="${id}" name="${name}" value="${value}" autocomplete="off" autocapitalize="off" spellcheck="false"${help ? html` aria-describedby="${id}-help"` : ''}>
`
}

/** Where the script puts what it finds. */
export const verifyOutputHtml = (quiet: string): Html =>
  html`<p id="verify-status" class="note" role="status">${quiet}</p>
<div id="verify-steps"></div>
<ul id="verify-sources" class="note"></ul>`
