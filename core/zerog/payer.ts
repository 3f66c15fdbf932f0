// Signs and sends the one transaction an upload needs: to the flow contract only, one at a time, written down first.
import {
  type Address,
  type Hex,
  keccak256,
  type PublicClient,
  parseTransaction,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Clock } from '../clock.ts'
import { NectoError } from '../errors.ts'
import { createKeyedQueue } from '../keyedQueue.ts'
import { broadcast } from './broadcast.ts'
import { submitSelector } from './flowContract.ts'
import type { SentTransaction, TransactionJournal } from './journal.ts'
import type { TransactionRequest } from './sdkMessages.ts'

const receiptPollMs = 500
const receiptLagMs = 10_000
// Nodes behind one address do not all see a broadcast at once; for so long our own count of nonces is the better one.
const ownNonceTrustedMs = 60_000

interface SendOptions {
  signal: AbortSignal
  /** Told when the signed bytes are written down, before they leave; what it throws keeps them here. */
  onSigned?: (hash: Hex) => Promise<void>
}

/** The storage wallet. */
export interface Payer {
  address: Address
  /** Prices, signs, saves and broadcasts; answers what was sent. Throws typed errors when it was refused. */
  send(root: Hex, tx: TransactionRequest, options: SendOptions): Promise<SentTransaction>
  /** Waits until one of a root's earlier transactions is mined; undefined when none will be, so paying is safe. */
  settleEarlier(root: Hex, signal: AbortSignal): Promise<TransactionReceipt | undefined>
  /** The receipt of a sent transaction once it is mined, whatever its status. */
  waitMined(hash: Hex, signal: AbortSignal): Promise<TransactionReceipt>
  /** The receipt of an earlier successful transaction, without waiting. */
  findMined(root: Hex): Promise<TransactionReceipt | undefined>
}

