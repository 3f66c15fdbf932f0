// A real chain with the escrow for keepers that are tried on it: buyers, a runner, and the books at the end.
import { type Hex, sha256 } from 'viem'
import type { Clock } from '../../core/clock.ts'
import { systemClock } from '../../core/clock.ts'
import { type RouterEvent, readRouterEvents } from '../../core/escrow/events.ts'
import { splitOf } from '../../core/escrow/metering.ts'
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import { encodeApprove, readUsdcBalance } from '../../core/escrow/usdc.ts'
import { createRunnerDesk } from '../../core/jobs/createRunnerDesk.ts'
import { isEnded, type Job } from '../../core/jobs/job.ts'
import { otherPayer, payer, quoter, runner } from '../../core/jobs/testJobs.ts'
import { blindHash } from '../../core/supply/blindHash.ts'
import { signReceipt } from '../../core/supply/receiptSignature.ts'
import { people, startEscrowChain } from '../world/startEscrowChain.ts'
import { isLongCampaign } from './campaign.ts'
import type { ChainKeeper, ChainPlace } from './chainKeeper.ts'

const CHAIN_ID = 84_532
const BLOCK_MS = 150
const WAIT_MS = isLongCampaign ? 1_200_000 : 90_000
const RUN_SECONDS = 1
const MUCH = 1_000_000_000_000n
const SALT: Hex = `0x${'5a'.repeat(32)}`
const hashOf = (kind: 'log' | 'output') => blindHash(kind, { salt: SALT, hash: sha256('0x') })

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

export async function openChainBed() {
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
      await chain.test.mine({ blocks: 1 })
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

  /** Takes what waits at the keeper's desk, runs it for a second and says so; `hold` keeps those jobs running. */
  async function runs({ shop }: ChainKeeper, options: { hold?: (jobId: Hex) => boolean; signal: AbortSignal }) {
    const desk = createRunnerDesk(shop.context)
    const taken = new Set<Hex>()
    const work = async (jobId: Hex) => {
      if (!(await desk.accept(runner.address, jobId)).ok) return
      await systemClock.sleep(RUN_SECONDS * 1_000 + 100)
      await desk.heartbeat(runner.address, jobId)
      while (options.hold?.(jobId) && !options.signal.aborted) await systemClock.sleep(50)
      await desk.heartbeat(runner.address, jobId)
      const receipt = { jobId, usedSeconds: usedBy(await shop.context.jobs.list({ index: 'jobId', key: jobId })) }
      const said = {
        ...receipt,
        exitCode: 0,
        reason: 'exited',
        logHash: hashOf('log'),
        outputHash: hashOf('output'),
      } as const
      const signed = await signReceipt({ account: runner, receipt: said, chainId: CHAIN_ID })
      const taken = await desk.receipt(runner.address, jobId, { ...signed, salt: SALT })
      if (!taken.ok) throw new Error(taken.why)
    }
    while (!options.signal.aborted) {
      for (const { value } of await shop.context.jobs.list({ index: 'state', key: 'active' })) {
        if (!value.jobId || taken.has(value.jobId)) continue
        taken.add(value.jobId)
        void work(value.jobId).catch(() => taken.delete(value.jobId ?? '0x'))
      }
      await systemClock.sleep(50)
    }
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
    runs,
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

/** What a runner counts: from the acceptance on. */
function usedBy(docs: readonly { value: Job }[]): number {
  const { run } = docs[0]?.value ?? {}
  return run ? Math.max(RUN_SECONDS, Math.floor((run.lastSeenAtMs - run.acceptedAtMs) / 1_000)) : RUN_SECONDS
}
