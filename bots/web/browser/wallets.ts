// Wallets in this browser (EIP-6963, else window.ethereum), and what their errors mean in words.

export interface Eip1193 {
  request(call: { method: string; params?: readonly unknown[] }): Promise<unknown>
}

export interface Wallet {
  readonly id: string
  readonly name: string
  /** A picture as data; never an address, which would tell its server who pays. */
  readonly icon: string | undefined
  readonly provider: Eip1193
}

export interface Chain {
  readonly id: number
  readonly name: string
  readonly rpcUrl: string
}

interface Announcement {
  readonly info?: { readonly uuid?: string; readonly name?: string; readonly icon?: unknown }
  readonly provider?: Eip1193
}

// Extensions answer at once; one that has only window.ethereum is shown after this.
const ANNOUNCE_MS = 300

/** Calls `found` with all wallets known so far, each time one is added; with none when there is none. */
export function watchWallets(found: (wallets: readonly Wallet[]) => void): void {
  const wallets = new Map<string, Wallet>()
  window.addEventListener('eip6963:announceProvider', (event) => {
    const { detail } = event as CustomEvent<Announcement>
    const { info, provider } = detail ?? {}
    if (!info?.uuid || !provider || wallets.has(info.uuid)) return
    wallets.set(info.uuid, { id: info.uuid, name: plainName(info.name), icon: plainIcon(info.icon), provider })
    found([...wallets.values()])
  })
  window.dispatchEvent(new Event('eip6963:requestProvider'))
  setTimeout(() => {
    const { ethereum } = window as { ethereum?: Eip1193 }
    if (wallets.size === 0 && ethereum)
      wallets.set('window', { id: 'window', name: 'your wallet', icon: undefined, provider: ethereum })
    found([...wallets.values()])
  }, ANNOUNCE_MS)
}

// A wallet names itself; nothing invisible may stand beside an amount.
const plainName = (name: string | undefined): string =>
  (name ?? '')
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, 40) || 'a wallet without a name'

const plainIcon = (icon: unknown): string | undefined =>
  typeof icon === 'string' && icon.length < 200_000 && /^data:image\/(png|jpeg|webp|gif|svg\+xml)[;,]./.test(icon)
    ? icon
    : undefined

/** Asks for the account; the wallet shows its own window. Throws 4100 when it is locked or gives none. */
export async function connect(provider: Eip1193): Promise<string> {
  const accounts = await provider.request({ method: 'eth_requestAccounts' })
  const account = Array.isArray(accounts) ? accounts[0] : undefined
  if (typeof account !== 'string') throw Object.assign(new Error('no account'), { code: 4100 })
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

/** What a wallet's refusal means, and what to do. `sending`: a transaction may be out although the wallet failed. */
export function walletTrouble(error: unknown, chain: Chain, sending = false): string {
  const nothing = sending ? 'Nothing was sent and no USDC moved.' : 'Nothing was signed and no money moved.'
  switch (codeOf(error)) {
    case 4001:
      return `You said no in the wallet. ${nothing} You can try again.`
    case -32002:
      return `Your wallet already shows a request. ${nothing} Open it and answer that one first.`
    case 4100:
      return `Your wallet gave no account: it is locked, or shows none of its accounts to this page. ${nothing} Unlock it, allow an account, and try again.`
    case 4900:
    case 4901:
      return `Your wallet is not connected to ${chain.name}. ${nothing} Check its connection and try again.`
    case 4902:
      return `Your wallet does not know ${chain.name} (chain ${chain.id}). Add it there, then try again. No money moved.`
    case 4200:
    case -32601:
      return sending
        ? `This wallet cannot send transactions for a page. ${nothing} Use another wallet.`
        : `This wallet cannot do what is needed here (sign EIP-712 messages, switch chains). ${nothing} Use another wallet, or pay with your own gas.`
    default:
      return sending
        ? `The wallet answered: ${plainText(error)}. If it shows the transaction as sent, wait: this page will see it. Otherwise no USDC moved, and you can try again. Sending twice cannot pay twice.`
        : `The wallet answered: ${plainText(error)}. ${nothing} You can try again.`
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
