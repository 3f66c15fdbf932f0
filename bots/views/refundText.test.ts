// What people read of a deposit that went back: "nothing was charged" only where nothing was.
import { expect, test } from 'vitest'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { createTestJobs, expiredEvent, fundedEvent, startedEvent } from '../../core/jobs/testJobs.ts'
import { payStatus } from '../web/payStatus.ts'
import { amountOf } from './jobAmount.ts'
import { jobView } from './jobView.ts'

/** Everything that is said of a job that expired after so many paid seconds. */
async function expired(paidSeconds: number) {
  const shop = await createTestJobs()
  const { context } = shop
  const { ref, terms, jobId } = await shop.signed()
  for (const event of [fundedEvent(terms), startedEvent(jobId, context.clock.now()), expiredEvent(terms, paidSeconds)])
    await applyRouterEvent(context, event)
  const job = await shop.jobOf(ref)
  const sites = { publicUrl: '', gatewayUrl: '', explorerTxUrl: undefined }
  const view = JSON.stringify(jobView({ job, ...sites, buttons: {}, nowMs: 0 }).blocks)
  return { job, view, page: payStatus(job, { nowMs: 0, relay: 'open' }).text, amount: amountOf(job) }
}

test('expired after checkpoints: what was paid is told, and that the rest went back', async () => {
  const { job, view, page, amount } = await expired(7200)
  expect(job.refunded).toMatchObject({ refundedMicroUsd: 4_000_000n, paidMicroUsd: 4_000_000n })
  const text = 'The job was never completed. 4.00 USDC went back; 4.00 USDC were paid for the time that was used.'
  expect(view).toContain(text)
  expect(page).toBe(text)
  expect(view).not.toContain('nothing was charged')
  expect(amount).toBe('4.00 USDC')
})

test('expired with nothing paid: nothing was charged', async () => {
  const { view, amount } = await expired(0)
  expect(view).toContain('The job was never completed. 8.00 USDC went back, nothing was charged.')
  expect(amount).toBe('0.00 USDC')
})
