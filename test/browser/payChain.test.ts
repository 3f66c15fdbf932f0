// The pay page in real Chromium over a real chain: relayed, with one's own gas, by a contract wallet, with too little.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { utcDay } from '../../core/jobs/relayDay.ts'
import { deployContractWallet } from '../world/chain/contractWallet.ts'
import { people } from '../world/startEscrowChain.ts'
import { faultsOf } from './axeFaults.ts'
import { type BrowserWallet, installWallet, type WalletSetup } from './browserWallet.ts'
import { launchChromium, noBrowser, takeShot, watchComplaints } from './chromium.ts'
import { CONFIRMATIONS, createPayBed, type PayBed } from './payBed.ts'

const OWN_GAS = 'Pay 8.00 USDC with your own gas'
const payer = people.payer
const isApproval = (data: string) => data.startsWith('0x095ea7b3')

describe.skipIf(noBrowser)('the pay page over a real chain', () => {
  let browser: Browser
  let bed: PayBed
  let page: Page

  beforeAll(async () => {
    browser = await launchChromium()
    bed = await createPayBed()
  })
  afterAll(async () => {
    await browser?.close()
    await bed?.stop()
  })
  beforeEach(async () => {
    bed.relay.isDown = false
    page = await browser.newPage({ viewport: { width: 390, height: 844 } })
    page.setDefaultTimeout(20_000)
    return async () => {
      expect(await faultsOf(page)).toEqual([])
      await page.close()
    }
  })

  const install = (more: Partial<WalletSetup> = {}) =>
    installWallet(page, { account: payer, chainId: bed.at.chainId, chain: bed.chain, ...more })
  const says = (text: string) => page.locator('#status').getByText(text).waitFor()
  const step = (text: string) => page.locator('#progress li', { hasText: text })
  const count = (wallet: BrowserWallet, method: string) => wallet.calls.filter((call) => call === method).length
  const button = (name: string) => page.getByRole('button', { name })
  async function connected(): Promise<void> {
    await button('Connect Test Wallet').click()
    await page.locator('#wallets').getByText('Connected').waitFor()
  }
  async function spendBudget(spentWei: bigint): Promise<void> {
    const { relayDays, clock } = bed.shop.context
    const day = utcDay(clock.now())
    const doc = (await relayDays.get(day)) ?? (await relayDays.insert(day, { spentWei }))
    if (doc) await relayDays.put(doc, { spentWei })
  }
  /** The block of the payment is buried by others. */
  async function confirm(): Promise<void> {
    await step(`1 of ${CONFIRMATIONS} confirmations`).waitFor()
    await bed.mine()
    await step(`2 of ${CONFIRMATIONS} confirmations`).waitFor()
    await bed.mine()
    await says('8.00 USDC are in escrow.')
  }

  test('one signature: signed, relayed, in escrow, each seen with its transaction', async () => {
    const complaints = watchComplaints(page)
    await bed.chain.usdc.mint(payer.address, 8_000_000n)
    const before = await bed.usdcOf(payer.address)
    const job = await bed.shop.ordered()
    const wallet = await install()
    bed.relay.isDown = true
    await page.goto(bed.urlOf(job))
    await connected()
    await button('Sign and pay 8.00 USDC').click()
    await says('on its way into escrow')
    expect(await step('Sent to the chain by our relay').getAttribute('class')).toBe('working')
    await takeShot(page, 'pay-signed')
    bed.relay.isDown = false
    await step(`1 of ${CONFIRMATIONS} confirmations`).waitFor()
    expect(await page.getByRole('link', { name: 'Transaction' }).getAttribute('href')).toMatch(
      /^https:\/\/explorer.test\/tx\/0x[0-9a-f]{64}$/,
    )
    await takeShot(page, 'pay-confirming')
    await confirm()
    expect(await step('In escrow').count()).toBe(0)
    await takeShot(page, 'pay-in-escrow')
    expect(await bed.jobOf(job.ref)).toMatchObject({ funded: { payout: people.provider.address } })
    expect(await page.locator('main').textContent()).toContain(`the seller directly, at ${people.provider.address}`)
    expect(await bed.usdcOf(payer.address)).toBe(before - 8_000_000n)
    expect([count(wallet, 'eth_signTypedData_v4'), count(wallet, 'eth_sendTransaction')]).toEqual([1, 0])
    expect(complaints).toEqual([])
  })

  test('the relay’s gas is spent: approve and fund by the wallet itself, also after a reload half-way', async () => {
    await bed.chain.usdc.mint(payer.address, 8_000_000n)
    const job = await bed.shop.ordered()
    const wallet = await install()
    await spendBudget(bed.shop.context.policy.relayDailyGasWei)
    await page.goto(bed.urlOf(job))
    await says('The gas that we pay for others is used up')
    await connected()
    await takeShot(page, 'pay-relay-spent')
    const main = page.locator('#submit')
    expect(await main.textContent()).toBe(OWN_GAS)
    wallet.says = 'no to sending'
    await main.click()
    await says('You said no in the wallet. Nothing was sent and no USDC moved.')
    wallet.says = 'yes'
    wallet.onSend = async () => {
      wallet.chainId = 1
      return 'yes'
    }
    await main.click()
    await says('The wallet answered: Provided chainId must match')

    // After the approval is mined the person closes the second request, and the page is loaded anew.
    wallet.onSend = async (data) => (isApproval(data) ? 'yes' : 'no')
    await main.click()
    await says('You said no in the wallet.')
    expect(count(wallet, 'eth_sendTransaction')).toBe(4)
    expect((await bed.jobOf(job.ref))?.state).toBe('signed')
    await page.reload()
    await connected()
    delete wallet.onSend
    await page.locator('#submit').click()
    await step(`1 of ${CONFIRMATIONS} confirmations`).waitFor()
    // One more transaction and not two: the allowance was there.
    expect(count(wallet, 'eth_sendTransaction')).toBe(5)
    expect((await bed.jobOf(job.ref))?.state).toBe('signed')
    await takeShot(page, 'pay-direct-confirming')
    await confirm()
    expect(await bed.jobOf(job.ref)).toMatchObject({ state: 'funded', funded: { payer: payer.address } })
    expect(count(wallet, 'eth_signTypedData_v4')).toBe(0)
    await spendBudget(0n)
  })

  test('a page left open follows what its tab had sent, and another tab sees it too', async () => {
    await bed.chain.usdc.mint(payer.address, 8_000_000n)
    const job = await bed.shop.ordered()
    await install()
    await page.goto(bed.urlOf(job))
    await page.getByText('Pay with your own gas').first().click()
    await connected()
    await takeShot(page, 'pay-direct')
    const other = await browser.newPage()
    await other.goto(bed.urlOf(job))
    await button(OWN_GAS).click()
    await step(`1 of ${CONFIRMATIONS} confirmations`).waitFor()
    await page.reload()
    await step(`1 of ${CONFIRMATIONS} confirmations`).waitFor()
    expect(await page.locator('form').count()).toBe(0)
    await other.locator('#status').getByText('on its way into escrow').waitFor()
    await confirm()
    await other.locator('#status').getByText('8.00 USDC are in escrow.').waitFor()
    await other.close()
  })

  test('the relay does not come: the wallet may send it, and only one of the two counts', async () => {
    await bed.chain.usdc.mint(payer.address, 16_000_000n)
    const before = await bed.usdcOf(payer.address)
    const job = await bed.shop.ordered()
    await install()
    bed.relay.isDown = true
    await page.goto(bed.urlOf(job))
    await connected()
    await button('Sign and pay 8.00 USDC').click()
    await says('on its way into escrow')
    const { shop } = bed
    await shop.change(job.ref, (now) =>
      now.authorization
        ? { ...now, authorization: { ...now.authorization, receivedAtMs: now.authorization.receivedAtMs - 60_000 } }
        : undefined,
    )
    await says('It takes longer than usual')
    await button(OWN_GAS).click()
    await page.locator('#status').getByText('Connected').or(step('confirmations')).first().waitFor()
    await step(`1 of ${CONFIRMATIONS} confirmations`).waitFor()
    bed.relay.isDown = false
    await confirm()
    expect(await bed.usdcOf(payer.address)).toBe(before - 8_000_000n)
    expect((await bed.jobOf(job.ref))?.state).toBe('funded')
  })

  test('too little USDC: how much is missing is said before anything is signed or sent', async () => {
    const poor = people.stranger
    await bed.chain.usdc.mint(poor.address, 1_250_000n)
    const job = await bed.shop.ordered()
    const wallet = await install({ account: poor })
    await page.goto(bed.urlOf(job))
    await connected()
    for (const way of ['Sign and pay 8.00 USDC', OWN_GAS]) {
      if (way === OWN_GAS) await page.getByText('Pay with your own gas').first().click()
      await button(way).click()
      await says('holds 1.25 USDC on Base Sepolia; 6.75 USDC are missing. Nothing was signed and no money moved.')
    }
    await takeShot(page, 'pay-low-balance')
    expect(wallet.calls.filter((call) => /sign|send/.test(call))).toEqual([])
  })

  test('a contract wallet signs by its owner (ERC-1271), and the relay pays its gas', async () => {
    const address = await deployContractWallet({ ...bed.chain.anvil, deployer: people.issuer, owner: payer.address })
    await bed.chain.usdc.mint(address, 9_000_000n)
    const job = await bed.shop.ordered()
    await install({ address })
    await page.goto(bed.urlOf(job))
    await connected()
    await button('Sign and pay 8.00 USDC').click()
    await confirm()
    expect(await bed.usdcOf(address)).toBe(1_000_000n)
    expect((await bed.jobOf(job.ref))?.funded?.payer).toBe(address)
  })

  test('a wallet that never answers what it is asked of the chain: said in time, and pressed again it only pays', async () => {
    await bed.chain.usdc.mint(payer.address, 8_000_000n)
    const job = await bed.shop.ordered()
    const wallet = await install()
    for (const method of ['eth_call', 'eth_getTransactionReceipt']) wallet.silent.add(method)
    const sent: string[] = []
    wallet.onSend = async (data) => {
      sent.push(isApproval(data) ? 'approve' : 'fund')
      return 'yes'
    }
    await page.clock.install()
    await page.goto(bed.urlOf(job))
    await page.getByText('Pay with your own gas').first().click()
    await connected()
    await button(OWN_GAS).click()
    // What is said only until the next word counts as well.
    await page.locator('#status').evaluate((status) => {
      const said = [status.textContent ?? '']
      Object.assign(globalThis, { said })
      const changes = { childList: true, subtree: true, characterData: true }
      new MutationObserver(() => void said.push(status.textContent ?? '')).observe(status, changes)
    })
    async function waitInPage(text: string): Promise<void> {
      const shown = async () => {
        await page.clock.fastForward(10_000)
        return page.evaluate(() => (globalThis as unknown as { said: string[] }).said.join('\n'))
      }
      await expect.poll(shown, { timeout: 30_000, interval: 200 }).toContain(text)
    }
    await waitInPage('This page does not see that your approval of 8.00 USDC is on the chain. Nothing is paid yet.')
    expect(sent).toEqual(['approve'])
    await takeShot(page, 'pay-approval-unseen')
    await button(OWN_GAS).click()
    await waitInPage('Your transaction was sent')
    expect(sent).toEqual(['approve', 'fund'])
    await confirm()
  })

  test('a transaction that the escrow refuses is told as that', async () => {
    await bed.chain.usdc.mint(payer.address, 8_000_000n)
    const before = await bed.usdcOf(payer.address)
    const job = await bed.shop.ordered()
    const wallet = await install()
    // Circle stops USDC between the two transactions.
    const { usdc } = bed.chain
    wallet.onSend = async (data) => {
      if (!isApproval(data)) await usdc.pause()
      return 'yes'
    }
    await page.goto(bed.urlOf(job))
    await page.getByText('Pay with your own gas').first().click()
    await connected()
    await button(OWN_GAS).click()
    await says('The escrow refused your transaction')
    await takeShot(page, 'pay-direct-refused')
    await usdc.unpause()
    expect(await bed.usdcOf(payer.address)).toBe(before)
    expect((await bed.jobOf(job.ref))?.state).toBe('signed')
  })
})
