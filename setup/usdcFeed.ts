// Chainlink's USDC/USD feed as it stands: deploying against one that is stale or of something else would stop every funding.
import { type Address, formatUnits, type PublicClient, parseAbi } from 'viem'
import { NectoError } from '../core/errors.ts'

const feedAbi = parseAbi([
  'function description() view returns (string)',
  'function decimals() view returns (uint8)',
  'function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
])
/** How often the feed gives a new round at the latest. */
export const USDC_HEARTBEAT_SECONDS = 86_400
/** Between what USDC counts as a dollar, with 8 decimals. */
export const USDC_BOUNDS = { minPrice: 98_000_000n, maxPrice: 102_000_000n } as const

/** What it says, for people. Throws setup.feed when it is none, is stale, or is not near a dollar. */
export async function checkUsdcFeed(options: { client: PublicClient; feed: Address }): Promise<string> {
  const { client, feed } = options
  const read = <Name extends 'description' | 'decimals' | 'latestRoundData'>(functionName: Name) =>
    client.readContract({ address: feed, abi: feedAbi, functionName })
  const [description, decimals, [, answer, , updatedAt], block] = await Promise.all([
    read('description'),
    read('decimals'),
    read('latestRoundData'),
    client.getBlock(),
  ]).catch(() => {
    throw new NectoError('setup.feed', `No price feed answers at ${feed} on this chain.`)
  })
  const price = formatUnits(answer, decimals)
  const scaled = (answer * 100_000_000n) / 10n ** BigInt(decimals)
  if (scaled < USDC_BOUNDS.minPrice || scaled > USDC_BOUNDS.maxPrice)
    throw new NectoError('setup.feed', `The feed "${description}" says $${price}, which is not USDC at about a dollar.`)
  const ageSeconds = block.timestamp - updatedAt
  if (ageSeconds > USDC_HEARTBEAT_SECONDS)
    throw new NectoError(
      'setup.feed',
      `The feed "${description}" was last updated ${ageSeconds / 3600n} h ago; nobody could pay against it.`,
      { retry: 'later' },
    )
  return `feed "${description}": $${price}, ${ageSeconds / 60n} min old`
}
