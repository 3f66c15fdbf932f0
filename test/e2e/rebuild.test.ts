// The store is lost with jobs in every state: rebuilt from the chain and 0G, then every job ends, and the books are even.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { PrivateKeyAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { depositOf, splitOf } from '../../core/escrow/metering.ts'
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import { parseTerms } from '../../core/escrow/terms.ts'
import { encodeApprove } from '../../core/escrow/usdc.ts'
import type { JobState } from '../../core/jobs/job.ts'
import { startProcess } from '../world/childProcess.ts'
import { accounts } from '../world/startWorld.ts'
import { createBuyer } from './buyer.ts'
import { openStage, type Stage, until } from './stage.ts'

const askFor = (mode: string, command: string) => `h100 x1 4h max 3 ${mode} run sh -c "${command}"`

let stage: Stage
let wallet: PrivateKeyAccount
beforeAll(async () => {
  stage = await openStage({ seed: 'rebuild' })
  await stage.startNecto()
  const [made] = await Promise.all([stage.wallet(100n), stage.openShop()])
  await stage.world.escrow.usdc.mint(accounts.stranger.address, 100_000_000n)
  wallet = made
})
afterAll(() => stage.close())

/** Runs the verb to its end. */
async function rebuild(env: Readonly<Record<string, string>> = {}, ...words: string[]) {
  const running = startProcess({
    args: ['keeper/rebuild/main.ts', ...words],
    env: { ...stage.world.env, ...env },
  })
  return { code: await running.ended, output: running.output() }
}

/** Other terms for the same job; the answer pays them, by a stranger and straight to the contract, until that is final. */
async function orderBesides(url: string): Promise<() => Promise<void>> {
  const { escrow } = stage.world
  const { stranger } = accounts
  const answer = await fetch(`${url}/terms`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ refundTo: stranger.address }),
  })
  const issued = z
    .object({ terms: z.unknown(), quoteSignature: z.templateLiteral(['0x', z.string()]) })
    .parse(await answer.json())
  const terms = parseTerms(issued.terms) ?? expect.unreachable('no terms')
  const { router } = escrow.deployed
  await escrow.send(stranger, escrow.usdc.address, encodeApprove({ spender: router, amountMicroUsd: depositOf(terms) }))
  return async () => {
    await escrow.send(
      stranger,
      router,
      encodeRouterCall({ verb: 'fund', terms, quoteSignature: issued.quoteSignature }),
    )
    const paidBy = await escrow.client.getBlockNumber({ cacheTime: 0 })
    await until('the payment to be final', async () => (await escrow.client.getBlockNumber({ cacheTime: 0 })) > paidBy)
  }
}

const reaches = (ref: string, state: JobState) =>
  until(`${ref} to be ${state}`, async () => (await stage.jobOf(ref))?.state === state)

