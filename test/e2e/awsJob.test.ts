// Jobs on machines that Necto rents at AWS Spot, through real processes: run and settled, taken back, and none to be had.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { depositOf, splitOf } from '../../core/escrow/metering.ts'
import type { Job } from '../../core/jobs/job.ts'
import { type Buyer, createBuyer } from './buyer.ts'
import { openStage, type Stage, until } from './stage.ts'

const payout = '0xa0Ee7A142d267C1f36714E4a8F75612F20a79720'
let stage: Stage
let buyer: Buyer
let token = ''

beforeAll(async () => {
  stage = await openStage({ seed: 'aws' })
  await stage.startNecto({ BROKER_PAYOUT_ADDRESS: payout, MACHINES_URL: stage.world.sellerApiUrl })
  await stage.brokersLive()
  buyer = createBuyer(stage, { id: 990_020, firstName: 'Ada' })
  stage.world.telegram.startBot(buyer.user)
  await buyer.see((entry) => entry.text.includes('Necto'))
})
afterAll(() => stage.close())

/** A job at AWS with this program, paid for; its payer's wallet. */
async function ask(script: string) {
  const { ref } = await buyer.ask(`h100 x1 1h only aws-spot image acme/train:1 run sh -c '${script}'`)
  const url = await buyer.order(ref)
  const wallet = await stage.wallet(100n)
  expect(await (await fetch(url)).text()).toContain('(broker)')
  await buyer.pay(url, wallet)
  return { ref, wallet }
}
const jobOf = async (ref: string): Promise<Job> => (await stage.jobOf(ref)) ?? expect.unreachable('no job')
const machineOf = async (ref: string) => {
  const { jobId } = await jobOf(ref)
  const own = stage.world.providers.machines.all().filter(({ spec }) => spec.tags['necto:job'] === jobId)
  expect(own.length).toBeLessThanOrEqual(1)
  return own[0]
}
const isClosed = (ref: string) =>
  until('the machine to be given back', async () => (await jobOf(ref)).launch?.closedAtMs)
const heldBy = (address: `0x${string}`) => stage.holds({ address })

test('runs there, hands in log and output, and is paid by the second', async () => {
  const before = await heldBy(payout)
  const { ref, wallet } = await ask('echo step 1; sleep 3; echo loss > "$NECTO_OUTPUT/loss.txt"')
  await until('the machine to run', async () => (await jobOf(ref)).state === 'running')
  token = (await jobOf(ref)).launch?.token ?? ''
  const ended = await buyer.shows(ref, /Charged/)
  expect(ended.text).toContain('exit code 0')
  expect(ended.text).toContain('settlement wallet (broker)')
  const job = await jobOf(ref)
  const { terms, usedSeconds = 0, evidence, settled } = job
  if (!terms) return expect.unreachable('no terms')
  expect(usedSeconds).toBeGreaterThanOrEqual(3)
  const split = splitOf(terms, usedSeconds)
  expect((await heldBy(payout)) - before).toBe(split.toProviderMicroUsd)
  expect(await heldBy(wallet.address)).toBe(100_000_000n - depositOf(terms) + split.refundMicroUsd)
  expect(settled?.refundedMicroUsd).toBe(split.refundMicroUsd)
  expect(evidence).toMatchObject({ log: { plainLength: 7 }, output: { root: expect.any(String) } })

  await isClosed(ref)
  expect((await machineOf(ref))?.state).toBe('terminated')
  expect((await jobOf(ref)).launch?.invoice).toMatchObject({ basis: 'computed' })
  await until('the token to be gone', async () => (await jobOf(ref)).launch?.token === undefined)
})

test('a machine that is taken back pays what was seen, and says so', async () => {
  const { ref } = await ask('echo begun; sleep 600')
  await until('the machine to run', async () => (await jobOf(ref)).state === 'running')
  const machine = (await machineOf(ref)) ?? expect.unreachable('no machine')
  stage.world.providers.machines.reclaim(machine, 'announced')
  const ended = await buyer.shows(ref, /Charged/)
  expect(ended.text).toContain('took the machine back')
  const { terms, settled } = await jobOf(ref)
  expect(settled?.refundedMicroUsd).toBeGreaterThan(0n)
  expect(settled?.refundedMicroUsd).toBeLessThan(terms ? depositOf(terms) : 0n)
  await isClosed(ref)
})

test('an account that may rent nothing gives the whole deposit back, and says why', async () => {
  stage.world.providers.machines.refuse('MaxSpotInstanceCountExceeded')
  const { ref, wallet } = await ask('true')
  const ended = await buyer.shows(ref, /Charged/)
  expect(ended.text).toContain('may rent no more machines')
  expect(ended.text).toContain('Never started')
  expect(await heldBy(wallet.address)).toBe(100_000_000n)
  expect(await machineOf(ref)).toBeUndefined()
})

test('no token was printed, and nothing runs any more', () => {
  expect(token).toMatch(/^[0-9a-f]{64}$/)
  expect(stage.printed()).not.toContain(token)
  expect(stage.world.providers.machines.running()).toEqual([])
})
