// Jobs at Akash, Nosana, io.net and Dispersed, whose machine is the job's own image, through real processes: run and settled, or refunded.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { depositOf, splitOf } from '../../core/escrow/metering.ts'
import type { Job } from '../../core/jobs/job.ts'
import { IONET_KEY } from '../world/providers/ionetContainers.ts'
import { NOSANA_KEY } from '../world/providers/nosanaDeployments.ts'
import { createBuyer } from './buyer.ts'
import { openStage, type Stage, until } from './stage.ts'

const payout = '0xa0Ee7A142d267C1f36714E4a8F75612F20a79720'
const FUNDS = 1_000_000_000n
const tokens: string[] = []
let stage: Stage

beforeAll(async () => {
  stage = await openStage({ seed: 'containers', delayMs: [0, 50] })
  stage.world.providers.setPrice('akash/rtx4090/24Gi/PCIe', 0.35)
  await stage.startNecto({
    BROKER_PAYOUT_ADDRESS: payout,
    MACHINES_URL: stage.world.sellerApiUrl,
    NOSANA_API_KEY: NOSANA_KEY,
    IONET_API_KEY: IONET_KEY,
  })
  await stage.brokersLive()
})
afterAll(() => stage.close())

const jobOf = async (ref: string): Promise<Job> => (await stage.jobOf(ref)) ?? expect.unreachable('no job')
const heldBy = (address: `0x${string}`) => stage.holds({ address })
const isClosed = (ref: string) =>
  until('the machine to be given back', async () => (await jobOf(ref)).launch?.closedAtMs)

/** A newcomer's job at that provider with this program, paid for; its payer's wallet. */
async function asks(who: { id: number; firstName: string }, job: { ask: string; script: string }) {
  const buyer = createBuyer(stage, who)
  stage.world.telegram.startBot(buyer.user)
  await buyer.see((entry) => entry.text.includes('Necto'))
  const { ref } = await buyer.ask(`${job.ask} image docker.io/acme/train:1 run sh -c '${job.script}'`)
  const url = await buyer.order(ref)
  const wallet = await stage.wallet(FUNDS / 1_000_000n)
  await buyer.pay(url, wallet)
  return { buyer, ref, wallet }
}

/** Until it is settled and its machine given back; what was told and paid must agree. */
async function runs(who: { id: number; firstName: string }, provider: string) {
  const script = 'echo step 1; sleep 1; echo loss > "$NECTO_OUTPUT/loss.txt"'
  const { buyer, ref, wallet } = await asks(who, { ask: `4090 x1 1h only ${provider}`, script })
  await until('the machine to run', async () => (await jobOf(ref)).state === 'running')
  tokens.push((await jobOf(ref)).launch?.token ?? '')
  const ended = await buyer.shows(ref, /Charged/)
  expect(ended.text).toContain('exit code 0')
  expect(ended.text).toContain('settlement wallet (broker)')
  await isClosed(ref)
  const { terms, usedSeconds = 0, evidence, settled, jobId, launch } = await jobOf(ref)
  if (!terms || !jobId || !launch) return expect.unreachable('no terms')
  expect(usedSeconds).toBeGreaterThanOrEqual(1)
  const split = splitOf(terms, usedSeconds)
  expect(settled?.refundedMicroUsd).toBe(split.refundMicroUsd)
  expect(await heldBy(wallet.address)).toBe(FUNDS - depositOf(terms) + split.refundMicroUsd)
  expect(evidence).toMatchObject({ log: { plainLength: 7 }, output: { root: expect.any(String) } })
  await until('the token to be gone', async () => (await jobOf(ref)).launch?.token === undefined)
  return {
    jobId,
    ceiling: Number(terms.pricePerHour),
    toProvider: split.toProviderMicroUsd,
    refund: split.refundMicroUsd,
    invoice: launch.invoice,
  }
}

test.concurrent('at each they run, hand in log and output, and are paid by the second, never above what was signed', async () => {
  const before = await heldBy(payout)
  const { akash, nosana, ionet, dispersed } = stage.world.providers
  const [one, other, hourly, batch] = await Promise.all([
    runs({ id: 990_030, firstName: 'Ada' }, 'akash'),
    runs({ id: 990_031, firstName: 'Bo' }, 'nosana'),
    runs({ id: 990_033, firstName: 'Di' }, 'ionet'),
    runs({ id: 990_034, firstName: 'Ed' }, 'render'),
  ])
  expect((await heldBy(payout)) - before).toBe(
    [one, other, hourly, batch].reduce((sum, { toProvider }) => sum + toProvider, 0n),
  )

  expect(akash.all()).toMatchObject([{ name: `necto ${one.jobId}`, state: 'closed', lease: { state: 'closed' } }])
  const perBlock = Number(akash.all()[0]?.lease?.amount)
  expect(perBlock * 600).toBeLessThanOrEqual(one.ceiling)
  expect(one.invoice).toMatchObject({ basis: 'charged', amountMicroUsd: BigInt(Math.ceil(perBlock * 100)) })

  expect(nosana.ofJobs()).toMatchObject([{ body: { name: `necto-${other.jobId}` }, status: 'STOPPED' }])
  expect(other.invoice).toMatchObject({ basis: 'computed', how: expect.stringMatching(/^\d+ s at /) })
  expect(nosana.published()).not.toContain('acme')

  // A job of an hour takes two, to hand in its output: both are charged, to the rounding, though it ran for seconds.
  expect(hourly.refund).toBeLessThanOrEqual(1n)
  expect(ionet.all()).toMatchObject([{ status: 'destroyed', order: { duration_hours: 2 } }])
  expect(hourly.invoice).toMatchObject({ basis: 'charged', amountMicroUsd: expect.any(BigInt) })
  expect(Number(hourly.invoice?.amountMicroUsd)).toBeLessThanOrEqual(hourly.ceiling)

  expect(batch.refund).toBeGreaterThan(0n)
  // Its own end and Necto's word that the job is over come at the same moment.
  const isOver = expect.stringMatching(/^(COMPLETED|CANCELLED)$/)
  expect(dispersed.all()).toMatchObject([{ status: isOver, order: { task: 'BATCH', gpu_count: 1 } }])
  expect(batch.invoice).toMatchObject({ basis: 'charged', how: expect.stringContaining('ledger') })
})

test.concurrent('an account without money for it gives the whole deposit back, and says why', async () => {
  // Twenty dollars an hour, of an account that has a hundred.
  const dear = { ask: 'h100 x8 24h only nosana', script: 'true' }
  const { buyer, ref, wallet } = await asks({ id: 990_032, firstName: 'Cy' }, dear)
  const ended = await buyer.shows(ref, /Charged/)
  expect(ended.text).toContain('account at Nosana has not enough credits')
  expect(ended.text).toContain('Never started')
  expect(await heldBy(wallet.address)).toBe(FUNDS)
})

test('no token was printed, and nothing runs any more', () => {
  expect(tokens.map((token) => /^[0-9a-f]{64}$/.test(token))).toEqual([true, true, true, true])
  for (const token of tokens) expect(stage.printed()).not.toContain(token)
  expect(stage.world.providers.akash.open()).toEqual([])
})
