// Two keepers with the same keys, which no directory lock can know of: each job is settled once, the fight for nonces ends, and it is told.
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { openLowdbStore } from '../../core/store/lowdb.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import type { Store } from '../../core/store/store.ts'
import { lineKey } from '../../keeper/tx/intent.ts'
import { type RunningProcess, startProcess } from '../world/childProcess.ts'
import { isLongCampaign } from './campaign.ts'
import { type ChainBed, openChainBed, until } from './chainBed.ts'
import { type ChainKeeper, openChainKeeper } from './chainKeeper.ts'
import { runJobs } from './chainRunner.ts'
import { startFaultyRpc } from './faultyRpc.ts'
import type { KeeperOrder } from './keeperProcess.ts'

const JOBS = isLongCampaign ? 20 : 4
const TOLD = 'another transaction took this nonce: is the key used elsewhere?'

/** A folder that is gone after `use`. */
async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'necto-two-'))
  try {
    await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** As another host has it: without the lock, whose file must not be touched while it is held. */
const copyStore = (from: string, to: string) =>
  cp(from, to, { recursive: true, filter: (file) => !/^lock/.test(path.basename(file)) })

const openOn = (bed: ChainBed, store: Store) => openChainKeeper({ ...bed, store, urls: [bed.chain.anvil.url] })

/** Jobs whose buyers have signed; the relay has sent nothing yet. */
async function paysJobs({ shop }: ChainKeeper, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await shop.pays(await shop.signed())
}

/** Runs both, each with a runner, until all their jobs and transactions are over. */
async function runBoth(keepers: readonly ChainKeeper[], over: () => Promise<boolean>): Promise<void> {
  const ending = new AbortController()
  const { signal } = ending
  const working = keepers.flatMap((keeper) => [keeper.run(signal), runJobs(keeper, { signal })])
  try {
    await until('both to be done', over)
    for (const { keeper } of keepers)
      await until('their transactions to end', async () =>
        (await keeper.intents.list()).every(({ value: { state } }) => state === 'final' || state === 'failed'),
      )
  } finally {
    ending.abort()
    await Promise.all(working)
  }
}

const toldBy = (keepers: readonly ChainKeeper[]) =>
  keepers.flatMap(({ lines }) => lines.filter(({ msg }) => msg === TOLD))

describe('a second keeper with the same keys', () => {
  test.concurrent('over an empty store: each deposit is run or sent back, never both', async () => {
    const keepers: ChainKeeper[] = []
    let haveBothTried = false
    const agentLine = () => lineKey({ chainId: 84_532, signer: bed.agent.address })
    // No block until both have done something about the first deposit, so that they do meet: in a fight for the nonce, or
    // one of them is refused because it sees the other's transaction.
    const mayMine = async () => {
      const countOf = (index: 'line' | 'openLine') =>
        Promise.all(keepers.map(async ({ keeper }) => (await keeper.intents.list({ index, key: agentLine() })).length))
      haveBothTried ||= keepers.length > 0 && (await countOf('line')).every((count) => count > 0)
      return haveBothTried || (await countOf('openLine')).every((count) => count === 0)
    }
    const bed = await openChainBed({ mayMine })
    try {
      const first = await openOn(bed, createMemoryStore())
      await bed.opens(first)
      const second = await openOn(bed, createMemoryStore())
      keepers.push(first, second)
      await paysJobs(first, JOBS)
      await runBoth(keepers, () => bed.ended(first))
      const books = await bed.books()
      expect(books).toMatchObject({ deposits: JOBS, doubles: 0, open: 0, isEven: true })
      expect(books.settled + books.refunded).toBe(JOBS)
      console.info(
        `two keepers, one with an empty store: ${JOBS} jobs, ${books.settled} settled, ${books.refunded} sent back, ` +
          `${toldBy(keepers).length} nonces fought for: 0 double payments, 0 lost jobs`,
      )
    } finally {
      await bed.close()
    }
  })

  test.concurrent('over a copy of the store: both do everything, and it is done once', () =>
    withFolder(async (folder) => {
      const bed = await openChainBed()
      const [one, other] = [path.join(folder, 'one'), path.join(folder, 'other')]
      try {
        const stores = [await openLowdbStore({ directory: one })]
        const first = await openOn(bed, stores[0] ?? expect.unreachable())
        await bed.opens(first)
        await paysJobs(first, JOBS)
        await copyStore(one, other)
        stores.push(await openLowdbStore({ directory: other }))
        const second = await openOn(bed, stores[1] ?? expect.unreachable())
        const keepers = [first, second]
        await runBoth(keepers, async () => (await bed.ended(first)) && (await bed.ended(second)))
        for (const { shop } of keepers)
          expect((await shop.context.jobs.list()).map(({ value }) => value.state)).toEqual(Array(JOBS).fill('settled'))
        const books = await bed.books()
        expect(books).toMatchObject({ deposits: JOBS, settled: JOBS, doubles: 0, open: 0, isEven: true })
        console.info(
          `two keepers over copies of a store: ${JOBS} jobs settled in ${books.transactions} transactions, ` +
            `${toldBy(keepers).length} nonces fought for: 0 double payments, 0 lost jobs`,
        )
        for (const store of stores) await store.close()
      } finally {
        await bed.close()
      }
    }))
})

const PAUSES = (['fundWithAuthorization', 'start', 'complete'] as const).flatMap((verb) =>
  (['before', 'after'] as const).map((side) => ({ verb, side })),
)

describe('a keeper that is stopped like by a debugger while another host takes over, and goes on', () => {
  // Each takes three processes, so CI has one of them.
  const pauses = PAUSES.filter(({ verb, side }) => isLongCampaign || (verb === 'start' && side === 'after'))
  test.concurrent.each(pauses)('$side its bytes for $verb are in: everything is done once', ({ verb, side }) =>
    withFolder(async (folder) => {
      const bed = await openChainBed()
      const [one, other] = [path.join(folder, 'one'), path.join(folder, 'other')]
      let paused: RunningProcess | undefined
      const isPaused = Promise.withResolvers<void>()
      const rpc = await startFaultyRpc({
        targetUrl: bed.chain.anvil.url,
        decide(call) {
          if (!call.verb?.startsWith(verb) || call.before !== 0 || !paused?.pid) return undefined
          const { pid } = paused
          paused = undefined
          process.kill(pid, 'SIGSTOP')
          isPaused.resolve()
          return side === 'before' ? 'answers and drops it' : undefined
        },
      })
      const start = (directory: string, url: string) => {
        const { fromBlock, ...place } = bed.place
        const order: KeeperOrder = { directory, url, ...place, fromBlock: String(fromBlock) }
        return startProcess({ args: ['test/crash/keeperProcess.ts', JSON.stringify(order)] })
      }
      const running: RunningProcess[] = []
      try {
        const store = await openLowdbStore({ directory: one })
        const shop = await openOn(bed, store)
        await bed.opens(shop)
        await paysJobs(shop, 2)
        await store.close()
        const first = start(one, rpc.url)
        paused = first
        running.push(first)
        await isPaused.promise
        await copyStore(one, other)
        const second = start(other, bed.chain.anvil.url)
        running.push(second)
        await second.printed('all ended', 90_000)
        process.kill(first.pid ?? expect.unreachable(), 'SIGCONT')
        await first.printed('all ended', 90_000)
        expect(await Promise.all(running.map((one) => one.stop()))).toEqual([0, 0])
        const books = await bed.books()
        expect(books).toMatchObject({ deposits: 2, settled: 2, doubles: 0, open: 0, isEven: true })
        console.info(
          `stopped ${side} ${verb}, taken over, resumed: 2 jobs in ${books.transactions} transactions, ` +
            '0 double payments, 0 lost jobs',
        )
      } finally {
        await Promise.all(running.map((one) => one.kill()))
        await rpc.stop()
        await bed.close()
      }
    }),
  )
})
