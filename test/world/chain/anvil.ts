// Starts anvil, a real EVM node, as a child process on a free port, and gives clients for it.
import { spawn } from 'node:child_process'
import {
  type Account,
  type Address,
  type Chain,
  createPublicClient,
  createTestClient,
  createWalletClient,
  defineChain,
  type Hex,
  http,
  type LocalAccount,
  type TestClient,
  type Transport,
  type WalletClient,
} from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { foundryBinary } from './foundryBinary.ts'

/** A running chain. */
export interface Anvil {
  url: string
  chainId: number
  stop(): Promise<void>
}

const START_TIMEOUT_MS = 60_000

/**
 * Starts anvil. Without `blockTimeSeconds` every transaction is mined at once. `args` are passed on as they are,
 * for example `['--load-state', file]`.
 */
export async function startAnvil(options: {
  chainId: number
  blockTimeSeconds?: number
  args?: readonly string[]
}): Promise<Anvil> {
  const { chainId, blockTimeSeconds, args = [] } = options
  const interval = blockTimeSeconds === undefined ? [] : ['--block-time', String(blockTimeSeconds)]
  const child = spawn(foundryBinary('anvil'), ['--port', '0', '--chain-id', String(chainId), ...interval, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const killWithParent = () => child.kill('SIGKILL')
  process.once('exit', killWithParent)
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const port = await new Promise<string>((resolve, reject) => {
    let output = ''
    const fail = (why: string) => reject(new Error(`anvil ${why}: ${output}`))
    const timer = setTimeout(() => fail('did not start'), START_TIMEOUT_MS)
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      const match = /Listening on 127\.0\.0\.1:(\d+)/.exec(output)
      if (!match?.[1]) return
      clearTimeout(timer)
      // Its log would fill the pipe and stop it; from here on nobody reads it.
      child.stdout.off('data', read).resume()
      child.stderr.off('data', read).resume()
      resolve(match[1])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', (error) => fail(error.message))
    child.once('close', (code) => fail(`ended with ${code}`))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    chainId,
    async stop() {
      process.off('exit', killWithParent)
      // SIGINT makes it write --dump-state before it ends.
      child.kill('SIGINT')
      await exited
    },
  }
}

/** The n-th of anvil's funded accounts: ten exist, from its public test mnemonic. */
export function anvilAccount(index: number): LocalAccount {
  return mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex: index })
}

/** Clients for a local chain. */
export interface LocalChain {
  chain: Chain
  client: ReturnType<typeof createPublicClient<Transport, Chain>>
  test: TestClient
  wallet(account: LocalAccount): WalletClient<Transport, Chain, Account>
  /** Sends a transaction and waits for it; throws when it reverts. */
  send(from: LocalAccount, to: Address, data: Hex): Promise<{ blockNumber: bigint; transactionHash: Hex }>
}

/** Connects to a chain started here. */
export function connect({ url, chainId }: Pick<Anvil, 'url' | 'chainId'>): LocalChain {
  const chain = defineChain({
    id: chainId,
    name: `local ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  })
  const transport = http(url)
  const settings = { chain, transport, pollingInterval: 20, cacheTime: 0 }
  const client = createPublicClient(settings)
  const wallet = (account: LocalAccount) => createWalletClient({ ...settings, account })
  return {
    chain,
    client,
    test: createTestClient({ ...settings, mode: 'anvil' }),
    wallet,
    async send(account, to, data) {
      // anvil mines after it answers a plain send, so "send, then read" would be a race.
      const receipt = await wallet(account).sendTransactionSync({ to, data })
      if (receipt.status !== 'success') throw new Error(`reverted: ${receipt.transactionHash}`)
      return receipt
    },
  }
}
