// Tells what happens on both chains of the world, block by block, in words.
import { createPublicClient, http, parseAbiItem } from 'viem'
import { type RouterEvent, readRouterEvents } from '../../core/escrow/events.ts'
import { showUsd } from '../../core/money.ts'
import type { World } from './startWorld.ts'

const POLL_MS = 200
const usdc = (amount: bigint) => `${showUsd(amount)} USDC`
const short = (hex: string) => `${hex.slice(0, 6)}…${hex.slice(-4)}`

function words(event: RouterEvent): string {
  switch (event.name) {
    case 'JobFunded':
      return `JobFunded ${short(event.id)}: ${usdc(event.depositMicroUsd)} from ${short(event.payer)}, ${event.terms.tracked ? `member tag ${short(event.terms.memberTag)}` : 'no member tag'}`
    case 'JobStarted':
      return `JobStarted ${short(event.id)}`
    case 'JobSettled':
      return `JobSettled ${short(event.id)}: ${event.usedSeconds} s used, seller ${usdc(event.toProviderMicroUsd)}, fee ${usdc(event.feeMicroUsd)}, back ${usdc(event.refundedMicroUsd)}`
    case 'JobRefunded':
      return `JobRefunded ${short(event.id)}: ${usdc(event.refundedMicroUsd)}`
    default:
      return event.name
  }
}

/** Calls `tell` for each event until the signal; a read that fails is tried again. */
export function watchChains(world: World, tell: (text: string) => void, signal: AbortSignal): void {
  const { client, deployed } = world.escrow
  const storage = createPublicClient({ transport: http(world.storageRpcUrl) })
  const registered = parseAbiItem(
    'event ProviderAdded(bytes32 indexed id, address indexed payout, uint8 kind, bytes32 priceAsset)',
  )
  let escrowNext = deployed.fromBlock
  let storageNext = 0n
  let submissions = 0

  async function look(): Promise<void> {
    const head = await client.getBlockNumber({ cacheTime: 0 })
    if (head >= escrowNext) {
      const range = { fromBlock: escrowNext, toBlock: head }
      const [added, events] = await Promise.all([
        client.getLogs({ address: deployed.registry, event: registered, ...range }),
        readRouterEvents({ client, router: deployed.router, ...range }),
      ])
      for (const log of added)
        tell(
          `escrow chain, block ${log.blockNumber}: ProviderAdded ${short(log.args.id ?? '')} paid to ${short(log.args.payout ?? '')}`,
        )
      for (const event of events) tell(`escrow chain, block ${event.at.blockNumber}: ${words(event)}`)
      escrowNext = head + 1n
    }
    const storageHead = await storage.getBlockNumber({ cacheTime: 0 })
    if (storageHead >= storageNext) {
      const logs = await storage.getLogs({ address: world.flowAddress, fromBlock: storageNext, toBlock: storageHead })
      for (const log of logs) tell(`0G chain, block ${log.blockNumber}: Flow took submission ${++submissions}`)
      storageNext = storageHead + 1n
    }
  }

  const loop = async () => {
    while (!signal.aborted) {
      await look().catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }
  void loop()
}
