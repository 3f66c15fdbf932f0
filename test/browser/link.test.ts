// The link page in real Chromium, with a wallet as extensions are: code, one signature, and every refusal in words.
import type { Browser, Page } from 'playwright-core'
import type { LocalAccount } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { serveWeb } from '../../bots/web/serveWeb.ts'
import { createTestShop, type TestShop } from '../../bots/web/testShop.ts'
import { testWeb } from '../../bots/web/testWeb.ts'
import { createManualClock } from '../../core/clock.ts'
import { otherPayer, payer } from '../../core/jobs/testJobs.ts'
import type { HttpService } from '../../core/serveHttp.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { createTestWallets } from '../../core/supply/testWallets.ts'
import { LINK_MS } from '../../core/supply/walletLink.ts'
import { installWallet } from './browserWallet.ts'
import { launchChromium, noBrowser, takeShot, watchComplaints } from './chromium.ts'

const CHAIN = 84_532
const nia = { platform: 'telegram', userId: '5200774402', label: 'Nia' }
const old = privateKeyToAccount(`0x${'a5'.repeat(32)}`)

describe.skipIf(noBrowser)('the link page', () => {
  let browser: Browser
  let page: Page
  let complaints: string[]
  let shop: TestShop
  let clock: ReturnType<typeof createManualClock>
  let wallets: ReturnType<typeof createTestWallets>
  let service: HttpService

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
    wallets = createTestWallets(shop.context)
    service = await serveWeb({ app: await testWeb(shop), port: 0 })
  })
  afterEach(async () => {
    await page.close()
    await service.stop()
  })

  const wallet = (account: LocalAccount = payer, at = page, name?: string) =>
    installWallet(at, { account, chainId: CHAIN, ...(name && { name }) })
  const open = (id: string, at = page) => at.goto(`${service.url}/link/${id}`)
  const type = (code: string) => page.getByLabel('Code from the chat').fill(code)
  const sign = () => page.getByRole('button', { name: 'Sign with your wallet' }).click()
  const says = (text: string) => page.locator('#status').getByText(text).waitFor()
  const linked = async () => (await wallets.linkOf(nia))?.wallet?.address

  test('code and one signature link the wallet; opened again it says so', async () => {
    const used = await wallet()
    const { id, request } = await wallets.asks(nia)
    await open(id)
    await page.getByText('5200774402').waitFor()
    await takeShot(page, 'link-open')
    await type(`${request.code.slice(0, 3)} ${request.code.slice(3)}`)
    await sign()
    await says(`Linked: ${payer.address} is paid from now on`)
    await takeShot(page, 'link-linked')
    expect(await linked()).toBe(payer.address)
    expect(used.calls).toEqual(['eth_requestAccounts', 'personal_sign'])
    await page.reload()
    await page.getByRole('heading', { name: 'Wallet linked' }).waitFor()
    await takeShot(page, 'link-used')
    expect(complaints).toEqual([])
  })

  test('a wrong code is said beside its field, with the tries left; after five the form is gone', async () => {
    await wallet()
    const { id, request } = await wallets.asks(nia)
    const wrong = String((Number(request.code) + 1) % 1_000_000).padStart(6, '0')
    await open(id)
    await type('12')
    await sign()
    await page.getByText('Type the six digits').waitFor()
    for (const left of ['4 tries are left', '3 tries are left', '2 tries are left', '1 try is left', 'void now']) {
      await type(wrong)
      await sign()
      await page.locator('#code-error').getByText(left).waitFor()
      if (left.startsWith('4')) await takeShot(page, 'link-wrong-code')
    }
    await type(request.code)
    await sign()
    await says('typed wrong five times')
    expect(await page.locator('form').isVisible()).toBe(false)
    expect(await linked()).toBeUndefined()
  })

  test('rejected in the wallet, and the wrong account: said, and the next try links', async () => {
    const used = await wallet(otherPayer)
    const { id, request } = await wallets.asks(nia, { expected: otherPayer.address })
    const [other] = [await browser.newPage({ viewport: { width: 390, height: 844 } })]
    await wallet(payer, other)
    await open(id, other)
    await other.getByLabel('Code from the chat').fill(request.code)
    await other.getByRole('button', { name: 'Sign with your wallet' }).click()
    await other.locator('#status').getByText(`Your listing names another wallet: ${otherPayer.address}`).waitFor()
    await takeShot(other, 'link-wrong-account')
    await other.close()

    await open(id)
    await type(request.code)
    for (const no of ['no', 'no to signing'] as const) {
      used.says = no
      await sign()
      await says('You said no in the wallet. Nothing was linked.')
    }
    await takeShot(page, 'link-rejected')
    used.says = 'yes'
    await sign()
    await says('is paid from now on')
    expect(await linked()).toBe(otherPayer.address)
  })

  test('expired while it was open, and when it is opened late', async () => {
    await wallet()
    const { id, request } = await wallets.asks(nia)
    await open(id)
    await type(request.code)
    await clock.tick(LINK_MS)
    await sign()
    await says('This link has expired')
    await page.reload()
    await page.getByText('This link has expired').waitFor()
    await takeShot(page, 'link-expired')
  })

  test('a change waits; the old wallet skips the wait on the same page', async () => {
    await updateDocument({
      collection: shop.context.listings,
      id: shop.listing.id,
      change: (listing) => ({ ...listing, payout: old.address }),
    })
    await wallets.links(old)
    await clock.tick(1_000)
    await wallet(payer, page, 'New Wallet')
    await wallet(old, page, 'Old Wallet')
    const { id, request } = await wallets.asks()
    await open(id)
    await type(request.code)
    await page.getByRole('button', { name: 'Sign with New Wallet' }).click()
    await page.getByRole('heading', { name: 'Skip the wait' }).waitFor()
    await takeShot(page, 'link-change-waits')
    await page.getByRole('button', { name: 'Sign with New Wallet' }).click()
    await says('Only the wallet that is paid now can agree')
    await page.getByRole('button', { name: 'Sign with Old Wallet' }).click()
    await says('Agreed: the change is being written to the chain.')
    await takeShot(page, 'link-agreed')
    expect((await wallets.linkOf())?.change).toMatchObject({ state: 'agreed', to: payer.address })
    expect(complaints.filter((text) => !text.includes('403'))).toEqual([])
  })

  test('double click: one signature', async () => {
    const used = await wallet()
    const { id, request } = await wallets.asks(nia)
    await open(id)
    await type(request.code)
    const held = Promise.withResolvers<void>()
    used.holdSigning = held.promise
    await page.getByRole('button', { name: 'Sign with your wallet' }).dblclick()
    await says('Look at your wallet and compare')
    await takeShot(page, 'link-waiting-for-wallet')
    held.resolve()
    await says('is paid from now on')
    expect(used.calls.filter((call) => call === 'personal_sign')).toHaveLength(1)
  })

  test('without a wallet, and without scripts, it says what is needed; nothing scrolls sideways', async () => {
    const { id } = await wallets.asks(nia)
    await open(id)
    await page.getByText('No wallet was found in this browser.').waitFor()
    await takeShot(page, 'link-no-wallet')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } })
    const bare = await context.newPage()
    await open(id, bare)
    await bare.locator('noscript p').waitFor()
    expect(await bare.locator('form').isVisible()).toBe(false)
    await takeShot(bare, 'link-no-script')
    await context.close()
  })
})
