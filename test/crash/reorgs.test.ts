// Blocks are taken back at every step of a job: the money, the job and what people were told come right all the same.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRouterEvents } from '../../core/escrow/events.ts'
import { depositOf } from '../../core/escrow/metering.ts'
import { readRouterTotals } from '../../core/escrow/routerReads.ts'
import { isEnded, type Job } from '../../core/jobs/job.ts'
import { payer } from '../../core/jobs/testJobs.ts'
import { people } from '../world/startEscrowChain.ts'
import { isLongCampaign } from './campaign.ts'
import { prepareReorgChains, type ReorgChain } from './reorgChain.ts'
import { type Fate, type Step, steps, usdcOf } from './reorgSteps.ts'
import { openReorgWorld, type ReorgWorld } from './reorgWorld.ts'

/** As on Base (data/networks.json). */
const CONFIRMATIONS = 10
const MOST = 12

let chain: ReorgChain
let open: () => Promise<ReorgChain>
const counts = { healed: 0, halted: 0, blocks: 0 }
beforeAll(async () => {
  open = await prepareReorgChains()
})
afterAll(() =>
  console.log(
    `${counts.healed + counts.halted} reorgs of ${counts.blocks} blocks: ${counts.healed} healed, ${counts.halted} halted as too deep`,
  ),
)

/** What is whose: payers, provider, and what the router has and owes. */
async function readMoney(world: ReorgWorld) {
  const { router, usdc } = chain.deployed
  const [payers, stranger, provider, feeRecipient, totals] = await Promise.all([
    usdcOf(world, payer.address),
    usdcOf(world, people.stranger.address),
    usdcOf(world, people.provider.address),
    usdcOf(world, people.feeRecipient.address),
    readRouterTotals({ client: chain.client, router, usdc, blockNumber: await chain.head() }),
  ])
  const { lockedMicroUsd, creditsMicroUsd, balanceMicroUsd } = totals
  return {
    payers: payers + stranger,
    provider,
    fees: feeRecipient + creditsMicroUsd,
    locked: lockedMicroUsd,
    free: balanceMicroUsd - lockedMicroUsd - creditsMicroUsd,
  }
}
type Money = Awaited<ReturnType<typeof readMoney>>

/** What the chat says of each end, and of nothing else. */
const WORDS: Record<Fate['end'], string> = { settled: 'Charged', refunded: 'Refunded: ', lapsed: 'The quote ran out' }

/** What must hold after every turn: nothing final is said before its block is, or taken back afterwards. */
function createWatch(world: ReorgWorld) {
  const told = new Map<string, string>()
  let ended: string | undefined
  return async () => {
    const job = await world.job()
    for (const key of ['funded', 'started', 'settled', 'refunded'] as const) {
      const txHash = job[key]?.txHash
      const known = told.get(key)
      if (known !== undefined) expect({ [key]: text(job[key]) }).toEqual({ [key]: known })
      if (txHash === undefined || known !== undefined) continue
      told.set(key, text(job[key]))
      const receipt = await chain.client.getTransactionReceipt({ hash: txHash })
      const depth = (await chain.head()) - receipt.blockNumber + 1n
      expect(depth).toBeGreaterThanOrEqual(BigInt(world.confirmations))
    }
    if (ended !== undefined) expect(text(job)).toBe(ended)
    const views = text(world.said())
    if (isEnded(job)) ended = text(job)
    else for (const word of Object.values(WORDS)) expect(views).not.toContain(word)
  }
}

const text = (value: unknown) => JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one))

/** Goes on until the job is over and nothing is under way. */
async function playOn(world: ReorgWorld, also: (() => Promise<void>) | undefined, watch: () => Promise<void>) {
  for (let i = 0; i < 60; i++) {
    await world.turn()
    await also?.()
    await watch()
    const job = await world.job()
    if (job.state === 'active' && !job.stopRequested) {
      await world.run(100)
      await world.handIn(100)
    } else if (job.state === 'running') await world.handIn(3_700)
    // Nobody pays any more: the quote runs out.
    else if ((job.state === 'signed' || job.state === 'paying') && i > 8) await chain.passSeconds(1_000)
    else if (isEnded(job) && (await world.isIdle())) return
    await chain.mine(7)
  }
  throw new Error(`stuck: ${text(await world.job())} ${text(await world.intentsBy(''))}`)
}

