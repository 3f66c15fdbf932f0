// For the tests beside: a local chain's controls, and a contract that does each thing once.
import {
  type Address,
  concatHex,
  createTestClient,
  http,
  numberToHex,
  pad,
  parseAbi,
  parseEther,
  publicActions,
  type Transport,
  toFunctionSelector,
  walletActions,
} from 'viem'
import { generatePrivateKey, mnemonicToAccount, privateKeyToAccount } from 'viem/accounts'
import { systemClock } from '../../core/clock.ts'
import { silentLog } from '../../core/log.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import type { Collection } from '../../core/store/store.ts'
import { rpcTransport } from './endpoints.ts'
import { type Intent, intents } from './intent.ts'
import { createSender, type SenderOptions } from './sender.ts'

export const TEST_CHAIN_ID = 31_337
const onceErrors = parseAbi(['error AlreadyDone()'])

// Calldata is a key. A new key is marked in storage; a known one reverts with AlreadyDone().
const RUNTIME = concatHex([
  '0x5f358054600c57', // key = calldata; if storage[key] jump to 12
  '0x6001905500', // storage[key] = 1; stop
  '0x5b63', // 12: push the error's selector
  toFunctionSelector('AlreadyDone()'),
  '0x5f526004601cfd', // revert with it
])
const DEPLOY = concatHex(['0x60', numberToHex((RUNTIME.length - 2) / 2, { size: 1 }), '0x8060095f395ff3', RUNTIME])

/** The calldata that marks this key. */
const markCall = (key: number) => pad(numberToHex(key))

export type TestChain = Awaited<ReturnType<typeof openTestChain>>

/** Controls of the anvil at this address, with the contract deployed. */
export async function openTestChain(url: string) {
  const client = createTestClient({
    mode: 'anvil',
    transport: http(url),
    account: mnemonicToAccount('test test test test test test test test test test test junk'),
    cacheTime: 0,
  })
    .extend(publicActions)
    .extend(walletActions)
  const receipt = await client.sendTransactionSync({ chain: null, data: DEPLOY })
  const once: Address = receipt.contractAddress ?? '0x'

  return {
    url,
    client,
    once,
    /** A funded account that no other test uses. */
    async account() {
      const account = privateKeyToAccount(generatePrivateKey())
      await client.setBalance({ address: account.address, value: parseEther('10') })
      return account
    },
    isMarked: async (key: number) => (await client.getStorageAt({ address: once, slot: markCall(key) })) !== pad('0x0'),
    nonceOf: (address: Address) => client.getTransactionCount({ address, blockTag: 'latest' }),
  }
}

/** A sender with short waits over a store of its own. */
export async function openTestSender(chain: TestChain, options: Partial<SenderOptions> & { urls?: string[] } = {}) {
  const { urls = [chain.url], ...rest } = options
  const account = options.account ?? (await chain.account())
  const transports: Transport[] = urls.map((url) => rpcTransport({ url, timeoutMs: 2_000 }))
  const collection: Collection<Intent> = options.intents ?? createMemoryStore().collection(intents)
  const sender = createSender({
    transports,
    chainId: TEST_CHAIN_ID,
    confirmations: 1,
    clock: systemClock,
    log: silentLog,
    feeCapWei: 500_000_000_000n,
    pollMs: 20,
    resendEveryMs: 100,
    errorAbi: onceErrors,
    ...rest,
    account,
    intents: collection,
  })
  return {
    ...sender,
    account,
    intents: collection,
    /** Wishes that the key be marked. */
    mark: (id: string, key: number, gas?: bigint) =>
      sender.submit({ id, to: chain.once, data: markCall(key), ...(gas === undefined ? {} : { gas }) }),
    /** The stored intent. */
    async read(id: string): Promise<Intent> {
      const doc = await collection.get(id)
      if (!doc) throw new Error(`no intent ${id}`)
      return doc.value
    },
    /** Runs until `until` holds, then stops; the sender may be run again. */
    async runUntil(until: () => Promise<boolean>): Promise<void> {
      const stop = new AbortController()
      const running = sender.run(stop.signal)
      try {
        await eventually(until)
      } finally {
        stop.abort()
        await running
      }
    },
  }
}

/** Waits for a condition, far longer than it should take on a busy machine. */
export async function eventually(holds: () => Promise<boolean> | boolean, limitMs = 15_000): Promise<void> {
  const end = Date.now() + limitMs
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it never came to hold')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
