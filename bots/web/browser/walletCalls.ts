// What a wallet is asked of the chain, and the transactions that it sends itself.
import type { WalletCall } from '../messages.ts'
import type { Eip1193 } from './wallets.ts'

// Wallets read over a network of theirs; one that is silent for longer counts as one that does not read.
const READ_MS = 5_000

/** A number read from a contract; undefined where the wallet does not read for pages. */
export async function readNumber(provider: Eip1193, call: WalletCall): Promise<bigint | undefined> {
  return toNumber(await ask(provider, 'eth_call', [call, 'latest']))
}

/** The latest block's time in Unix seconds; undefined where the wallet does not read for pages. */
export async function readChainSeconds(provider: Eip1193): Promise<bigint | undefined> {
  const block = (await ask(provider, 'eth_getBlockByNumber', ['latest', false])) as { timestamp?: unknown } | null
  return toNumber(block?.timestamp)
}

/** What sending a transaction takes and what the account has for it, each as far as the wallet tells. */
export async function readCost(provider: Eip1193, from: string, { to, data }: WalletCall) {
  const [gas, priceWei, heldWei] = await Promise.all([
    ask(provider, 'eth_estimateGas', [{ from, to, data }]),
    ask(provider, 'eth_gasPrice', []),
    ask(provider, 'eth_getBalance', [from, 'latest']),
  ])
  return { gas: toNumber(gas), priceWei: toNumber(priceWei), heldWei: toNumber(heldWei) }
}

const toNumber = (answer: unknown): bigint | undefined =>
  typeof answer === 'string' && /^0x[0-9a-f]{1,64}$/i.test(answer) ? BigInt(answer) : undefined

/** Whether a sent transaction is in a block; undefined while nobody knows. */
export async function readOutcome(provider: Eip1193, hash: string): Promise<'done' | 'reverted' | undefined> {
  const receipt = (await ask(provider, 'eth_getTransactionReceipt', [hash])) as { status?: unknown } | null | undefined
  if (receipt?.status === '0x1') return 'done'
  return receipt?.status === '0x0' ? 'reverted' : undefined
}

async function ask(provider: Eip1193, method: string, params: readonly unknown[]): Promise<unknown> {
  const silence = new Promise<undefined>((resolve) => setTimeout(resolve, READ_MS))
  // Reading only helps to say things earlier: without it the chain says them later.
  return Promise.race([provider.request({ method, params }).catch(() => undefined), silence])
}

/**
 * Shows the transaction in the wallet, which sends it; its hash. Throws what the wallet answered. With the chain's id a
 * wallet that was switched meanwhile refuses it, instead of sending it on another chain.
 */
export async function send(
  provider: Eip1193,
  { from, call, chainId }: { from: string; call: WalletCall; chainId: number },
): Promise<string> {
  const { to, data } = call
  const transaction = { from, to, data, chainId: `0x${chainId.toString(16)}` }
  return String(await provider.request({ method: 'eth_sendTransaction', params: [transaction] }))
}
