// Sending authorizations: once each, refusals in words, and the day's gas as a bound.
import { beforeEach, describe, expect, test } from 'vitest'
import type { Job } from '../../core/jobs/job.ts'
import { relayState } from '../../core/jobs/relayDay.ts'
import { fundIntentId, fundJob } from './fundJobs.ts'
import { countRelayGas } from './relayBudget.ts'
import { createTestKeeper } from './testKeeper.ts'

let bench: Awaited<ReturnType<typeof createTestKeeper>>
beforeEach(async () => {
  bench = await createTestKeeper()
})
const docOf = async (ref: string) => {
  const doc = await bench.shop.context.jobs.get(ref)
  if (!doc) throw new Error('no job')
  return doc
}
const stateOf = async (ref: string) => (await docOf(ref)).value.state
async function paying(): Promise<Job> {
  const answer = await bench.shop.pays(await bench.shop.signed())
  if (!answer.ok) throw new Error(answer.why)
  return answer.job
}

describe('fundJob', () => {
  const fund = async (ref: string) => fundJob(bench.keeper, await docOf(ref))

  test('sends an authorization once, and tells in words why it was refused', async () => {
    const job = await paying()
    await fund(job.ref)
    await fund(job.ref)
    expect(await bench.intentIds()).toEqual([fundIntentId(job)])
    await bench.ends(fundIntentId(job), 'failed', 'ERC20: transfer amount exceeds balance')
    await fund(job.ref)
    const declined = (await docOf(job.ref)).value
    expect(declined).toMatchObject({ state: 'signed', trouble: { text: expect.stringContaining('too little USDC') } })
    expect(declined.authorization).toBeUndefined()
  })

  test('a wallet filled after a refusal is tried anew, though it signs the very same bytes', async () => {
    const first = await paying()
    await fund(first.ref)
    await bench.ends(fundIntentId(first), 'failed', 'ERC20: transfer amount exceeds balance')
    await fund(first.ref)
    await bench.clock.tick(30_000)
    const { terms } = (await docOf(first.ref)).value
    if (!terms) throw new Error('no terms')
    const second = await bench.shop.pays({ ...first, terms })
    expect(second).toMatchObject({ ok: true, job: { authorization: { signature: first.authorization?.signature } } })
    await fund(first.ref)
    expect(await stateOf(first.ref)).toBe('paying')
    expect(await bench.intentIds()).toHaveLength(2)
  })

  test('whoever waits sees the transaction once it was sent', async () => {
    const job = await paying()
    await fund(job.ref)
    expect((await docOf(job.ref)).value.paymentTx).toBeUndefined()
    await bench.spends(fundIntentId(job), { state: 'sent' })
    await fund(job.ref)
    expect((await docOf(job.ref)).value.paymentTx).toMatchObject({ txHash: bench.sentHash })
  })

  test('the day’s gas is counted by what it costs, kept over a restart, and once spent payments are handed back', async () => {
    bench = await createTestKeeper({ relayDailyGasWei: 2_000_000n })
    const { context } = bench.shop
    const [first, second] = [await paying(), await paying()]
    await fund(first.ref)
    // In flight it counts with the most that it can cost, mined with what it did cost.
    await bench.spends(fundIntentId(first), { state: 'sent', gasLimit: 200_000n, maxFeePerGas: 4n })
    expect(await countRelayGas(bench.keeper)).toBe(800_000n)
    expect(await relayState(context)).toBe('open')
    await bench.spends(fundIntentId(first), { state: 'final', feeWei: 2_000_000n })
    expect(await countRelayGas({ ...bench.keeper })).toBe(2_000_000n)
    expect(await relayState(context)).toBe('spent')
    await fund(second.ref)
    expect(await bench.intentIds()).toEqual([fundIntentId(first)])
    expect((await docOf(second.ref)).value).toMatchObject({
      state: 'signed',
      trouble: { code: 'relay-spent', text: expect.stringContaining('No money moved') },
    })
    // What is under way already is followed to its end.
    await fund(first.ref)
    expect(await stateOf(first.ref)).toBe('paying')
    await bench.clock.tick(24 * 3_600_000)
    expect(await relayState(context)).toBe('open')
  })

  test('CHAIN-01: paid already by another way is no refusal: the chain says when', async () => {
    const job = await paying()
    await fund(job.ref)
    await bench.ends(fundIntentId(job), 'failed', 'JobExists')
    await fund(job.ref)
    expect(await stateOf(job.ref)).toBe('paying')
  })

  test('paid already, but the chain shows it no more: the authorization is tried again, and nobody is told that no money moved', async () => {
    bench = await createTestKeeper({ relayDailyGasWei: 2_000_000n })
    const job = await paying()
    await fund(job.ref)
    await bench.ends(fundIntentId(job), 'failed', 'JobExists')
    const at = { txHash: bench.sentHash, seenIn: { number: 7n, hash: bench.sentHash } }
    await bench.shop.change(job.ref, (now) => ({ ...now, paymentTx: at }))
    await bench.clock.tick(30_000)
    await fund(job.ref)
    expect(await bench.intentIds()).toEqual([fundIntentId(job)])
    await bench.shop.change(job.ref, (now) => ({ ...now, paymentTx: undefined }))
    await fund(job.ref)
    expect(await bench.intentIds()).toEqual([fundIntentId(job), `${fundIntentId(job)}:2`])
    await bench.spends(`${fundIntentId(job)}:2`, { state: 'final', feeWei: 2_000_000n })
    await bench.ends(`${fundIntentId(job)}:2`, 'failed', 'JobExists')
    await fund(job.ref)
    expect(await stateOf(job.ref)).toBe('paying')
  })
})
