// A local escrow chain whose newest blocks can be taken back: blocks come only when asked for, two seconds apart.
import { type Address, type Hex, type LocalAccount, parseEther } from 'viem'
import { payer, quoter } from '../../core/jobs/testJobs.ts'
import { connect, startAnvil } from '../world/chain/anvil.ts'
import { startEscrowChain } from '../world/startEscrowChain.ts'

const CHAIN_ID = 31_337
const BLOCK_SECONDS = 2
const GWEI = 1_000_000_000n

type Signer = Pick<LocalAccount, 'address' | 'signTransaction'>
export type ReorgChain = Awaited<ReturnType<Awaited<ReturnType<typeof prepareReorgChains>>>>

/** What the chain has instead of its newest blocks. */
export interface Branch {
  /** How many blocks are gone; as many new ones come. */
  readonly depth: number
  /** Signed transactions in the first of the new blocks, or in the one counted from 0. */
  readonly transactions?: readonly Hex[]
  readonly inBlock?: number
  /** How much later the first of the new blocks comes. */
  readonly laterSeconds?: number
}

/**
 * Deploys once; the answer opens a chain of its own for each case. One for all would not do: an anvil that has taken
 * back some hundreds of blocks loses the state of others.
 */
export async function prepareReorgChains() {
  const base = await startEscrowChain({ chainId: CHAIN_ID, deployment: { quoters: [quoter.address] } })
  const { deployed, usdc } = base
  await usdc.mint(payer.address, 1_000_000_000n)
  await base.test.setBalance({ address: payer.address, value: parseEther('100') })
  const state = await base.test.dumpState()
  await base.stop()
  return async () => {
    const anvil = await startAnvil({ chainId: CHAIN_ID })
    const { client, test } = connect(anvil)
    await test.loadState({ state })
    await test.setAutomine(false)
    await test.setBlockTimestampInterval({ interval: BLOCK_SECONDS })
    return controls({ anvil, client, test, deployed, usdc: usdc.address })
  }
}

type Opened = Pick<ReturnType<typeof connect>, 'client' | 'test'> & {
  readonly anvil: Awaited<ReturnType<typeof startAnvil>>
  readonly deployed: Awaited<ReturnType<typeof startEscrowChain>>['deployed']
  readonly usdc: Address
}

function controls(chain: Opened) {
  const { client, test } = chain
  const rpc = (method: string, params: readonly unknown[]) => test.request({ method, params } as never)
  const mine = (blocks = 1) => test.mine({ blocks })
  const offer = async (raw: Hex) => void (await rpc('eth_sendRawTransaction', [raw]))
  const latestSeconds = async () => Number((await client.getBlock()).timestamp)
  const head = () => client.getBlockNumber({ cacheTime: 0 })

  /** Signed, outbidding everybody, not sent; `nonce` is the account's next unless given. */
  async function sign(from: Signer, call: { to: Address; data: Hex; nonce?: number }): Promise<Hex> {
    const nonce = call.nonce ?? (await client.getTransactionCount({ address: from.address }))
    const fees = { maxFeePerGas: 100n * GWEI, maxPriorityFeePerGas: 50n * GWEI, gas: 600_000n }
    return from.signTransaction({ type: 'eip1559', chainId: CHAIN_ID, ...call, ...fees, nonce })
  }

  async function passSeconds(seconds: number): Promise<void> {
    await test.setNextBlockTimestamp({ timestamp: BigInt((await latestSeconds()) + seconds) })
    await mine()
  }

  return {
    ...chain,
    ...{ sign, mine, offer, passSeconds, latestSeconds, head },
    /** Sent and in a block of its own. */
    async act(from: Signer, to: Address, data: Hex): Promise<void> {
      await offer(await sign(from, { to, data }))
      await mine()
    },
    /** The signed bytes of the transactions in the newest blocks, the oldest first. */
    async newestRaws(blocks: number): Promise<Hex[]> {
      const last = await head()
      const raws: Hex[] = []
      for (let number = last - BigInt(blocks) + 1n; number <= last; number++) {
        const { transactions } = await client.getBlock({ blockNumber: number })
        for (const hash of transactions) raws.push(await rpc('eth_getRawTransactionByHash', [hash]))
      }
      return raws
    },
    async takeBack({ depth, transactions = [], inBlock = 0, laterSeconds }: Branch): Promise<void> {
      if (laterSeconds === undefined) {
        await rpc('anvil_reorg', [depth, transactions.map((raw) => [raw, inBlock])])
        return
      }
      // anvil_reorg keeps the times of the blocks that it replaces, so this branch is made by hand.
      await rpc('anvil_rollback', [depth])
      await rpc('anvil_dropAllTransactions', [])
      for (const raw of transactions) await offer(raw)
      await passSeconds(laterSeconds)
      if (depth > 1) await mine(depth - 1)
    },
    stop: () => chain.anvil.stop(),
  }
}
