// A local escrow chain, complete: anvil, Circle's USDC, Chainlink feeds, our three contracts, and one account per part.
import type { Address } from 'viem'
import { type Deployed, type Deployment, deploy } from '../../contracts/deploy.ts'
import { encodeRegistryCall, type ProviderListing } from '../../core/escrow/registryCall.ts'
import { priceAssetKey, providerKey } from '../../core/escrow/terms.ts'
import { type Anvil, anvilAccount, connect, type LocalChain, startAnvil } from './chain/anvil.ts'
import { deployUsdc, type Usdc } from './chain/usdc.ts'
import { deployFeeds, type Feed } from './deployFeeds.ts'

/** Who is who on the local chain; each is one of anvil's funded accounts. */
export const people = {
  issuer: anvilAccount(0),
  agent: anvilAccount(1),
  quoter: anvilAccount(2),
  pauser: anvilAccount(3),
  relay: anvilAccount(4),
  payer: anvilAccount(5),
  provider: anvilAccount(6),
  feeRecipient: anvilAccount(7),
  admin: anvilAccount(8),
  stranger: anvilAccount(9),
}

/** Everything that stands on the chain. */
export interface EscrowChain extends LocalChain {
  anvil: Anvil
  usdc: Usdc
  feeds: Record<'USDC' | 'AKT', Feed>
  deployed: Deployed
  /** Lists a provider by its market id, paid to `payout`, priced in `asset` ("USD" or a token's symbol). */
  listProvider(id: string, listing?: Partial<Omit<ProviderListing, 'priceAsset'>> & { asset?: string }): Promise<void>
  /** Moves the chain's clock. */
  passSeconds(seconds: number): Promise<void>
  /** The latest block's time, unix seconds. */
  nowSeconds(): Promise<bigint>
  stop(): Promise<void>
}

/** Starts and deploys it all. USDC and AKT have a feed; heartbeats are ten years, so that moving time does not stale them. */
export async function startEscrowChain(
  options: { chainId?: number; usdcName?: string; blockTimeSeconds?: number; deployment?: Partial<Deployment> } = {},
): Promise<EscrowChain> {
  const { chainId = 31_337, usdcName = 'USDC', blockTimeSeconds, deployment = {} } = options
  const anvil = await startAnvil({ chainId, ...(blockTimeSeconds === undefined ? {} : { blockTimeSeconds }) })
  const chain = connect(anvil)
  const usdc = await deployUsdc({ ...anvil, issuer: people.issuer, name: usdcName })
  const prices = { USDC: 100_000_000n, AKT: 123_000_000n }
  const feeds = await deployFeeds({ ...anvil, owner: people.issuer, prices })
  const tenYears = 315_360_000
  const deployed = await deploy({
    client: chain.client,
    wallet: chain.wallet(people.issuer),
    deployment: {
      chainId,
      usdc: usdc.address,
      usdcName,
      feeRecipient: people.feeRecipient.address,
      feeds: [
        { ...feed('USDC', feeds.USDC.address), minPrice: 98_000_000n, maxPrice: 102_000_000n },
        { ...feed('AKT', feeds.AKT.address), minPrice: 1_000_000n, maxPrice: 10_000_000_000n },
      ],
      admin: people.admin.address,
      agents: [people.agent.address],
      quoters: [people.quoter.address],
      pausers: [people.pauser.address],
      listers: [people.agent.address],
      ...deployment,
    },
  })

  return {
    ...chain,
    anvil,
    usdc,
    feeds,
    deployed,
    async listProvider(id, { payout = people.provider.address, kind = 'direct', asset = 'USD' } = {}) {
      const call = { verb: 'add', provider: providerKey(id), payout, kind, priceAsset: priceAssetKey(asset) } as const
      await chain.send(people.agent, deployed.registry, encodeRegistryCall(call))
    },
    async passSeconds(seconds) {
      await chain.test.increaseTime({ seconds })
      await chain.test.mine({ blocks: 1 })
    },
    nowSeconds: async () => (await chain.client.getBlock()).timestamp,
    stop: () => anvil.stop(),
  }

  function feed(symbol: string, source: Address) {
    return { symbol, source, heartbeatSeconds: tenYears, maxDeviationBps: 300 }
  }
}