/** A wallet that pays `flowAddress` on `chainId` with an explicit gas limit and a highest gas price. */
export function createPayer(options: {
  chain: PublicClient
  chainId: number
  flowAddress: Address
  signerKey: Hex
  gasLimit: bigint
  maxGasPriceWei: bigint
  journal: TransactionJournal
  clock: Clock
}): Payer {
  const { chain, chainId, flowAddress, journal, clock } = options
  const account = privateKeyToAccount(options.signerKey)
  const queue = createKeyedQueue()
  let lastSent: { nonce: number; atMs: number } | undefined

  async function nextNonce(): Promise<number> {
    const pending = await chain.getTransactionCount({ address: account.address, blockTag: 'pending' })
    const ours = lastSent && clock.now() - lastSent.atMs < ownNonceTrustedMs ? lastSent.nonce + 1 : 0
    return Math.max(pending, ours)
  }

  async function gasPrice(atLeastWei = 0n): Promise<bigint> {
    const networkWei = await chain.getGasPrice()
    if (larger(networkWei, atLeastWei) > options.maxGasPriceWei) {
      const details = `network ${networkWei} wei, at least ${atLeastWei} wei, allowed ${options.maxGasPriceWei} wei`
      throw new NectoError('zerog.gas-price-too-high', 'Storage fees are too high now.', { retry: 'later', details })
    }
    // A quarter above what the network asks, so that a rising base fee does not strand the transaction.
    const wantedWei = larger(networkWei + networkWei / 4n, atLeastWei)
    if (wantedWei > options.maxGasPriceWei) return options.maxGasPriceWei
    return wantedWei
  }

  async function signAndSend(call: {
    root: Hex
    tx: Pick<TransactionRequest, 'data' | 'valueWei'>
    nonce: number
    gasPriceWei: bigint
    onSigned?: SendOptions['onSigned']
  }): Promise<SentTransaction> {
    const { root, tx, nonce, gasPriceWei, onSigned } = call
    const fields = { to: flowAddress, data: tx.data, value: tx.valueWei, nonce, gas: options.gasLimit }
    const raw = await account.signTransaction({ type: 'legacy', chainId, gasPrice: gasPriceWei, ...fields })
    const sent = { root, hash: keccak256(raw), raw, nonce }
    await journal.save(sent)
    await onSigned?.(sent.hash)
    await broadcast(chain, raw)
    lastSent = { nonce, atMs: clock.now() }
    return sent
  }

  async function receiptOf(hash: Hex): Promise<TransactionReceipt | undefined> {
    try {
      return await chain.getTransactionReceipt({ hash })
    } catch (error) {
      if (error instanceof TransactionReceiptNotFoundError) return undefined
      throw error
    }
  }

  async function receiptsOf(sent: SentTransaction[]): Promise<(TransactionReceipt | undefined)[]> {
    return Promise.all(sent.map((one) => receiptOf(one.hash)))
  }

  /** Sends it again, or the same call at the same nonce for more when the price has risen. */
  async function push(sent: SentTransaction): Promise<void> {
    const { gasPrice: oldWei = 0n, data = '0x', value = 0n } = parseTransaction(sent.raw)
    if ((await chain.getGasPrice()) <= oldWei) return broadcast(chain, sent.raw)
    const gasPriceWei = await gasPrice(oldWei + oldWei / 8n + 1n)
    await signAndSend({ root: sent.root, tx: { data, valueWei: value }, nonce: sent.nonce, gasPriceWei })
  }

  /** Those with lower nonces come first: when the chain dropped one of them, this one is never mined before it. */
  async function pushInOrder(newest: SentTransaction, usedNonces: number): Promise<void> {
    for (let nonce = usedNonces; nonce < newest.nonce; nonce++) {
      const before = (await journal.loadNonce(nonce)).at(-1)
      if (before) await push(before).catch(unlessNonceTaken)
    }
    await push(newest)
  }

  return {
    address: account.address,

    send: (root, tx, { signal, onSigned }) =>
      queue.run('signer', async () => {
        signal.throwIfAborted()
        if (tx.to.toLowerCase() !== flowAddress.toLowerCase() || !tx.data.startsWith(submitSelector)) {
          const details = `to ${tx.to}, call ${tx.data.slice(0, 10)}`
          throw new NectoError('zerog.foreign-call', 'Storage asked for a payment that is not its own.', { details })
        }
        const [nonce, gasPriceWei] = await Promise.all([nextNonce(), gasPrice()])
        signal.throwIfAborted()
        return signAndSend({ root, tx, nonce, gasPriceWei, ...(onSigned && { onSigned }) })
      }),

    async settleEarlier(root, signal) {
      const startedMs = clock.now()
      for (let pushed = false; ; pushed = true) {
        // In the signer's turn: a payment being signed right now, for a put that was given up, is in the journal then.
        const sent = await queue.run('signer', () => journal.load(root))
        const newest = sent.at(-1)
        if (!newest) return undefined
        const usedNonces = await chain.getTransactionCount({ address: account.address, blockTag: 'latest' })
        const receipts = await receiptsOf(sent)
        const mined = receipts.find((receipt) => receipt?.status === 'success')
        if (mined) return mined
        // A used nonce without a receipt was taken by another transaction, unless the receipt is only late.
        const settled = sent.every((one) => one.nonce < usedNonces)
        const late = receipts.includes(undefined) && clock.now() - startedMs < receiptLagMs
        if (settled && !late) return undefined
        if (!settled && !pushed) await queue.run('signer', () => pushInOrder(newest, usedNonces))
        await clock.sleep(receiptPollMs, signal)
      }
    },

    async waitMined(hash, signal) {
      for (;;) {
        await clock.sleep(receiptPollMs, signal)
        // A chain that does not answer now is asked again; the upload's deadline ends the wait.
        const receipt = await receiptOf(hash).catch(() => undefined)
        if (receipt) return receipt
      }
    },

    async findMined(root) {
      return (await receiptsOf(await journal.load(root))).find((receipt) => receipt?.status === 'success')
    },
  }
}

/** Taken meanwhile by itself or another: either way it holds up nothing any more. */
function unlessNonceTaken(error: unknown): void {
  if (!(error instanceof NectoError && error.code === 'zerog.nonce-taken')) throw error
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