async function play(step: Step, fate: Fate, { depth, confirmations }: { depth: number; confirmations: number }) {
  const world = await openReorgWorld({ chain, confirmations, hasStorage: step.hasStorage ?? true })
  const watch = createWatch(world)
  const before = await readMoney(world)
  const also = await step.lead(world)
  await chain.mine()
  await world.turn()
  await watch()
  if (depth > 1) {
    await chain.mine(depth - 1)
    await world.turn()
    await watch()
  }
  const seen = (await world.job()).paymentTx?.seenIn
  const raws = await chain.newestRaws(depth)
  expect(raws.length).toBeGreaterThan(0)
  await chain.takeBack({ depth, ...(await fate.branch(world, raws, depth)) })
  if (fate.returns) for (const raw of raws) await chain.offer(raw).catch(() => undefined)
  counts.blocks += depth
  return { world, watch, before, also, seen }
}

async function heals(step: Step, fate: Fate, options: { depth: number; confirmations: number; isNew: boolean }) {
  const { world, watch, before, also, seen } = await play(step, fate, options)
  if (options.isNew) world.restart()
  await world.turn()
  await watch()
  expect(world.reorgs()).toBe(1)
  if (step.name.includes('fund') && fate.end !== 'settled')
    expect((await world.job()).paymentTx?.seenIn).toBeUndefined()
  if (seen) expect((await world.job()).paymentTx?.seenIn?.hash).not.toBe(seen.hash)
  await playOn(world, also, watch)
  await isRight(world, before, fate)
  // An end that was told stays told, whatever goes after it.
  await chain.takeBack({ depth: Math.min(options.depth, options.confirmations - 1) })
  await world.turn()
  await watch()
  counts.healed += 1
}

async function isRight(world: ReorgWorld, before: Money, fate: Fate): Promise<void> {
  const job: Job = await world.job()
  expect(job.state).toBe(fate.end)
  expect(text(world.said())).toContain(WORDS[fate.end])
  const { paidMicroUsd = 0n, feeMicroUsd = 0n, refundedMicroUsd = 0n } = job.settled ?? {}
  if (job.settled) expect(paidMicroUsd + feeMicroUsd + refundedMicroUsd).toBe(depositOf(world.terms))
  const after = await readMoney(world)
  expect(after).toEqual({
    payers: before.payers - paidMicroUsd - feeMicroUsd,
    provider: before.provider + paidMicroUsd,
    fees: before.fees + feeMicroUsd,
    locked: before.locked,
    free: before.free,
  })
  const { router } = chain.deployed
  const events = await readRouterEvents({
    client: chain.client,
    router,
    fromBlock: world.startBlock,
    toBlock: await chain.head(),
  })
  const count = (...names: string[]) => events.filter(({ name }) => names.includes(name)).length
  expect([count('JobFunded'), count('JobSettled', 'JobRefunded', 'JobExpired')]).toEqual(
    fate.end === 'lapsed' ? [0, 0] : [1, 1],
  )
  expect(await world.shop.reservations()).toEqual({})
}

/** A block that was final goes: the keeper says so, does nothing more, and what it told stands. */
async function halts(step: Step, fate: Fate, depth: number) {
  const { world } = await play(step, fate, { depth, confirmations: CONFIRMATIONS })
  const [job, said] = [text(await world.job()), text(world.said())]
  for (let life = 0; life < 2; life++) {
    await expect(world.turn()).rejects.toMatchObject({ code: 'chain.deep-reorg' })
    world.restart()
  }
  expect([text(await world.job()), text(world.said())]).toEqual([job, said])
  counts.halted += 1
}

async function onChain(act: () => Promise<void>): Promise<void> {
  chain = await open()
  try {
    await act()
  } finally {
    await chain.stop()
  }
}

describe.each(steps)('$name', (step) => {
  test.each(step.fates)(
    '$name',
    async (fate) => {
      const at = step.fates.indexOf(fate) + steps.indexOf(step)
      const sample = [1, CONFIRMATIONS - 1, MOST, 4][at % 4]
      for (let depth = 1; depth <= MOST; depth++) {
        if (!isLongCampaign && depth !== sample) continue
        const isBelowFinal = depth < CONFIRMATIONS
        const confirmations = isBelowFinal ? CONFIRMATIONS : MOST + 1
        await onChain(() => heals(step, fate, { depth, confirmations, isNew: depth % 2 === 0 }))
        if (!isBelowFinal && (isLongCampaign || at % 8 === 2)) await onChain(() => halts(step, fate, depth))
      }
    },
    600_000,
  )
})

test('a payment that was noted right before the keeper died is not shown any more when its block is gone', () =>
  onChain(async () => {
    const world = await openReorgWorld({ chain, confirmations: CONFIRMATIONS })
    await steps[1]?.lead(world)
    await chain.mine()
    world.dies()
    await expect(world.turn()).rejects.toThrow('the keeper is dead')
    expect((await world.job()).paymentTx?.seenIn).toBeDefined()
    await chain.takeBack({ depth: 1 })
    world.restart()
    await world.turn()
    expect((await world.job()).paymentTx).toBeUndefined()
  }))
