// The pay page in real Chromium, with a wallet as extensions are: what the person does with it.
import type { Browser, Page } from 'playwright-core'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestShop } from '../../bots/web/testShop.ts'
import { createManualClock } from '../../core/clock.ts'
import { transition } from '../../core/jobs/transitions.ts'
import { payLink } from '../world/wallet/wallet.ts'
import { faultsOf } from './axeFaults.ts'
import { installWallet } from './browserWallet.ts'
import { launchChromium, noBrowser, takeShot } from './chromium.ts'
import { CHAIN, openPayPage, type PayPage, payer } from './payPage.ts'

describe.skipIf(noBrowser)('the pay page', () => {
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

  test('reject: said so, nothing stored, and the next try pays', async () => {
    const used = await at.wallet()
    used.says = 'no'
    await page.goto(url)
    await at.connect()
    await at.says('You said no in the wallet.')
    used.says = 'yes'
    await at.connect()
    await at.payButton().waitFor()
    await expect.poll(() => page.locator('#wallets').textContent()).toContain('Connected')
    used.says = 'no to signing'
    await at.payButton().click()
    await at.says('You said no in the wallet.')
    expect(at.count(used, 'eth_signTypedData_v4')).toBe(1)
    expect((await at.now())?.authorization).toBeUndefined()
    await takeShot(page, 'pay-rejected')
    used.says = 'yes'
    await at.payButton().click()
    await at.says('on its way into escrow')
    expect((await at.now())?.state).toBe('paying')
  })

  test('wrong chain: switched, or added where the wallet does not know it, else said', async () => {
    const used = await at.wallet(1)
    await page.goto(url)
    await at.connect()
    await at.says('Your wallet does not know Base Sepolia (chain 84532).')
    await takeShot(page, 'pay-wrong-chain')
    expect(at.count(used, 'wallet_addEthereumChain')).toBe(0)
    used.known.add(CHAIN)
    await at.payButton().click()
    await at.says('on its way into escrow')
    expect(used.chainId).toBe(CHAIN)

    const second = await at.shop.ordered()
    const other = await browser.newPage()
    const adding = await installWallet(other, { account: payer, chainId: 1 })
    await other.goto(await at.serve(at.shop, second, { walletRpcUrl: 'https://rpc.test' }))
    await other.getByRole('button', { name: 'Connect Test Wallet' }).click()
    await expect.poll(() => adding.chainId).toBe(CHAIN)
    expect(adding.calls).toContain('wallet_addEthereumChain')
    await other.close()
  })

  test('expired: the countdown ends it in the page, and the server does too', async () => {
    await at.wallet()
    await page.goto(url)
    await at.clock.tick(15 * 60_000)
    // The page looks now and then by itself; here the press is to find out.
    await page.route('**/status', (route) => route.abort())
    await at.pressTwice()
    await at.says('This quote has run out.')
    expect(await at.payButton().isVisible()).toBe(false)
    await page.reload()
    await at.says('This quote has run out.')
    await takeShot(page, 'pay-expired')

    const shop = await createTestShop({ clock: createManualClock(Date.now()) })
    await page.clock.install()
    await page.goto(await at.serve(shop, await shop.ordered()))
    await at.payButton().waitFor()
    expect(await page.locator('#countdown').textContent()).toMatch(/1[45]\smin \d+\ss left/)
    await page.clock.runFor(15 * 60_000 + 2000)
    await at.says('This quote has run out.')
    expect(await at.payButton().isVisible()).toBe(false)
  })

  test('double click: acts once', async () => {
    const used = await at.wallet()
    const posts: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'POST') posts.push(new URL(request.url()).pathname.split('/').at(-1) ?? '')
    })
    await page.goto(url)
    await page.getByRole('button', { name: 'Connect Test Wallet' }).dblclick()
    await expect.poll(() => page.locator('#wallets').textContent()).toContain('Connected')
    const held = Promise.withResolvers<void>()
    used.holdSigning = held.promise
    await at.payButton().dblclick()
    await at.says('Look at your wallet and compare')
    await page.locator('#pay').evaluate((form: HTMLFormElement) => form.requestSubmit())
    await takeShot(page, 'pay-waiting-for-wallet')
    held.resolve()
    await at.says('on its way into escrow')
    expect(at.count(used, 'eth_signTypedData_v4')).toBe(1)
    expect(posts).toEqual(['terms', 'authorization'])
  })

  test('already paid: a page opened before is refused, one opened after has no form', async () => {
    await at.wallet()
    await page.goto(url)
    const early = await browser.newPage()
    await installWallet(early, { account: privateKeyToAccount(`0x${'a2'.repeat(32)}`), chainId: CHAIN })
    await early.route('**/status', (route) => route.abort())
    await early.goto(url)
    await at.pressTwice()
    await at.says('on its way into escrow')

    await at.pressTwice(early)
    await early.locator('#status').getByText('no second payment is taken').waitFor()
    await early.unroute('**/status')
    await early.reload()
    await early.locator('#status').getByText('on its way into escrow').waitFor()
    expect(await early.locator('form').count()).toBe(0)
    expect((await at.now())?.authorization?.from).toBe(payer.address)
    await early.close()
  })

  test('handed back by the escrow: the reason stands, and it can be signed again', async () => {
    await at.wallet()
    await page.goto(url)
    await at.pressTwice()
    await at.says('on its way into escrow')
    const trouble = {
      code: 'payment-refused',
      text: 'the payment was refused: the wallet holds too little USDC. No money moved.',
    }
    await at.shop.change(at.job.ref, (paying) => transition(paying, 'decline', { authorization: undefined, trouble }))
    await at.says('The payment was refused: the wallet holds too little USDC.')
    await takeShot(page, 'pay-handed-back')
    await at.pressTwice()
    await at.says('on its way into escrow')
    expect((await at.now())?.state).toBe('paying')
  })

  test('a stranger’s payment that is slow to arrive is not offered to a wallet that would not get the rest', async () => {
    const stranger = privateKeyToAccount(`0x${'a2'.repeat(32)}`)
    expect(await payLink({ url, account: stranger, chainId: CHAIN, waitMs: 0 })).toMatchObject({
      outcome: 'still-paying',
    })
    await at.clock.tick(61_000)
    const used = await at.wallet()
    await page.goto(url)
    await at.says('It takes longer than usual')
    const own = page.getByRole('button', { name: 'Pay 8.00 USDC with your own gas' })
    await own.click()
    await at.says('return the rest to another wallet than this one')
    await takeShot(page, 'pay-others-terms')
    expect(at.count(used, 'eth_sendTransaction')).toBe(0)
  })

  test('a wrong refund address is said beside its field', async () => {
    await at.wallet()
    await page.goto(url)
    await page.getByLabel('Refund address').fill('0x123')
    await at.payButton().click()
    await page.locator('#refundTo-error').getByText('This is no address on this chain').waitFor()
    await takeShot(page, 'pay-bad-address')
    expect(await page.getByLabel('Refund address').getAttribute('aria-invalid')).not.toBeNull()
    await page.getByLabel('Refund address').fill(payer.address.toLowerCase())
    await at.payButton().click()
    await at.says('on its way into escrow')
    expect((await at.now())?.terms?.refundTo).toBe(payer.address)
  })

  test('without scripts it reads, and gives signed terms for a refund address', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } })
    const bare = await context.newPage()
    await bare.goto(url)
    await bare.getByText('at most 8.00 USDC').waitFor()
    await takeShot(bare, 'pay-no-script')
    await bare.getByLabel('Refund address').fill(payer.address)
    await bare.getByRole('button', { name: 'Get signed terms' }).click()
    await bare.getByText('Signed terms, and what a wallet signs').click()
    await bare.getByText('ReceiveWithAuthorization').first().waitFor()
    await takeShot(bare, 'pay-no-script-terms')
    expect((await at.now())?.state).toBe('signed')
    await context.close()
  })
})
