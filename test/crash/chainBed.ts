// A real chain with the escrow for keepers that are tried on it: buyers, a runner, and the books at the end.
import type { Hex } from 'viem'
import type { Clock } from '../../core/clock.ts'
import { systemClock } from '../../core/clock.ts'
import { type RouterEvent, readRouterEvents } from '../../core/escrow/events.ts'
import { splitOf } from '../../core/escrow/metering.ts'
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import { encodeApprove, readUsdcBalance } from '../../core/escrow/usdc.ts'
import { isEnded, type Job } from '../../core/jobs/job.ts'
import { otherPayer, payer, quoter } from '../../core/jobs/testJobs.ts'
import { people, startEscrowChain } from '../world/startEscrowChain.ts'
import { isLongCampaign } from './campaign.ts'
import type { ChainKeeper, ChainPlace } from './chainKeeper.ts'

const CHAIN_ID = 84_532
const BLOCK_MS = 150
const WAIT_MS = isLongCampaign ? 1_200_000 : 90_000
const MUCH = 1_000_000_000_000n

export type ChainBed = Awaited<ReturnType<typeof openChainBed>>

/** A clock that can be set forward, with the chain's. */
function createShiftedClock(): Clock & { shift(ms: number): void } {
  let aheadMs = 0
  return {
    now: () => systemClock.now() + aheadMs,
    sleep: systemClock.sleep,
    shift: (ms) => {
      aheadMs += ms
    },
  }
}

export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const endMs = Date.now() + WAIT_MS
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`waited in vain for ${what}`)
    await systemClock.sleep(50)
  }
}

/** `mayMine`: asked before each block. */
export async function openChainBed(options: { mayMine?: () => Promise<boolean> } = {}) {
  const { mayMine = async () => true } = options
  const chain = await startEscrowChain({ chainId: CHAIN_ID, deployment: { quoters: [quoter.address] } })
  const { router, fromBlock } = chain.deployed
  const place: ChainPlace = { chainId: CHAIN_ID, router, usdc: chain.usdc.address, fromBlock }
  const clock = createShiftedClock()
  for (const { address } of [payer, people.payer]) await chain.usdc.mint(address, MUCH)
  await chain.send(people.payer, place.usdc, encodeApprove({ spender: router, amountMicroUsd: MUCH }))
  const nonces = () =>
    Promise.all([people.agent, people.relay].map(({ address }) => chain.client.getTransactionCount({ address })))
  let before = await nonces()
  // Blocks come by themselves, so that a sent transaction is not mined at once.
  await chain.test.setAutomine(false)
  const stop = new AbortController()
  const mining = (async () => {
    while (!stop.signal.aborted) {
      if (await mayMine()) await chain.test.mine({ blocks: 1 })
      await systemClock.sleep(BLOCK_MS, stop.signal).catch(() => {})
    }
  })()

  const holds = (account: Hex) => readUsdcBalance({ client: chain.client, usdc: place.usdc, account })
  const events = async (): Promise<RouterEvent[]> =>
    readRouterEvents({ client: chain.client, router, fromBlock, toBlock: await chain.client.getBlockNumber() })

  /** The payer's own transaction with terms that a job has. */
  async function fundsAlone({ terms, quoteSignature = '0x' }: Job): Promise<void> {
    if (!terms) throw new Error('there are no terms')
    const data = encodeRouterCall({ verb: 'fund', terms, quoteSignature })
    await chain.wallet(people.payer).sendTransaction({ to: router, data })
  }

  /** Every deposit ended once, where it says, and to the last unit; how many ended how. */
  async function books() {
    const all = await events()
    const named = <N extends RouterEvent['name']>(name: N) =>
      all.filter((event): event is Extract<RouterEvent, { name: N }> => event.name === name)
    const [funded, settled, refunded] = [named('JobFunded'), named('JobSettled'), named('JobRefunded')]
    const ends = [...settled, ...refunded].map(({ id }) => id)
    const splits = settled.flatMap(({ id, usedSeconds }) => {
      const terms = funded.find((event) => event.id === id)?.terms
      return terms ? [splitOf(terms, usedSeconds)] : []
    })
    const paid = splits.reduce((sum, split) => sum + split.toProviderMicroUsd, 0n)
    const fees = splits.reduce((sum, split) => sum + split.feeMicroUsd, 0n)
    const [escrow, seller] = await Promise.all([router, people.provider.address].map(holds))
    const payers = await Promise.all([payer.address, otherPayer.address, people.payer.address].map(holds))
    const left = payers.reduce((sum, one) => sum + one, 0n)
    const after = await nonces()
    return {
      deposits: funded.length,
      settled: settled.length,
      refunded: refunded.length,
      started: named('JobStarted').length,
      checkpoints: named('JobCheckpointed').length,
      doubles: ends.length - new Set(ends).size,
      open: funded.length - ends.length,
      // Fees stay in the escrow until they are fetched.
      isEven: escrow === fees && seller === paid && left === 2n * MUCH - paid - fees,
      /** Mined of agent and relay together, refused ones too. */
      transactions: after.reduce((sum, count, i) => sum + count - (before[i] ?? 0), 0),
    }
  }

  return {
    chain,
    place,
    clock,
    agent: people.agent,
    relay: people.relay,
    events,
    books,
    fundsAlone,
    /** So much later for keeper and chain alike. */
    async passSeconds(seconds: number): Promise<void> {
      await chain.test.increaseTime({ seconds })
      await chain.test.mine({ blocks: 1 })
      clock.shift(seconds * 1_000)
    },
    async opens(keeper: ChainKeeper): Promise<void> {
      await chain.test.setAutomine(true)
      await chain.listProvider(keeper.shop.listing.id)
      before = await nonces()
      await chain.test.setAutomine(false)
    },
    ended: async ({ shop }: ChainKeeper): Promise<boolean> => {
      const jobs = await shop.context.jobs.list()
      return jobs.length > 0 && jobs.every(({ value }) => isEnded(value))
    },
    async close(): Promise<void> {
      stop.abort()
      await mining
      await chain.stop()
    },
  }
}