test('lost with jobs paid, running and ended: rebuilt, each ends once, and all the money is where it belongs', async () => {
  const buyers = ['Ada', 'Bea', 'Cid', 'Dot'].map((firstName, i) =>
    createBuyer(stage, { id: 960_096_009 + i, firstName }),
  )
  const [ada, bea, cid, dot] = buyers as [Buyer, Buyer, Buyer, Buyer]
  const may = path.join(stage.dataDir, '..', 'may-end')
  const buys = async (buyer: Buyer, ask: string) => {
    const { ref } = await buyer.ask(ask)
    // Taken, not waited for.
    await buyer.pay(await buyer.order(ref), wallet, { waitMs: 0 })
    return ref
  }
  const settled = await buys(ada, askFor('tracked', 'echo one'))
  const untracked = await buys(bea, askFor('untracked', 'echo two'))
  await Promise.all([ada.shows(settled, 'Charged'), bea.shows(untracked, 'Charged')])
  // Its runner goes on while nobody is there.
  const running = await buys(cid, askFor('tracked', `until [ -e ${may} ]; do sleep 0.1; done; echo three`))
  await reaches(running, 'running')
  const before = { [settled]: await stage.jobOf(settled), [untracked]: await stage.jobOf(untracked) }
  await until('0G to have it all', async () => !(await stage.stored('uploads')).includes('"state":"pending"'))
  stage.world.zeroG.faults.down = true
  const funded = (await dot.ask(askFor('tracked', 'echo never'))).ref
  const url = await dot.order(funded)
  const payBesides = await orderBesides(url)
  await dot.pay(url, wallet, { waitMs: 0 })
  await reaches(funded, 'funded')

  const busy = await rebuild()
  expect(busy).toMatchObject({
    code: 75,
    output: expect.stringContaining('Nothing was written: another necto process'),
  })
  await stage.killNecto()
  await payBesides()
  stage.world.zeroG.faults.down = false
  const refusing = await rebuild()
  expect(refusing).toMatchObject({
    code: 1,
    output: expect.stringContaining('already holds 4 jobs that no rebuild wrote'),
  })
  const merged = await rebuild({}, '--merge')
  expect(merged).toMatchObject({ code: 0, output: expect.stringContaining('0 jobs restored: 0 now') })
  expect(merged.output).toContain(`${running} (running)`)
  await rm(stage.dataDir, { recursive: true })
  await mkdir(stage.dataDir)
  expect(await rebuild({}, '--force')).toMatchObject({ code: 2, output: expect.stringContaining('necto help rebuild') })

  const rebuilt = await rebuild({ ESCROW_RPC_URLS: `http://127.0.0.1:9,${stage.world.env.ESCROW_RPC_URLS}` })
  // The decision of the job that was never started never came to 0G.
  expect(rebuilt.code, rebuilt.output).toBe(75)
  for (const text of [
    '4 jobs restored: 4 now',
    '2 settled',
    '1 further payment',
    `${funded} decision 0x`,
    'which is what the router holds for them',
    `paid to ${accounts.provider.address}`,
    'Lost, since neither',
  ])
    expect(rebuilt.output).toContain(text)
  const states = async () =>
    Promise.all([settled, untracked, running, funded].map(async (ref) => (await stage.jobOf(ref))?.state))
  expect(await states()).toEqual(['settled', 'settled', 'running', 'cancelling'])
  const text = await stage.stored()
  for (const word of ['Ada', 'echo', '960096009']) expect(text).not.toContain(word)

  await stage.startNecto()
  await writeFile(may, '')
  await until('all to end', async () => (await states()).join() === 'settled,settled,settled,refunded')
  await until(
    'the further payment to go back',
    async () => (await stage.eventsOf(funded)).filter(({ name }) => name === 'JobRefunded').length === 2,
  )

  for (const ref of [settled, untracked, running]) {
    const events = await stage.eventsOf(ref)
    expect(events.map(({ name }) => name)).toEqual(['JobFunded', 'JobStarted', 'JobSettled'])
    const [paid, , end] = events
    if (paid?.name !== 'JobFunded' || end?.name !== 'JobSettled') throw new Error('unreachable')
    expect(end.toProviderMicroUsd).toBe(splitOf(paid.terms, end.usedSeconds).toProviderMicroUsd)
    const job = await stage.jobOf(ref)
    expect(job?.settled).toMatchObject({ txHash: end.at.transactionHash, refundedMicroUsd: end.refundedMicroUsd })
    if (before[ref]) expect(job?.settled).toMatchObject({ ...before[ref].settled, atMs: expect.any(Number) })
  }
  // What the runner signed for, to the second, though nobody heard it meanwhile.
  expect((await stage.jobOf(running))?.run?.receipt?.receipt).toMatchObject({ reason: 'exited', exitCode: 0 })
  expect((await stage.jobOf(running))?.usedSeconds).toBe(
    (await stage.jobOf(running))?.run?.receipt?.receipt.usedSeconds,
  )
  expect((await stage.eventsOf(funded)).map(({ name }) => name)).toEqual([
    'JobFunded',
    'JobFunded',
    'JobRefunded',
    'JobRefunded',
  ])

  const all = await stage.events()
  const paidOut = all.flatMap((event) => (event.name === 'JobSettled' ? [event] : []))
  const { provider, fees, escrow } = await stage.story.balances()
  expect(escrow).toBe(0n)
  expect(provider).toBe(paidOut.reduce((sum, event) => sum + event.toProviderMicroUsd, 0n))
  expect((await stage.holds(wallet)) + provider + fees).toBe(100_000_000n)
  expect(await stage.holds(accounts.stranger)).toBe(100_000_000n)

  // The pages and the chat show what is left of it, to anybody.
  const page = async (of: string) => (await fetch(`${stage.world.webUrl}${of}`)).text()
  expect(await page(`/job/${(await stage.jobOf(settled))?.linkToken}`)).toContain('Restored from the chain and 0G')
  for (const ref of [settled, untracked, running]) {
    const verified = await page(`/verify/${ref}`)
    expect(verified).toContain('Where it stands')
    expect(verified).not.toContain('cannot be read now')
  }
  expect((await stage.story.verify([running])).output).toContain('Verified: selected necto:')
  const told = await dot.tell(`job ${settled}`)
  expect(told.text).toContain('Restored from the chain and 0G')
  expect(told.text).toContain('Charged')
  expect((await dot.tell(`logs ${settled}`)).text).toContain('is no job of yours')
  expect((await dot.tell(`stop ${running}`)).text).toContain('Only who asked')
})
type Buyer = ReturnType<typeof createBuyer>
