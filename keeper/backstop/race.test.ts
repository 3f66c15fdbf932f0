// Keeper and backstop at one job on a real chain, whoever is first: the money moves once, and neither calls it an alarm.
import type { Hex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readJobEvents } from '../../core/escrow/jobEvents.ts'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { fundedEvent } from '../../core/jobs/testJobs.ts'
import { transition } from '../../core/jobs/transitions.ts'
import { silentLog } from '../../core/log.ts'
import { people } from '../../test/world/startEscrowChain.ts'
import type { KeeperContext } from '../tasks/keeper.ts'
import { settleJob } from '../tasks/settleJobs.ts'
import { startJob } from '../tasks/startJobs.ts'
import { createTestKeeper } from '../tasks/testKeeper.ts'
import { rpcTransport } from '../tx/endpoints.ts'
import { createSender } from '../tx/sender.ts'
import { type BackstopBed, createNotes, openBackstopBed, openSelfDriver } from './testBackstop.ts'

const signal = new AbortController().signal
const AFTER_START = 2_701
const AFTER_RUN = 3_600 + 72 * 3_600 + 1

let bed: BackstopBed
beforeAll(async () => {
  bed = await openBackstopBed()
})
afterAll(() => bed.chain.stop())

/** A keeper with one job whose deposit is on the chain, its agent's transactions sent there. */
async function openKeeper(id: Hex) {
  const bench = await createTestKeeper()
  const { lines, log } = createNotes()
  const { ref, terms } = await bench.shop.signed()
  await applyRouterEvent(bench.shop.context, fundedEvent(terms))
  await bench.shop.change(ref, (job) => ({ ...job, jobId: id, terms: bed.termsOf(id) ?? job.terms }))
  const agent = createSender({
    intents: bench.keeper.intents,
    transports: [rpcTransport({ url: bed.chain.anvil.url })],
    account: people.agent,
    chainId: bed.place.chainId,
    confirmations: 1,
    clock: bench.clock,
    log: silentLog,
    // Above the backstop's, so that it is mined first where both wait for one block.
    feeCapWei: 100_000_000_000n,
  })
  const keeper: KeeperContext = {
    ...bench.keeper,
    context: { ...bench.keeper.context, log },
    agent,
    router: bed.place.router,
    chainNowSeconds: async () => Number(await bed.chain.nowSeconds()),
    chainStatus: bed.statusOf,
  }
  const doc = async () => (await keeper.context.jobs.get(ref)) ?? expect.unreachable('no job')
  return {
    lines,
    agent,
    doc,
    intents: () => keeper.intents.list(),
    change: bench.shop.change,
    ref,
    async work(): Promise<void> {
      const now = await doc()
      if (now.value.state === 'cancelling') await startJob(keeper, now, signal)
      else await settleJob(keeper, now, signal)
    },
    /** Rounds of its task and its sender, a while apart, as in the process. */
    async settle(): Promise<void> {
      for (let round = 0; round < 4; round++) {
        await this.work()
        for (let left = 20; left > 0 && !(await agent.isIdle()); left--) await agent.step()
        await bench.clock.tick(31_000)
      }
    },
    async applyEvents(): Promise<void> {
      const { client, deployed } = bed.chain
      const toBlock = await client.getBlockNumber({ cacheTime: 0 })
      const range = { router: deployed.router, fromBlock: deployed.fromBlock, toBlock }
      for (const event of await readJobEvents({ client, id, ...range })) await applyRouterEvent(keeper.context, event)
    },
  }
}
type Keeper = Awaited<ReturnType<typeof openKeeper>>

/** A job whose deposit the keeper is to give back. */
async function cancelling(): Promise<{ id: Hex; keeper: Keeper; dueAfterSeconds: number }> {
  const id = await bed.fund()
  const keeper = await openKeeper(id)
  await keeper.change(keeper.ref, (job) => transition(job, 'cancel', { cancelReason: 'Too late.' }))
  return { id, keeper, dueAfterSeconds: AFTER_START }
}

