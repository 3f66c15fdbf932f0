// The pay page in real Chromium, with a wallet as extensions are, and once with real USDC on a real chain.
import type { Browser, Page } from 'playwright-core'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { serveWeb } from '../../bots/web/serveWeb.ts'
import { createTestShop, type TestShop } from '../../bots/web/testShop.ts'
import { testWeb } from '../../bots/web/testWeb.ts'
import { createManualClock, systemClock } from '../../core/clock.ts'
import { readRouterEvents } from '../../core/escrow/events.ts'
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import { readUsdcBalance } from '../../core/escrow/usdc.ts'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import type { Job } from '../../core/jobs/job.ts'
import { quoter } from '../../core/jobs/testJobs.ts'
import { transition } from '../../core/jobs/transitions.ts'
import { people, startEscrowChain } from '../world/startEscrowChain.ts'
import { type BrowserWallet, installWallet } from './browserWallet.ts'
import { launchChromium, noBrowser, takeShot, watchComplaints } from './chromium.ts'

const payer = privateKeyToAccount(`0x${'a1'.repeat(32)}`)
const CHAIN = 84_532

describe.skipIf(noBrowser)('the pay page', () => {
  let browser: Browser
  let page: Page
  let complaints: string[]
  let shop: TestShop
  let clock: ReturnType<typeof createManualClock>
  let job: Job
  let url: string
  const stops: (() => Promise<void>)[] = []

  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 390, height: 844 } })
    page.setDefaultTimeout(20_000)
    complaints = watchComplaints(page)
    clock = createManualClock(Date.now())
    shop = await createTestShop({ clock })
    job = await shop.ordered()
    url = await serve(shop, job)
  })
  afterEach(async () => {
    await page.close()
    for (const stop of stops.splice(0)) await stop()
  })

  async function serve(of: TestShop, ordered: Job, walletRpcUrl?: string): Promise<string> {
    const chain = {
      name: 'Base Sepolia',
      chainId: CHAIN,
      walletRpcUrl,
      explorerTxUrl: 'https://explorer.test/tx/{hash}',
    }
    const service = await serveWeb({ app: await testWeb(of, { chain }), port: 0 })
    stops.push(() => service.stop())
    return `${service.url}/pay/${ordered.linkToken}`
  }

  const wallet = (chainId = CHAIN) => installWallet(page, { account: payer, chainId })
  const payButton = () => page.getByRole('button', { name: 'Sign and pay 8.00 USDC' })
  const connect = () => page.getByRole('button', { name: 'Connect Test Wallet' }).click()
  /** Connects and pays, by the one button. */
  const pressTwice = async (at = page) => {
    const button = at.getByRole('button', { name: 'Sign and pay 8.00 USDC' })
    await button.click()
    await at.locator('#status').getByText('Check the refund address').waitFor()
    await button.click()
  }
  const says = (text: string) => page.locator('#status').getByText(text).waitFor()
  const now = async (of = shop, ref = job.ref) => (await of.context.jobs.get(ref))?.value
  const count = (calls: BrowserWallet, method: string) => calls.calls.filter((call) => call === method).length

  test('approve: one signature, and real USDC is in escrow', async () => {
    const chain = await startEscrowChain({ chainId: CHAIN, deployment: { quoters: [quoter.address] } })
    stops.push(() => chain.stop())
    await chain.usdc.mint(payer.address, 10_000_000n)
    const place = { chainId: CHAIN, router: chain.deployed.router, usdc: chain.usdc.address, usdcName: 'USDC' }
    const real = await createTestShop({ at: place, clock: systemClock })
    await chain.listProvider(real.listing.id)
    const ordered = await real.ordered()
    const used = await wallet()
    await page.goto(await serve(real, ordered))
    await connect()
    await expect.poll(() => page.getByLabel('Refund address').inputValue()).toBe(payer.address)
    await takeShot(page, 'pay-connected')
    await payButton().click()
    await says('on its way into escrow')
    await takeShot(page, 'pay-on-its-way')

    const paying = await now(real, ordered.ref)
    if (!paying?.terms || !paying.quoteSignature || !paying.authorization) throw new Error('nothing to relay')
    const { terms, quoteSignature, authorization } = paying
    const call = { verb: 'fundWithAuthorization', terms, quoteSignature, authorization } as const
    const { blockNumber } = await chain.send(people.relay, place.router, encodeRouterCall(call))
    const range = { fromBlock: blockNumber, toBlock: blockNumber }
    const events = await readRouterEvents({ client: chain.client, router: place.router, ...range })
    for (const event of events) await applyRouterEvent(real.context, event)

    await says('8.00 USDC are in escrow.')
    expect(await page.getByRole('link', { name: 'Transaction' }).getAttribute('href')).toMatch(
      /^https:\/\/explorer.test\/tx\/0x[0-9a-f]{64}$/,
    )
    await page.getByRole('link', { name: 'Open the job’s page' }).waitFor()
    await takeShot(page, 'pay-in-escrow')
    expect(await readUsdcBalance({ client: chain.client, usdc: place.usdc, account: payer.address })).toBe(2_000_000n)
    expect(count(used, 'eth_signTypedData_v4')).toBe(1)
    expect(complaints).toEqual([])
  })

  test('reject: said so, nothing stored, and the next try pays', async () => {
    const used = await wallet()
    used.says = 'no'
    await page.goto(url)
    await connect()
    await says('You said no in the wallet.')
    used.says = 'yes'
    await connect()
    await payButton().waitFor()
    await expect.poll(() => page.locator('#wallets').textContent()).toContain('Connected')
    used.says = 'no to signing'
    await payButton().click()
    await says('You said no in the wallet.')
    expect(count(used, 'eth_signTypedData_v4')).toBe(1)
    expect((await now())?.authorization).toBeUndefined()
    await takeShot(page, 'pay-rejected')
    used.says = 'yes'
    await payButton().click()
    await says('on its way into escrow')
    expect((await now())?.state).toBe('paying')
  })

  test('wrong chain: switched, or added where the wallet does not know it, else said', async () => {
    const used = await wallet(1)
    await page.goto(url)
    await connect()
    await says('Your wallet does not know Base Sepolia (chain 84532).')
    await takeShot(page, 'pay-wrong-chain')
    expect(count(used, 'wallet_addEthereumChain')).toBe(0)
    used.known.add(CHAIN)
    await payButton().click()
    await says('on its way into escrow')
    expect(used.chainId).toBe(CHAIN)

    const second = await shop.ordered()
    const other = await browser.newPage()
    const adding = await installWallet(other, { account: payer, chainId: 1 })
    await other.goto(await serve(shop, second, 'https://rpc.test'))
    await other.getByRole('button', { name: 'Connect Test Wallet' }).click()
    await expect.poll(() => adding.chainId).toBe(CHAIN)
    expect(adding.calls).toContain('wallet_addEthereumChain')
    await other.close()
  })

  test('expired: the countdown ends it in the page, and the server does too', async () => {
    await wallet()
    await page.goto(url)
    await clock.tick(15 * 60_000)
    await pressTwice()
    await says('This quote has run out.')
    expect(await payButton().isVisible()).toBe(false)
    await page.reload()
    await says('This quote has run out.')
    await takeShot(page, 'pay-expired')

    clock = createManualClock(Date.now())
    shop = await createTestShop({ clock })
    job = await shop.ordered()
    await page.clock.install()
    await page.goto(await serve(shop, job))
    await payButton().waitFor()
    expect(await page.locator('#countdown').textContent()).toMatch(/1[45]\smin \d+\ss left/)
    await page.clock.runFor(15 * 60_000 + 2000)
    await says('This quote has run out.')
    expect(await payButton().isVisible()).toBe(false)
  })

  test('double click: acts once', async () => {
    const used = await wallet()
    const posts: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'POST') posts.push(new URL(request.url()).pathname.split('/').at(-1) ?? '')
    })
    await page.goto(url)
    await page.getByRole('button', { name: 'Connect Test Wallet' }).dblclick()
    await expect.poll(() => page.locator('#wallets').textContent()).toContain('Connected')
    const held = Promise.withResolvers<void>()
    used.holdSigning = held.promise
    await payButton().dblclick()
    await says('Look at your wallet and compare')
    await page.locator('#pay').evaluate((form: HTMLFormElement) => form.requestSubmit())
    await takeShot(page, 'pay-waiting-for-wallet')
    held.resolve()
    await says('on its way into escrow')
    expect(count(used, 'eth_signTypedData_v4')).toBe(1)
    expect(posts).toEqual(['terms', 'authorization'])
  })

  test('already paid: a page opened before is refused, one opened after has no form', async () => {
    await wallet()
    await page.goto(url)
    const early = await browser.newPage()
    await installWallet(early, { account: privateKeyToAccount(`0x${'a2'.repeat(32)}`), chainId: CHAIN })
    await early.goto(url)
    await pressTwice()
    await says('on its way into escrow')

    await pressTwice(early)
    await early.locator('#status').getByText('no second payment is taken').waitFor()
    await early.reload()
    await early.locator('#status').getByText('on its way into escrow').waitFor()
    expect(await early.locator('form').count()).toBe(0)
    expect((await now())?.authorization?.from).toBe(payer.address)
    await early.close()
  })

  test('handed back by the escrow: the reason stands, and it can be signed again', async () => {
    await wallet()
    await page.goto(url)
    await pressTwice()
    await says('on its way into escrow')
    const trouble = {
      code: 'payment-refused',
      text: 'the payment was refused: the wallet holds too little USDC. No money moved.',
    }
    await shop.change(job.ref, (paying) => transition(paying, 'decline', { authorization: undefined, trouble }))
    await says('The payment was refused: the wallet holds too little USDC.')
    await takeShot(page, 'pay-handed-back')
    await pressTwice()
    await says('on its way into escrow')
    expect((await now())?.state).toBe('paying')
  })

  test('a wrong refund address is said beside its field', async () => {
    await wallet()
    await page.goto(url)
    await page.getByLabel('Refund address').fill('0x123')
    await payButton().click()
    await page.locator('#refundTo-error').getByText('This is no address on this chain').waitFor()
    await takeShot(page, 'pay-bad-address')
    expect(await page.getByLabel('Refund address').getAttribute('aria-invalid')).not.toBeNull()
    await page.getByLabel('Refund address').fill(payer.address.toLowerCase())
    await payButton().click()
    await says('on its way into escrow')
    expect((await now())?.terms?.refundTo).toBe(payer.address)
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
    await pressTwice(old)
    await old.locator('#status').getByText('on its way into escrow').waitFor()
    await old.close()
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
    expect((await now())?.state).toBe('signed')
    await context.close()
  })
})
