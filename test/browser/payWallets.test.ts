// The pay page in real Chromium, with a wallet as extensions are: which wallets there are, and what fails around them.
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { utcDay } from '../../core/jobs/relayDay.ts'
import { faultsOf } from './axeFaults.ts'
import { installWallet } from './browserWallet.ts'
import { launchChromium, noBrowser, takeShot } from './chromium.ts'
import { CHAIN, openPayPage, type PayPage, payer } from './payPage.ts'

describe.skipIf(noBrowser)('the pay page’s wallets and troubles', () => {
  let browser: Browser
  let at: PayPage
  let page: Page
  let url: string

  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())
  beforeEach(async () => {
    at = await openPayPage(browser)
    ;({ page, url } = at)
  })
  afterEach(async () => {
    // Whatever state a test has brought it to.
    if (page.url() !== 'about:blank') expect(await faultsOf(page)).toEqual([])
    await at.close()
  })

  test('no wallet, several wallets, and one that only sets window.ethereum', async () => {
    await page.goto(url)
    await page.getByText('No wallet was found in this browser.').waitFor()
    await takeShot(page, 'pay-no-wallet')

    const two = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'dark' })
    const [first, second] = [
      await installWallet(two, { account: payer, chainId: CHAIN, name: 'Fox\u202E Wallet' }),
      await installWallet(two, { account: payer, chainId: CHAIN, name: '<b>Rabbit</b>' }),
    ]
    await two.goto(url)
    await two.getByRole('button', { name: 'Connect <b>Rabbit</b>' }).waitFor()
    await takeShot(two, 'pay-two-wallets-dark')
    await two.getByRole('button', { name: 'Sign and pay' }).click()
    await two.locator('#status').getByText('Choose a wallet first.').waitFor()
    await two.getByRole('button', { name: 'Connect Fox Wallet' }).click()
    await expect.poll(() => two.locator('#wallets').textContent()).toContain('with Fox Wallet')
    expect([first.calls.length > 0, second.calls.length]).toEqual([true, 0])
    await two.close()

    const old = await browser.newPage()
    await installWallet(old, { account: payer, chainId: CHAIN, kind: 'legacy' })
    await old.goto(url)
    await at.pressTwice(old)
    await old.locator('#status').getByText('on its way into escrow').waitFor()
    await old.close()
  })

  test('a wallet that is locked gives no account: said, and unlocked it pays', async () => {
    const used = await at.wallet()
    used.says = 'locked'
    await page.goto(url)
    await at.payButton().click()
    await at.says('it is locked, or shows none of its accounts to this page. Nothing was signed and no money moved.')
    await takeShot(page, 'pay-locked')
    used.says = 'yes'
    await at.pressTwice()
    await at.says('on its way into escrow')
  })

  test('the server is gone half-way: before signing nothing happened, after it the one signature is kept and arrives', async () => {
    const used = await at.wallet()
    await page.goto(url)
    await at.connect()
    await page.locator('#wallets').getByText('Connected').waitFor()
    await page.route('**/terms', (route) => route.abort())
    await at.payButton().click()
    await at.says('The server did not answer. Nothing was signed and no money moved.')
    await takeShot(page, 'pay-no-server')
    await page.unroute('**/terms')

    let asked = 0
    await page.route('**/authorization', async (route) => {
      asked += 1
      // Lost on the way there, then a proxy's own page, then lost on the way back.
      if (asked === 1) return route.abort()
      if (asked === 2) return route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' })
      await route.fetch({ headers: { ...route.request().headers(), 'sec-fetch-site': 'same-origin' } })
      return route.abort()
    })
    await at.payButton().click()
    await at.says('Your signature is kept in this page and sent again by itself.')
    await takeShot(page, 'pay-signature-kept')
    await at.says('on its way into escrow')
    expect((await at.now())?.state).toBe('paying')
    expect(at.count(used, 'eth_signTypedData_v4')).toBe(1)
    expect(asked).toBe(3)
  })

  test('the relay’s gas runs out while the page is open: said, and the signature is not asked for', async () => {
    const used = await at.wallet()
    await page.goto(url)
    await at.connect()
    await at.payButton().waitFor()
    const { relayDays, policy } = at.shop.context
    await relayDays.insert(utcDay(at.clock.now()), { spentWei: policy.relayDailyGasWei })
    await expect.poll(() => page.locator('#submit').textContent(), { timeout: 10_000 }).toContain('with your own gas')
    expect(await page.locator('#direct').getAttribute('open')).not.toBeNull()
    await page.locator('#submit').click()
    await at
      .says('Step 1 of 2, in your wallet')
      .catch(() => at.says('This wallet cannot send transactions for a page.'))
    expect(at.count(used, 'eth_signTypedData_v4')).toBe(0)
    expect((await at.now())?.authorization).toBeUndefined()
  })

  test('on https a phone’s wallet finds the way: links that open the page in it, a code, and the link to copy', async () => {
    const publicUrl = 'https://pay.example'
    const there = await at.serve(at.shop, at.job, { publicUrl })
    await page.goto(there)
    await page.getByText('No wallet was found in this browser. Open this page in your wallet app').waitFor()
    const here = `${publicUrl}/pay/${at.job.linkToken}`
    const encoded = encodeURIComponent(here)
    const links = await page.locator('#phone a').evaluateAll((all) => all.map((a) => a.getAttribute('href')))
    expect(links).toEqual([
      `https://link.metamask.io/dapp/pay.example/pay/${at.job.linkToken}`,
      `https://go.cb-w.com/dapp?cb_url=${encoded}`,
      `https://link.trustwallet.com/open_url?coin_id=60&url=${encoded}`,
      `https://phantom.app/ul/browse/${encoded}?ref=${encoded}`,
    ])
    const code = page.getByAltText(`QR code with this page’s address, ${here}`)
    expect(await code.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 20)).toBe(true)
    await takeShot(page, 'pay-phone-wallets')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'Copy this page’s link' }).click()
    await page.getByText('Copied.').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(there)

    // Where the browser has a wallet, this stays folded; on plain http there is none of it.
    await at.wallet()
    await page.goto(there)
    await at.payButton().waitFor()
    expect(await page.locator('#phone').getAttribute('open')).toBeNull()
    await page.goto(url)
    await at.payButton().waitFor()
    expect(await page.locator('#phone').count()).toBe(0)
    expect(at.complaints).toEqual([])
  })

  test('a wallet’s icon is shown when it is data, and never fetched', async () => {
    const dot =
      'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>'
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await installWallet(page, { account: payer, chainId: CHAIN, name: 'Shown', icon: dot })
    await installWallet(page, { account: payer, chainId: CHAIN, name: 'Hidden', icon: 'https://tracker.test/icon.png' })
    await page.goto(url)
    const icon = page.getByRole('button', { name: 'Connect Shown' }).locator('img')
    await expect.poll(() => icon.evaluate((image: HTMLImageElement) => image.naturalWidth), { timeout: 10_000 }).toBe(8)
    expect(await page.getByRole('button', { name: 'Connect Hidden' }).locator('img').count()).toBe(0)
    expect(asked.filter((to) => to.includes('tracker.test'))).toEqual([])
    await takeShot(page, 'pay-icons')
    expect(at.complaints).toEqual([])
  })
})