/** A job that ran and was never completed: the keeper was away for three days. */
async function settling(): Promise<{ id: Hex; keeper: Keeper; dueAfterSeconds: number }> {
  const id = await bed.fund()
  await bed.send(people.agent, { verb: 'start', id })
  const keeper = await openKeeper(id)
  await keeper.applyEvents()
  await keeper.change(keeper.ref, (job) => transition(job, 'finish'))
  await keeper.work()
  expect((await keeper.doc()).value.state).toBe('settling')
  return { id, keeper, dueAfterSeconds: AFTER_RUN }
}

const cases = [
  { what: 'a refund', make: cancelling, ends: { keeper: 'refunded', backstop: 'refunded' } },
  { what: 'a settlement', make: settling, ends: { keeper: 'settled', backstop: 'expired' } },
] as const

test.each(cases)('$what that the backstop did before the keeper tried', async ({ make, ends }) => {
  const before = await bed.held()
  const { id, keeper, dueAfterSeconds } = await make()
  await bed.chain.passSeconds(dueAfterSeconds)
  const backstop = openSelfDriver(bed)
  await backstop.settle()
  await keeper.settle()
  expect(await bed.statusOf(id)).toBe(ends.backstop)
  expect(await bed.held()).toBe(before)
  expect(keeper.lines.filter(({ level }) => level !== 'info')).toEqual([])
  expect((await keeper.doc()).value.trouble).toBeUndefined()
  await keeper.applyEvents()
  expect((await keeper.doc()).value.state).toBe('refunded')
  expect(backstop.lines).toMatchObject([{ level: 'info', msg: 'deposits went back' }])
})

test.each(cases)('$what that both sent, the backstop mined first', async ({ make, ends }) => {
  const before = await bed.held()
  const { id, keeper, dueAfterSeconds } = await make()
  await bed.chain.passSeconds(dueAfterSeconds)
  const backstop = openSelfDriver(bed)
  await bed.chain.test.setAutomine(false)
  await keeper.work()
  // Signed and broadcast; then taken out of the pool, so that it comes into a later block than the other.
  await keeper.agent.step()
  const [sent] = (await keeper.intents()).flatMap(({ value }) => value.versions)
  if (!sent) return expect.unreachable('nothing was signed')
  await bed.chain.test.dropTransaction({ hash: sent.hash })
  await backstop.backstop.round()
  await backstop.sender.step()
  await bed.chain.test.mine({ blocks: 1 })
  await bed.chain.client.sendRawTransaction({ serializedTransaction: sent.raw })
  await bed.chain.test.mine({ blocks: 1 })
  await bed.chain.test.setAutomine(true)
  await backstop.settle()
  await keeper.settle()
  expect((await bed.chain.client.getTransactionReceipt({ hash: sent.hash })).status).toBe('reverted')
  expect(await bed.statusOf(id)).toBe(ends.backstop)
  expect(await bed.held()).toBe(before)
  expect(keeper.lines.filter(({ level }) => level !== 'info')).toEqual([])
  await keeper.applyEvents()
  expect((await keeper.doc()).value).toMatchObject({ state: 'refunded' })
  expect((await keeper.doc()).value.trouble).toBeUndefined()
})

test.each(cases)('$what that both sent, the keeper mined first', async ({ make, ends }) => {
  const { id, keeper, dueAfterSeconds } = await make()
  await bed.chain.passSeconds(dueAfterSeconds)
  const backstop = openSelfDriver(bed)
  await bed.chain.test.setAutomine(false)
  await backstop.backstop.round()
  await keeper.work()
  await keeper.agent.step()
  await bed.chain.test.mine({ blocks: 1 })
  // Its simulation is over already, as it is where both see the job open in one block.
  await backstop.sender.step()
  await bed.chain.test.mine({ blocks: 1 })
  await bed.chain.test.setAutomine(true)
  await backstop.settle()
  await keeper.settle()
  expect(await bed.statusOf(id)).toBe(ends.keeper)
  expect(keeper.lines.filter(({ level }) => level !== 'info')).toEqual([])
  await keeper.applyEvents()
  expect((await keeper.doc()).value.state).toBe(ends.keeper)
  expect(backstop.lines).toMatchObject([{ level: 'info', msg: 'somebody else was first' }])
})
