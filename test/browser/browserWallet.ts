// A wallet extension for the browser tests: EIP-1193 behind EIP-6963, answering as its switches say.
import type { Page } from 'playwright-core'
import type { Address, Hex, LocalAccount } from 'viem'
import type { LocalChain } from '../world/chain/anvil.ts'
import { signTypedDataJson } from '../world/wallet/wallet.ts'

export interface BrowserWallet {
  /** The chain it is on. */
  chainId: number
  /** Chains it can switch to; others are 4902. */
  readonly known: Set<number>
  /** What its person says when it asks; locked: it gives no account. */
  says: 'yes' | 'no' | 'no to signing' | 'no to sending' | 'locked'
  /** The methods called, in order. */
  readonly calls: string[]
  /** Methods that it never answers. */
  readonly silent: Set<string>
  /** Set: what its person says to each transaction, by its calldata. */
  onSend?: (data: Hex) => Promise<'yes' | 'no'>
  /** Set: signing waits until it is resolved. */
  holdSigning?: Promise<void>
}

export interface WalletSetup {
  readonly account: LocalAccount
  readonly chainId: number
  readonly name?: string
  /** As it announces it. */
  readonly icon?: string
  /** A contract wallet's address: `account` is then its owner, who signs. */
  readonly address?: Address
  /** With a chain it reads for pages, and sends from its account. */
  readonly chain?: LocalChain
  /** 'legacy': only window.ethereum, nothing is announced. */
  readonly kind?: 'announced' | 'legacy'
}

let installed = 0

/** Puts the wallet into every page opened by `page` from now on. */
export async function installWallet(page: Page, setup: WalletSetup): Promise<BrowserWallet> {
  const { chainId, name = 'Test Wallet', icon = 'data:image/svg+xml,', kind = 'announced' } = setup
  installed += 1
  const binding = `necto_wallet_${installed}`
  const wallet: BrowserWallet = { chainId, known: new Set([chainId]), says: 'yes', calls: [], silent: new Set() }
  await page.exposeBinding(binding, async (_source, call: { method: string; params?: unknown[] }) => {
    wallet.calls.push(call.method)
    if (wallet.silent.has(call.method)) return new Promise(() => {})
    return answer(wallet, setup, call)
  })
  await page.addInitScript(injectProvider, {
    binding,
    name,
    icon,
    kind,
    uuid: `00000000-0000-4000-8000-${String(installed).padStart(12, '0')}`,
  })
  return wallet
}

type Answer = { result: unknown } | { error: { code: number; message: string } }
const failure = (code: number, message: string): Answer => ({ error: { code, message } })
const OTHER_CHAIN = failure(-32603, 'Provided chainId must match the active chainId')
const SAID_NO = failure(4001, 'User rejected the request.')

async function answer(
  wallet: BrowserWallet,
  setup: WalletSetup,
  call: { method: string; params?: unknown[] },
): Promise<Answer> {
  const { method, params = [] } = call
  const [first] = params as [{ chainId?: string } | undefined]
  const asked = Number(first?.chainId)
  const { account, chain, address = account.address } = setup
  switch (method) {
    case 'eth_chainId':
      return { result: `0x${wallet.chainId.toString(16)}` }
    case 'eth_accounts':
    case 'eth_requestAccounts':
      if (wallet.says === 'locked') return { result: [] }
      return wallet.says === 'no' ? SAID_NO : { result: [address] }
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
      if (wallet.says === 'no' || wallet.says === 'no to signing') return SAID_NO
      const typedData = JSON.parse(String(params[1])) as { domain: { chainId: number } }
      // As real wallets do: a domain of another chain than the wallet's is refused.
      if (typedData.domain.chainId !== wallet.chainId) return OTHER_CHAIN
      return { result: await signTypedDataJson(account, typedData) }
    }
    case 'personal_sign': {
      await wallet.holdSigning
      if (wallet.says !== 'yes') return SAID_NO
      return { result: await account.signMessage({ message: { raw: String(params[0]) as `0x${string}` } }) }
    }
    case 'eth_call':
    case 'eth_estimateGas':
    case 'eth_gasPrice':
    case 'eth_getBalance':
    case 'eth_getBlockByNumber':
    case 'eth_getTransactionReceipt':
      if (!chain) break
      return { result: await chain.client.request({ method, params } as never) }
    case 'eth_sendTransaction': {
      if (!chain) break
      if (wallet.says === 'no' || wallet.says === 'no to sending') return SAID_NO
      const { to, data } = params[0] as { to: Address; data: Hex }
      if ((await wallet.onSend?.(data)) === 'no') return SAID_NO
      // As real wallets do: on the chain they are on now, unless the page names another one.
      if (first?.chainId !== undefined && asked !== wallet.chainId) return OTHER_CHAIN
      // As it is, also where it will revert: what a wallet's own trial says is not the page's to rely on.
      return { result: await chain.wallet(account).sendTransaction({ to, data, gas: 400_000n }) }
    }
  }
  return failure(4200, `The wallet does not support ${method}.`)
}

/** Runs in the page. */
function injectProvider(setup: { binding: string; name: string; icon: string; kind: string; uuid: string }): void {
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
  const info = { uuid: setup.uuid, name: setup.name, icon: setup.icon, rdns: 'test.wallet' }
  const announce = () =>
    window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }))
  window.addEventListener('eip6963:requestProvider', announce)
  announce()
}
