// Driver `gelato` on a real chain: the SDK's task, at a contract of Automate's shape, gives deposits back as driver `self` would.
import { encodeFunctionData, type Hex, parseAbi } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { readRouterEvents } from '../../core/escrow/events.ts'
import { decodeReclaimMany } from '../../core/escrow/routerCall.ts'
import { silentLog } from '../../core/log.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { type AutomateWorld, startAutomate } from '../../test/world/automate/startAutomate.ts'
import { runProcess, startProcess } from '../../test/world/childProcess.ts'
import { people } from '../../test/world/startEscrowChain.ts'
import { createEndpoints, rpcTransport } from '../tx/endpoints.ts'
import { intents } from '../tx/intent.ts'
import { createSender } from '../tx/sender.ts'
import { dues } from './due.ts'
import { createGelatoDriver } from './gelatoDriver.ts'
import { buildReclaimTask } from './gelatoTask.ts'
import { createSelfDriver } from './selfDriver.ts'
import { type BackstopBed, createNotes, openBackstopBed } from './testBackstop.ts'

let bed: BackstopBed
let automate: AutomateWorld
beforeAll(async () => {
  bed = await openBackstopBed()
  automate = await startAutomate(bed.chain, people.provider)
})
afterAll(() => bed.chain.stop())

/** A driver with a key of its own, and a store that a later one may go on with. */
async function open(store = createMemoryStore(), account = privateKeyToAccount(generatePrivateKey())) {
  await bed.chain.test.setBalance({ address: account.address, value: 10n ** 18n })
  const { lines, log } = createNotes()
  const transports = [rpcTransport({ url: bed.chain.anvil.url })]
  const { chainId, router } = bed.place
  const docs = store.collection(intents)
  const clock = createManualClock(Date.now())
  const shared = { intents: docs, clock, account: account.address, router, pollMs: 10 }
  const endpoints = createEndpoints({ transports, chainId })
  const sender = createSender({
    ...shared,
    account,
    log: silentLog,
    transports,
    chainId,
    confirmations: 1,
    feeCapWei: 100_000_000_000n,
  })
  const on = { ...shared, endpoints, sender, graceSeconds: 900, lowBalanceWei: 0n, log }
  const driver = createGelatoDriver({ ...on, chainId, automate: automate.address })
  return {
    account,
    store,
    lines,
    clock,
    driver,
    on,
    async settle(): Promise<void> {
      await driver.round()
      for (let left = 40; left > 0 && !(await sender.isIdle()); left--) await sender.step()
      await driver.round()
    },
  }
}

test('the task is created once, also by a process that starts anew, and the executor gives the deposits back through it', async () => {
  const before = await bed.held()
  const ids = [await bed.fund(), await bed.fund()]
  const at = await open()
  await at.settle()
  const again = await open(createMemoryStore(), at.account)
  await again.settle()
  const { chainId, router } = bed.place
  const task = { chainId, router, automate: automate.address, creator: at.account.address, cursor: 0n, limit: 25n }
  const { taskId } = await buildReclaimTask(task)
  expect(await automate.taskIds(at.account.address)).toEqual([taskId])
  expect(at.lines).toMatchObject([
    { level: 'info', msg: 'a task stands at Automate', taskId, firstPlace: 1, lastPlace: 25 },
  ])
  expect(await bed.chain.client.getTransactionCount({ address: at.account.address })).toBe(1)
  expect(await automate.tick()).toEqual([])

  await bed.chain.passSeconds(2701)
  const [executed, ...more] = await automate.tick()
  expect(more).toEqual([])
  expect(executed?.taskId).toBe(taskId)
  expect(await bed.held()).toBe(before)
  expect(await Promise.all(ids.map(bed.statusOf))).toEqual(['refunded', 'refunded'])
  expect(await automate.tick()).toEqual([])
})

