// The backstop on a real chain: it waits its turn, gives overdue deposits back once, and survives races and its own death.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { createCrashingStore } from '../../test/crash/crashingStore.ts'
import { runProcess, startProcess } from '../../test/world/childProcess.ts'
import { people } from '../../test/world/startEscrowChain.ts'
import { type BackstopBed, openBackstopBed, openSelfDriver } from './testBackstop.ts'

const DEPOSIT = 2_000_000n
let bed: BackstopBed
beforeAll(async () => {
  bed = await openBackstopBed()
})
afterAll(() => bed.chain.stop())

const open = (more: Parameters<typeof openSelfDriver>[1] = {}) => openSelfDriver(bed, more)

test('a job never started and one never completed: left to the keeper for the grace and the jitter, then refunded in one act', async () => {
  const before = await bed.held()
  const [waiting, running] = [await bed.fund(), await bed.fund()]
  await bed.send(people.agent, { verb: 'start', id: running })
  const at = open({ graceSeconds: 600, jitterSeconds: 100, lowBalanceWei: 10n ** 30n })
  await at.settle()
  await bed.chain.passSeconds(3600 + 72 * 3600 + 1)
  await at.settle()
  // Half of the jitter is drawn: 650 seconds from when it was first seen due.
  await bed.chain.passSeconds(640)
  await at.settle()
  expect([await bed.statusOf(waiting), await bed.statusOf(running)]).toEqual(['funded', 'active'])
  await bed.chain.passSeconds(20)
  await at.settle()
  expect([await bed.statusOf(waiting), await bed.statusOf(running)]).toEqual(['refunded', 'expired'])
  expect(await bed.held()).toBe(before)
  expect(at.lines).toMatchObject([
    { level: 'warn', msg: 'the backstop’s wallet runs low' },
    { level: 'info', msg: 'deposits went back', refunded: 2, elsewhere: 0 },
  ])
})

test('more jobs than a page holds are all refunded', async () => {
  const before = await bed.held()
  for (let count = 0; count < 27; count++) await bed.fund()
  await bed.chain.passSeconds(2701)
  const at = open()
  for (let round = 0; round < 3; round++) await at.settle()
  expect(await bed.held()).toBe(before)
  expect(at.lines.filter(({ level }) => level !== 'info')).toEqual([])
})

test('a restart begins no grace anew, however often it comes', async () => {
  const id = await bed.fund()
  await bed.chain.passSeconds(2701)
  const store = createMemoryStore()
  for (let life = 0; life < 3; life++) {
    expect(await bed.statusOf(id)).toBe('funded')
    await open({ store, graceSeconds: 600 }).settle()
    await bed.chain.passSeconds(301)
  }
  expect(await bed.statusOf(id)).toBe('refunded')
})

test('a refund that failed is told, and sent again after a pause that grows, also by the next life', async () => {
  const id = await bed.fund()
  await bed.chain.passSeconds(2701)
  const [store, clock] = [createMemoryStore(), createManualClock(Date.now())]
  const { router: address } = bed.place
  const code = (await bed.chain.client.getCode({ address })) ?? '0x'
  const fail = async () => {
    const at = open({ store, clock })
    await at.backstop.round()
    await bed.chain.test.setCode({ address, bytecode: '0x5f5ffd' })
    await at.sender.step()
    await bed.chain.test.setCode({ address, bytecode: code })
    await at.backstop.round()
    return at
  }
  const nonce = () => bed.chain.client.getTransactionCount({ address: people.stranger.address })
  const sent = await nonce()
  const first = await fail()
  expect(first.lines).toMatchObject([{ level: 'error', msg: 'refunds were not done', jobIds: [id] }])
  await clock.tick(29_000)
  await open({ store, clock }).settle()
  expect(await bed.statusOf(id)).toBe('funded')
  await clock.tick(1_000)
  await fail()
  await clock.tick(59_000)
  await open({ store, clock }).settle()
  expect([await bed.statusOf(id), await nonce()]).toEqual(['funded', sent])
  await clock.tick(1_000)
  await open({ store, clock }).settle()
  expect([await bed.statusOf(id), await nonce()]).toEqual(['refunded', sent + 1])
})

test('killed at each write, before it and after it: refunded once, with one transaction', async () => {
  const nonce = () => bed.chain.client.getTransactionCount({ address: people.stranger.address })
  let isSurvived = false
  for (let crashAt = 1; !isSurvived; crashAt++) {
    for (const side of ['before', 'after'] as const) {
      const [before, sent] = [await bed.held(), await nonce()]
      await bed.fund()
      await bed.chain.passSeconds(2701)
      const crashing = createCrashingStore(createMemoryStore(), { crashAt, side })
      for (let life = 0; life < 2; life++) {
        await open({ store: crashing.begin() })
          .settle()
          .catch(() => {})
        if (life === 0) isSurvived = !crashing.isDead()
      }
      expect({ crashAt, side, back: (await bed.held()) - before, sent: (await nonce()) - sent }).toEqual({
        crashAt,
        side,
        back: 0n,
        sent: 1,
      })
    }
  }
}, 120_000)

test('the process itself: gives a deposit back over its own folder, stops when told, and refuses a key of the keeper', async () => {
  const before = await bed.held()
  await bed.fund()
  expect(await bed.held()).toBe(before - DEPOSIT)
  await bed.chain.passSeconds(2701)
  const { args, env: settings, key, clear } = await bed.ownProcess()
  const env = {
    ...settings,
    BACKSTOP_GRACE_SECONDS: '0',
    BACKSTOP_JITTER_SECONDS: '0',
    BACKSTOP_POLL_SECONDS: '1',
  }
  const running = startProcess({ args, env })
  try {
    await running.printed('deposits went back')
    expect(await bed.held()).toBe(before)
    expect(await running.stop()).toBe(0)
    expect(running.output()).not.toContain(key)
    const refused = await runProcess({ args, env: { ...env, RELAY_KEY: key } })
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('it needs its own') })
  } finally {
    await running.kill()
    await clear()
  }
})
