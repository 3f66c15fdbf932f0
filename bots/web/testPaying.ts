// For tests of the pay page: a job that waits for payment, its page, and a wallet that pays by it.
import { createManualClock } from '../../core/clock.ts'
import { payer, quoter } from '../../core/jobs/testJobs.ts'
import { type PayLinkOptions, payLink } from '../../test/world/wallet/wallet.ts'
import { createTestShop } from './testShop.ts'
import { testWeb } from './testWeb.ts'

export type TestPaying = Awaited<ReturnType<typeof createTestPaying>>

export async function createTestPaying() {
  const clock = createManualClock(Date.now())
  const shop = await createTestShop({ clock })
  const web = await testWeb(shop)
  const job = await shop.ordered()
  const path = `/pay/${job.linkToken}`
  return {
    clock,
    shop,
    web,
    job,
    path,
    now: async () => (await shop.context.jobs.get(job.ref))?.value,
    post: (to: string, body: BodyInit, headers: Record<string, string> = { 'Content-Type': 'application/json' }) =>
      web.request(to, { method: 'POST', body, headers }),
    pay: (more: Partial<PayLinkOptions> = {}) =>
      payLink({
        url: path,
        account: payer,
        chainId: shop.domain.chainId,
        quoter: quoter.address,
        waitMs: 0,
        send: (url, init) => web.request(url, init),
        ...more,
      }),
  }
}