test('both drivers reclaim the same jobs with the same call', async () => {
  const at = await open()
  await at.settle()
  const ids = [await bed.fund(), await bed.fund(), await bed.fund()]
  await bed.chain.passSeconds(2701)
  const calls: Hex[] = []
  const sender = { submit: async ({ data }: { data: Hex }) => void calls.push(data), isIdle: async () => true }
  const random = (length: number) => new Uint8Array(length)
  await createSelfDriver({
    ...at.on,
    sender,
    dues: createMemoryStore().collection(dues),
    graceSeconds: 0,
    jitterSeconds: 0,
    random,
  }).round()
  const own = (await automate.tick()).filter(({ payload }) => payload.length > 2)
  expect(own).toHaveLength(1)
  const [self, gelato] = [calls[0] ?? '0x', own[0]?.payload ?? '0x']
  expect([...decodeReclaimMany(gelato)].sort()).toEqual([...decodeReclaimMany(self)].sort())
  expect([...decodeReclaimMany(self)].sort()).toEqual([...ids].sort())
  expect(gelato.slice(0, 10)).toBe(self.slice(0, 10))
  const receipt = await bed.chain.client.getTransactionReceipt({ hash: own[0]?.hash ?? '0x' })
  const events = await readRouterEvents({
    client: bed.chain.client,
    router: bed.place.router,
    fromBlock: receipt.blockNumber,
    toBlock: receipt.blockNumber,
  })
  expect(events.map(({ name }) => name)).toEqual(['JobRefunded', 'JobRefunded', 'JobRefunded'])
})

test('more jobs than a page holds get a task for each page', async () => {
  const before = await bed.held()
  for (let count = 0; count < 27; count++) await bed.fund()
  const at = await open()
  await at.settle()
  await at.settle()
  expect(await automate.taskIds(at.account.address)).toHaveLength(2)
  await bed.chain.passSeconds(2701)
  await automate.tick()
  expect(await bed.held()).toBe(before)
})

test('a task that was cancelled is not made again, and that is told once', async () => {
  const at = await open()
  await at.settle()
  for (const taskId of await automate.taskIds(at.account.address)) {
    const data = encodeFunctionData({ abi: parseAbi(['function cancelTask(bytes32 taskId)']), args: [taskId] })
    await bed.chain.send(at.account, automate.address, data)
  }
  for (let round = 0; round < 3; round++) await at.driver.round()
  expect(await automate.taskIds(at.account.address)).toEqual([])
  expect(at.lines.filter(({ level }) => level === 'warn')).toHaveLength(2)
})

test('an executor that stays away is told, once for each job', async () => {
  const at = await open()
  await at.settle()
  const id = await bed.fund()
  await bed.chain.passSeconds(2701)
  await at.driver.round()
  await at.clock.tick(899_000)
  await at.driver.round()
  expect(at.lines.filter(({ level }) => level === 'error')).toEqual([])
  await at.clock.tick(2_000)
  for (let round = 0; round < 2; round++) await at.driver.round()
  const told = at.lines.filter(({ level }) => level === 'error')
  expect(told).toMatchObject([{ msg: expect.stringContaining('does not reclaim'), jobIds: [id] }])
  await automate.tick()
  expect(await bed.statusOf(id)).toBe('refunded')
})

test('the process: its task stands, it says who has to carry it out, and it refuses an address without a contract', async () => {
  const { args, env: settings, address, clear } = await bed.ownProcess()
  const env = { ...settings, BACKSTOP_DRIVER: 'gelato' }
  const running = startProcess({ args, env: { ...env, BACKSTOP_AUTOMATE_ADDRESS: automate.address } })
  try {
    await running.printed('a task stands at Automate')
    expect(running.output()).toContain("Gelato's own executors ended on 2026-03-31")
    expect(await running.stop()).toBe(0)
    expect(await automate.taskIds(address)).toHaveLength(2)
    const [none, missing] = await Promise.all([
      runProcess({ args, env: { ...env, BACKSTOP_AUTOMATE_ADDRESS: people.stranger.address } }),
      runProcess({ args, env }),
    ])
    expect(none).toMatchObject({ code: 1, output: expect.stringContaining('No contract is at BACKSTOP_AUTOMATE') })
    expect(missing).toMatchObject({ code: 1, output: expect.stringContaining('BACKSTOP_AUTOMATE_ADDRESS: Automate') })
  } finally {
    await running.kill()
    await clear()
  }
})

test('a contract that is no Automate: nothing is sent', async () => {
  const at = await open()
  const { chainId } = bed.place
  const driver = createGelatoDriver({ ...at.on, chainId, automate: bed.chain.usdc.address })
  await expect(driver.round()).rejects.toMatchObject({ code: 'chain.failed' })
  expect(await at.on.intents.list()).toEqual([])
})
