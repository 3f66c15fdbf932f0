// A wallet extension for the browser tests: EIP-1193 behind EIP-6963, answering as its switches say.
import type { Page } from 'playwright-core'
import type { LocalAccount } from 'viem'
import { signTypedDataJson } from '../world/wallet/wallet.ts'

export interface BrowserWallet {
  /** The chain it is on. */
  chainId: number
  /** Chains it can switch to; others are 4902. */
  readonly known: Set<number>
  /** What its person says when it asks. */
  says: 'yes' | 'no' | 'no to signing'
  /** The methods called, in order. */
  readonly calls: string[]
  /** Set: signing waits until it is resolved. */
  holdSigning?: Promise<void>
}

export interface WalletSetup {
  readonly account: LocalAccount
  readonly chainId: number
  readonly name?: string
  /** 'legacy': only window.ethereum, nothing is announced. */
  readonly kind?: 'announced' | 'legacy'
}

let installed = 0

/** Puts the wallet into every page opened by `page` from now on. */
export async function installWallet(page: Page, setup: WalletSetup): Promise<BrowserWallet> {
  const { account, chainId, name = 'Test Wallet', kind = 'announced' } = setup
  installed += 1
  const binding = `necto_wallet_${installed}`
  const wallet: BrowserWallet = { chainId, known: new Set([chainId]), says: 'yes', calls: [] }
  await page.exposeBinding(binding, async (_source, call: { method: string; params?: unknown[] }) => {
    wallet.calls.push(call.method)
    return answer(wallet, account, call)
  })
  await page.addInitScript(injectProvider, {
    binding,
    name,
    kind,
    uuid: `00000000-0000-4000-8000-${String(installed).padStart(12, '0')}`,
  })
  return wallet
}

type Answer = { result: unknown } | { error: { code: number; message: string } }
const failure = (code: number, message: string): Answer => ({ error: { code, message } })
const SAID_NO = failure(4001, 'User rejected the request.')

async function answer(
  wallet: BrowserWallet,
  account: LocalAccount,
  call: { method: string; params?: unknown[] },
): Promise<Answer> {
  const { method, params = [] } = call
  const [first] = params as [{ chainId?: string } | undefined]
  const asked = Number(first?.chainId)
  switch (method) {
    case 'eth_chainId':
      return { result: `0x${wallet.chainId.toString(16)}` }
    case 'eth_accounts':
    case 'eth_requestAccounts':
      return wallet.says === 'no' ? SAID_NO : { result: [account.address] }
    case 'wallet_switchEthereumChain':
      if (!wallet.known.has(asked)) return failure(4902, `Unrecognized chain ID "${first?.chainId}".`)
      if (wallet.says === 'no') return SAID_NO
      wallet.chainId = asked
      return { result: null }
    case 'wallet_addEthereumChain':
      if (wallet.says === 'no') return SAID_NO
      wallet.known.add(asked)
      wallet.chainId = asked
      return { result: null }
    case 'eth_signTypedData_v4': {
      await wallet.holdSigning
      if (wallet.says !== 'yes') return SAID_NO
      const typedData = JSON.parse(String(params[1])) as { domain: { chainId: number } }
      // As real wallets do: a domain of another chain than the wallet's is refused.
      if (typedData.domain.chainId !== wallet.chainId)
        return failure(-32603, 'Provided chainId must match the active chainId')
      return { result: await signTypedDataJson(account, typedData) }
    }
    case 'personal_sign': {
      await wallet.holdSigning
      if (wallet.says !== 'yes') return SAID_NO
      return { result: await account.signMessage({ message: { raw: String(params[0]) as `0x${string}` } }) }
    }
    default:
      return failure(4200, `The wallet does not support ${method}.`)
  }
}

/** Runs in the page. */
function injectProvider(setup: { binding: string; name: string; kind: string; uuid: string }): void {
  const outside = window as unknown as Record<string, (call: unknown) => Promise<{ result?: unknown; error?: object }>>
  const provider = {
    async request(call: { method: string; params?: unknown[] }) {
      const reply = await outside[setup.binding]?.(call)
      if (reply?.error) throw Object.assign(new Error('wallet'), reply.error)
      return reply?.result
    },
  }
  if (setup.kind === 'legacy') {
    Object.assign(window, { ethereum: provider })
    return
  }
  const info = { uuid: setup.uuid, name: setup.name, icon: 'data:image/svg+xml,', rdns: 'test.wallet' }
  const announce = () =>
    window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }))
  window.addEventListener('eip6963:requestProvider', announce)
  announce()
}
