// `necto sandbox` in real Chromium: a job asked for, paid and settled by hand, on Telegram and on Discord.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningProcess, startProcess } from '../world/childProcess.ts'
import { faultsOf } from './axeFaults.ts'
import { launchChromium, noBrowser, takeShot, watchComplaints } from './chromium.ts'

const WITHIN_MS = 120_000
const ASK = "/job h100 x1 4h max 3 run sh -c 'sleep 2; echo hello'"

describe.skipIf(noBrowser)('the sandbox', () => {
  let sandbox: RunningProcess
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let complaints: string[]
  let url: string
  const telegram = () => page.getByRole('region', { name: 'Telegram' })
  const discord = () => page.getByRole('region', { name: 'Discord' })

  beforeAll(async () => {
    sandbox = startProcess({ args: ['test/world/main.ts', 'sandbox', '--seed', '5'] })
    browser = await launchChromium()
    await sandbox.printed('Ctrl-C ends it', WITHIN_MS)
    url = /http:\/\/127\.0\.0\.1:\d+/.exec(sandbox.output())?.[0] ?? ''
    context = await browser.newContext({ viewport: { width: 1360, height: 860 } })
    context.setDefaultTimeout(60_000)
    page = await context.newPage()
    complaints = watchComplaints(page)
    await page.goto(url)
  }, WITHIN_MS)

  afterAll(async () => {
    await browser?.close()
    expect(await sandbox?.stop()).toBe(0)
  })

  /** Opens the page behind a link that a message shows. */
  async function openLink(name: RegExp, within = telegram()): Promise<Page> {
    const [opened] = await Promise.all([
      context.waitForEvent('page'),
      within.getByRole('link', { name }).last().click(),
    ])
    return opened
  }

  test('two windows, for everybody: no serious fault, nothing sideways on a phone', async () => {
    await telegram().getByRole('button', { name: 'Acme ML' }).waitFor()
    await discord().getByRole('button', { name: '# gpu-jobs' }).waitFor()
    await page.getByText('Local sandbox: play money').waitFor()
    expect(await faultsOf(page)).toEqual([])
    await page.setViewportSize({ width: 390, height: 844 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    await page.setViewportSize({ width: 1360, height: 860 })
  })

  test('the menu of Telegram by keyboard', async () => {
    const line = telegram().getByRole('textbox')
    await line.fill('/jo')
    await telegram()
      .getByRole('button', { name: /^\/jobs / })
      .waitFor()
    await takeShot(page, 'sandbox-telegram-menu')
    await line.press('Escape')
    await expect
      .poll(() =>
        telegram()
          .getByRole('button', { name: /^\/jobs / })
          .count(),
      )
      .toBe(0)
    await line.fill('')
  })

  test(
    'Mia asks in Telegram, rejects once, pays with the test wallet, and sees it settle',
    async () => {
      const line = telegram().getByRole('textbox')
      await line.fill(ASK)
      await line.press('Enter')
      await telegram().getByText('Recommended: Berlin Rack').waitFor()
      await takeShot(page, 'sandbox-telegram-card')
      await telegram()
        .getByRole('button', { name: /^Pay up to/ })
        .click()
      const pay = await openLink(/Open the payment page/)
      const wrong = watchComplaints(pay)
      await pay.setViewportSize({ width: 700, height: 900 })
      await pay.getByText('Local sandbox: play money').waitFor()
      await pay.getByRole('button', { name: 'Connect Test wallet' }).click()
      await pay.getByRole('button', { name: 'Reject' }).click()
      await pay.getByText('You said no in the wallet').waitFor()
      await pay.getByRole('button', { name: 'Connect Test wallet' }).click()
      await pay.getByRole('button', { name: 'Approve' }).click()
      await pay.getByRole('button', { name: /^Sign and pay/ }).click()
      await pay.getByText('Sign this payment?').waitFor()
      await pay.getByText('9.60 USDC', { exact: true }).last().waitFor()
      expect(await faultsOf(pay)).toEqual([])
      await takeShot(pay, 'sandbox-wallet')
      await pay.getByRole('button', { name: 'Approve' }).click()
      await pay.getByText('9.60 USDC are in escrow').waitFor()
      await takeShot(pay, 'sandbox-paid')
      expect(wrong).toEqual([])
      await pay.close()
      await telegram()
        .getByText(/Charged: /)
        .waitFor()
      await takeShot(page, 'sandbox-telegram-settled')
      expect(await faultsOf(page)).toEqual([])
      expect(complaints).toEqual([])
    },
    WITHIN_MS,
  )

  test('the wallet signs for our own pages alone', async () => {
    const [link] = await telegram()
      .getByRole('link', { name: /Verify decision/ })
      .all()
    const origin = new URL((await link?.getAttribute('href')) ?? '').origin
    const ask = (headers: Record<string, string>) =>
      fetch(`${origin}/test-wallet/rpc`, { method: 'POST', headers, body: '{"method":"eth_accounts"}' })
    const json = { 'Content-Type': 'application/json' }
    expect((await ask(json)).status).toBe(200)
    expect((await ask({ ...json, 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
    expect((await ask({ 'Content-Type': 'text/plain' })).status).toBe(403)
  })
})
