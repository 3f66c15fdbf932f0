// For the browser tests: one job's pay page without a chain, and what a person does on it.
import type { Browser, Page } from 'playwright-core'
import { privateKeyToAccount } from 'viem/accounts'
import { serveWeb } from '../../bots/web/serveWeb.ts'
import { createTestShop, type TestShop } from '../../bots/web/testShop.ts'
import { testWeb } from '../../bots/web/testWeb.ts'
import { createManualClock } from '../../core/clock.ts'
import type { Job } from '../../core/jobs/job.ts'
import { type BrowserWallet, installWallet } from './browserWallet.ts'
import { watchComplaints } from './chromium.ts'

export const payer = privateKeyToAccount(`0x${'a1'.repeat(32)}`)
export const CHAIN = 84_532

export type PayPage = Awaited<ReturnType<typeof openPayPage>>

/** A page of a phone's size, not loaded yet, and an ordered job of 8 USDC; the shop's clock is the test's. */
export async function openPayPage(browser: Browser) {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } })
  page.setDefaultTimeout(20_000)
  const complaints = watchComplaints(page)
  const clock = createManualClock(Date.now())
  const shop = await createTestShop({ clock })
  const job = await shop.ordered()
  const stops: (() => Promise<void>)[] = []

  async function serve(
    of: TestShop,
    ordered: Job,
    more: { walletRpcUrl?: string; publicUrl?: string } = {},
  ): Promise<string> {
    const { walletRpcUrl, publicUrl } = more
    const chain = {
      name: 'Base Sepolia',
      chainId: CHAIN,
      walletRpcUrl,
      explorerTxUrl: 'https://explorer.test/tx/{hash}',
    }
    const service = await serveWeb({ app: await testWeb(of, { chain, ...(publicUrl && { publicUrl }) }), port: 0 })
    stops.push(() => service.stop())
    return `${service.url}/pay/${ordered.linkToken}`
  }

  const payButton = (at: Page = page) => at.getByRole('button', { name: 'Sign and pay 8.00 USDC' })

  return {
    page,
    complaints,
    clock,
    shop,
    job,
    url: await serve(shop, job),
    serve,
    payButton,
    wallet: (chainId = CHAIN) => installWallet(page, { account: payer, chainId }),
    connect: () => page.getByRole('button', { name: 'Connect Test Wallet' }).click(),
    /** Connects and pays, by the one button. */
    async pressTwice(at: Page = page) {
      await payButton(at).click()
      await at.locator('#status').getByText('Check the refund address').waitFor()
      await payButton(at).click()
    },
    says: (text: string) => page.locator('#status').getByText(text).waitFor(),
    now: async () => (await shop.context.jobs.get(job.ref))?.value,
    count: (calls: BrowserWallet, method: string) => calls.calls.filter((call) => call === method).length,
    async close() {
      await page.close()
      for (const stop of stops.splice(0)) await stop()
    },
  }
}
