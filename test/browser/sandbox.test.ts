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
      await telegram().getByRole('button', { name: 'Add secrets' }).click()
      await takeShot(page, 'sandbox-telegram-ordered')
      // The group reads no link; it is in Mia's private chat.
      await telegram().getByRole('button', { name: 'Necto private' }).click()
      const secrets = await openLink(/Enter secrets/)
      await secrets.getByLabel('One NAME=value on each line').fill('HF_TOKEN=hf-of-mia')
      await secrets.getByRole('button', { name: 'Save secrets' }).click()
      await secrets.getByText('Saved: HF_TOKEN').waitFor()
      await takeShot(secrets, 'sandbox-secrets')
      await secrets.close()
      await telegram().getByRole('button', { name: 'Acme ML' }).click()
      const pay = await openLink(/Open the payment page/)
      const wrong = watchComplaints(pay)
      await pay.setViewportSize({ width: 700, height: 900 })
      await pay.getByText('Local sandbox: play money').waitFor()
      await pay.getByText('The command gets 1 environment secret').waitFor()
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

  test('the wallet signs, and people act, for our own pages alone', async () => {
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
    const act = { method: 'POST', headers: { ...json, 'Sec-Fetch-Site': 'cross-site' }, body: '{}' }
    expect((await fetch(`${url}/act`, act)).status).toBe(403)
  })

  test('a job on Discord: commands by slash, typed options with suggestions, the answer seen by one alone', async () => {
    const line = discord().getByRole('textbox', { name: 'Discord command' })
    await line.fill('/jo')
    await discord()
      .getByRole('button', { name: /^\/job Find/ })
      .click()
    const gpu = discord().getByLabel('gpu')
    await gpu.fill('h1')
    await expect.poll(() => discord().locator('datalist option').first().getAttribute('value')).toBe('h100')
    await page.keyboard.press('Escape')
    await line.fill(ASK)
    await line.press('Enter')
    expect(await gpu.inputValue()).toBe('h100')
    expect(await discord().getByLabel('max').inputValue()).toBe('3')
    expect(await faultsOf(page)).toEqual([])
    await takeShot(page, 'sandbox-discord-options')
    await gpu.press('Enter')
    await discord().getByText('Mia used /job').waitFor()
    await discord().getByText('Recommended: Berlin Rack').waitFor()
    await takeShot(page, 'sandbox-discord-card')

    await page.getByText('Boris', { exact: true }).click()
    await discord()
      .getByRole('button', { name: /^Pay up to/ })
      .click()
    const refusal = discord().getByText('This button is not yours to press.')
    await refusal.waitFor()
    expect(await discord().getByText('Only you can see this').count()).toBe(1)
    // What runs was asked for in front of nobody.
    expect(await discord().getByText('Mia used /job').count()).toBe(0)
    await takeShot(page, 'sandbox-discord-alone')
    await page.getByText('Mia', { exact: true }).first().click()
    await discord().getByText('Mia used /job').waitFor()
    expect(await refusal.count()).toBe(0)
    expect(complaints).toEqual([])
  })

  test('Ada and Selma have their own chats; on a phone one window stands below the other', async () => {
    await page.getByText('Selma', { exact: true }).click()
    await telegram().getByText('Berlin Rack [● LIVE]').waitFor()
    await discord().getByRole('button', { name: '@ Necto' }).waitFor()
    expect(await telegram().getByRole('button', { name: 'Acme ML' }).count()).toBe(0)
    await page.setViewportSize({ width: 390, height: 844 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    await takeShot(page, 'sandbox-phone')
    const top = async (window: typeof telegram) => (await window().boundingBox())?.y ?? 0
    expect(await top(discord)).toBeGreaterThan(await top(telegram))
  })
})
