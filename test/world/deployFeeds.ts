// Deploys Chainlink's own MockV3Aggregator as price feeds of a local chain.
import { type Address, encodeFunctionData, type LocalAccount } from 'viem'
import { mockV3AggregatorAbi } from '../../contracts/abi/MockV3Aggregator.ts'
import { mockV3AggregatorBytecode } from '../../contracts/bytecode/MockV3Aggregator.ts'
import { connect } from './chain/anvil.ts'
import { deployContract } from './chain/deployContract.ts'

/** A feed whose answer a test sets. */
export interface Feed {
  address: Address
  /** A new round at the latest block's time; USD with 8 decimals. */
  answer(price: bigint): Promise<void>
  /** A round with a time of its own, to make it stale. */
  answerAt(price: bigint, updatedAtSeconds: bigint): Promise<void>
}

/** Deploys one feed per symbol, answering the given USD price (8 decimals). */
export async function deployFeeds<const Symbols extends string>(options: {
  url: string
  chainId: number
  owner: LocalAccount
  prices: Readonly<Record<Symbols, bigint>>
}): Promise<Record<Symbols, Feed>> {
  const chain = connect(options)
  const feeds: Partial<Record<Symbols, Feed>> = {}
  for (const symbol of Object.keys(options.prices) as Symbols[]) {
    feeds[symbol] = await deployFeed(options.prices[symbol])
  }
  return feeds as Record<Symbols, Feed>

  async function deployFeed(price: bigint): Promise<Feed> {
    const abi = mockV3AggregatorAbi
    const args = [8, price]
    const address = await deployContract({
      chain,
      account: options.owner,
      abi,
      bytecode: mockV3AggregatorBytecode,
      args,
    })
    let round = 1n
    return {
      address,
      async answer(next) {
        round += 1n
        await chain.send(
          options.owner,
          address,
          encodeFunctionData({ abi, functionName: 'updateAnswer', args: [next] }),
        )
      },
      async answerAt(next, updatedAt) {
        round += 1n
        await chain.send(
          options.owner,
          address,
          encodeFunctionData({ abi, functionName: 'updateRoundData', args: [round, next, updatedAt, updatedAt] }),
        )
      },
    }
  }
}
