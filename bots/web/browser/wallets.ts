// Wallets in this browser (EIP-6963, else window.ethereum), and what their errors mean in words.

export interface Eip1193 {
  request(call: { method: string; params?: readonly unknown[] }): Promise<unknown>
}

export interface Wallet {
  readonly id: string
  readonly name: string
  readonly provider: Eip1193
}

interface Chain {
  readonly id: number
  readonly name: string
  readonly rpcUrl: string
}

// Extensions answer at once; one that has only window.ethereum is shown after this.
const ANNOUNCE_MS = 300

/** Calls `found` with all wallets known so far, each time one is added; with none when there is none. */
export function watchWallets(found: (wallets: readonly Wallet[]) => void): void {
  const wallets = new Map<string, Wallet>()
  window.addEventListener('eip6963:announceProvider', (event) => {
    const { detail } = event as CustomEvent<{ info?: { uuid?: string; name?: string }; provider?: Eip1193 }>
    const { info, provider } = detail ?? {}
    if (!info?.uuid || !provider || wallets.has(info.uuid)) return
    wallets.set(info.uuid, { id: info.uuid, name: plainName(info.name), provider })
    found([...wallets.values()])
  })
  window.dispatchEvent(new Event('eip6963:requestProvider'))
  setTimeout(() => {
    const { ethereum } = window as { ethereum?: Eip1193 }
    if (wallets.size === 0 && ethereum) wallets.set('window', { id: 'window', name: 'your wallet', provider: ethereum })
    found([...wallets.values()])
  }, ANNOUNCE_MS)
}

// A wallet names itself; nothing invisible may stand beside an amount.
const plainName = (name: string | undefined): string =>
  (name ?? '')
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, 40) || 'a wallet without a name'

/** Asks for the account; the wallet shows its own window. */
export async function connect(provider: Eip1193): Promise<string> {
  const accounts = await provider.request({ method: 'eth_requestAccounts' })
  const account = Array.isArray(accounts) ? accounts[0] : undefined
  if (typeof account !== 'string') throw new Error('the wallet gave no account')
  return account
}

/** Whether the wallet is on the chain now; asks it to switch, and to add the chain where it does not know it. */
export async function ensureChain(provider: Eip1193, chain: Chain): Promise<boolean> {
  if (await isOnChain(provider, chain)) return true
  const chainId = `0x${chain.id.toString(16)}`
  try {
    await provider.request({ method: 'wallet_switchEthereumChain', params: [{ chainId }] })
  } catch (error) {
    if (codeOf(error) !== 4902 || !chain.rpcUrl) throw error
    const nativeCurrency = { name: 'Ether', symbol: 'ETH', decimals: 18 }
    await provider.request({
      method: 'wallet_addEthereumChain',
      params: [{ chainId, chainName: chain.name, rpcUrls: [chain.rpcUrl], nativeCurrency }],
    })
  }
  return isOnChain(provider, chain)
}

async function isOnChain(provider: Eip1193, chain: Chain): Promise<boolean> {
  return Number(await provider.request({ method: 'eth_chainId' })) === chain.id
}

/** EIP-712, over an EIP-3009 authorization. */
export const sign = async (provider: Eip1193, account: string, typedData: unknown): Promise<string> =>
  String(await provider.request({ method: 'eth_signTypedData_v4', params: [account, JSON.stringify(typedData)] }))

/** EIP-191, as hex, since a text that begins with 0x would be taken for bytes. */
export const signText = async (provider: Eip1193, account: string, text: string): Promise<string> =>
  String(await provider.request({ method: 'personal_sign', params: [hexOf(text), account] }))

const hexOf = (text: string): string =>
  `0x${Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, '0')).join('')}`

/** What a wallet's refusal to sign a text means. */
export function whatWalletSaid(error: unknown): string {
  switch (codeOf(error)) {
    case 4001:
      return 'You said no in the wallet.'
    case -32002:
      return 'Your wallet already shows a request. Open it and answer that one first.'
    case 4200:
    case -32601:
      return 'This wallet cannot sign texts. Use another wallet.'
    default:
      return `The wallet answered: ${plainText(error)}.`
  }
}

/** What a wallet's refusal means, and what to do. */
export function walletTrouble(error: unknown, chain: Chain): string {
  switch (codeOf(error)) {
    case 4001:
      return 'You said no in the wallet. Nothing was signed and no money moved. You can try again.'
    case -32002:
      return 'Your wallet already shows a request. Open it and answer that one first.'
    case 4902:
      return `Your wallet does not know ${chain.name} (chain ${chain.id}). Add it there, then try again. No money moved.`
    case 4200:
    case -32601:
      return 'This wallet cannot do what is needed here (sign EIP-712 messages, switch chains). Nothing was signed. Use another wallet.'
    default:
      return `The wallet answered: ${plainText(error)}. Nothing was signed and no money moved. You can try again.`
  }
}

const plainText = (error: unknown): string => {
  const message = (error as { message?: unknown } | undefined)?.message
  return plainName(typeof message === 'string' ? message.slice(0, 200) : 'an error without a word')
}

/** Some wallets put the real code one level down. */
function codeOf(error: unknown): number | undefined {
  const { code, data } = (error ?? {}) as { code?: unknown; data?: { originalError?: { code?: unknown } } }
  const inner = data?.originalError?.code
  return typeof inner === 'number' ? inner : typeof code === 'number' ? code : undefined
}
