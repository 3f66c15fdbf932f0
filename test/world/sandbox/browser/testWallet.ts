// A wallet for the pages of a sandbox, with play money: announced by EIP-6963, it asks in the page before it signs.
import { walletBanner } from './walletBanner.ts'
import { askInPage } from './walletDialog.ts'

interface Call {
  readonly method: string
  readonly params?: readonly unknown[]
}

const NAME = 'Test wallet'
const ASKS = new Set(['eth_requestAccounts', 'eth_signTypedData_v4', 'personal_sign', 'eth_sendTransaction'])
let isConnected = false
let isAsking = false

const refusal = (code: number, message: string) => Object.assign(new Error(message), { code })

async function request({ method, params = [] }: Call): Promise<unknown> {
  if (method === 'eth_accounts' && !isConnected) return []
  if (ASKS.has(method) && !(method === 'eth_requestAccounts' && isConnected)) {
    if (isAsking) throw refusal(-32002, 'The test wallet already shows a request.')
    isAsking = true
    try {
      const shown = method === 'eth_requestAccounts' ? ((await forward('eth_accounts')) as unknown[]) : params
      if (!(await askInPage(method, shown))) throw refusal(4001, 'User rejected the request.')
    } finally {
      isAsking = false
    }
  }
  const result = await forward(method, params)
  if (method === 'eth_requestAccounts') isConnected = true
  return result
}

/** To the sandbox, which holds the key. */
async function forward(method: string, params: readonly unknown[] = []): Promise<unknown> {
  const answer = await fetch('/test-wallet/rpc', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ method, params }),
  })
  const reply = (await answer.json()) as { result?: unknown; error?: { code: number; message: string } }
  if (reply.error) throw refusal(reply.error.code, reply.error.message)
  return reply.result
}

// Pages may listen for changes of account or chain; here there are none.
const provider = { request, on: () => provider, removeListener: () => provider }
const icon = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#7a4b00"/><rect x="6" y="10" width="20" height="13" rx="3" fill="#ffd27a"/></svg>')}`
const info = { uuid: crypto.randomUUID(), name: NAME, icon, rdns: 'local.necto.sandbox' }
const announce = () =>
  window.dispatchEvent(
    new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info: Object.freeze(info), provider }) }),
  )
window.addEventListener('eip6963:requestProvider', announce)
announce()
document.addEventListener('DOMContentLoaded', walletBanner)
