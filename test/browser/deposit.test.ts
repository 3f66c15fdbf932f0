// A paid job's deposit in real Chromium over a real chain: sent back or stopped by a wallet, with and without Necto.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { computeRouterAbi } from '../../contracts/abi/ComputeRouter.ts'
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import type { Job } from '../../core/jobs/job.ts'
import { people } from '../world/startEscrowChain.ts'
import { faultsOf } from './axeFaults.ts'
import { installWallet, type WalletSetup } from './browserWallet.ts'
import { launchChromium, noBrowser, takeShot, watchComplaints } from './chromium.ts'
import { createPayBed, type PayBed } from './payBed.ts'

const { payer, stranger } = people
const START_SECONDS = 2700
const JOB_SECONDS = 4 * 3600
const GRACE_SECONDS = 72 * 3600

describe.skipIf(noBrowser)('the deposit of a paid job', () => {
  let browser: Browser
  let bed: PayBed
  let page: Page
  let complaints: string[]

  beforeAll(async () => {
    browser = await launchChromium()
    bed = await createPayBed()
  })
  afterAll(async () => {
    await browser?.close()
    await bed?.stop()
  })
  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 360, height: 780 } })
    page.setDefaultTimeout(20_000)
    complaints = watchComplaints(page)
    return async () => {
      expect(await faultsOf(page)).toEqual([])
      await page.close()
    }
  })

  const install = (more: Partial<WalletSetup> = {}) =>
    installWallet(page, { account: payer, chainId: bed.at.chainId, chain: bed.chain, ...more })
  const says = (text: string) => page.locator('#deposit-status').getByText(text).waitFor()
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const open = () => page.getByText('Stop the job, or take the deposit back yourself').click()
  const jobUrl = (job: Job) => `${bed.web.url}/job/${job.linkToken}`
  const idOf = (job: Job) => job.jobId ?? '0x'
  const held = () => bed.usdcOf(payer.address)
  const sent = (wallet: { calls: readonly string[] }) =>
    wallet.calls.filter((method) => method === 'eth_sendTransaction').length
  const start = (job: Job) => bed.agent({ verb: 'start', id: idOf(job) }, 'active', job.ref)
  async function shots(name: string): Promise<void> {
    await takeShot(page, name)
    await page.emulateMedia({ colorScheme: 'dark' })
    await takeShot(page, `${name}-dark`)
    await page.emulateMedia({ colorScheme: 'light' })
  }

  test('never started, and Necto is gone: the page that stands open has a stranger’s wallet send it back to the payer', async () => {
    const before = await held()
    const job = await bed.paid()
    const wallet = await install({ account: stranger })
    await page.clock.install()
    await page.goto(jobUrl(job))
    await open()
    const shown = (await page.locator('#deposit').textContent()) ?? ''
    expect(shown).toContain(`${payer.address}, the refund address, whoever asks for it`)
    const after = await bed.chain.client.readContract({
      address: bed.at.router,
      abi: computeRouterAbi,
      functionName: 'reclaimableAfter',
      args: [idOf(job)],
    })
    expect(await page.locator('#deposit').getAttribute('data-after-ms')).toBe(String(after * 1000n))
    const from = await page.locator('#deposit time').getAttribute('datetime')
    expect(Date.parse(from ?? '')).toBeGreaterThan(Number(after) * 1000)
    expect(await button('Refund now').isVisible()).toBe(false)
    await shots('deposit-held')

    await page.route('**', (route) => route.abort())
    await page.clock.fastForward((START_SECONDS + 60) * 1000)
    await button('Refund now').click()
    await says('Nothing was sent.')
    expect(await page.locator('#deposit-status').textContent()).toContain('The chain’s clock stands at')
    expect(sent(wallet)).toBe(0)

    await bed.pass(START_SECONDS + 60)
    let told: string | null = ''
    wallet.onSend = async () => {
      told = await page.locator('#deposit-status').textContent()
      return 'yes'
    }
    await button('Refund now').click()
    await expect
      .poll(async () => {
        await page.clock.fastForward(2000)
        return page.locator('#deposit-status').textContent()
      })
      .toContain(`Done, by your transaction. The whole deposit, 8.00 USDC, went back to ${payer.address}.`)
    expect(await held()).toBe(before + 8_000_000n)
    expect(sent(wallet)).toBe(1)
    expect(told).toMatch(
      /sends reclaim to .* no ETH or USDC with it. It takes about [6-9]\d,\d{3} gas, 0\.0\d* ETH now/,
    )
    await shots('deposit-back')
  })

  test('the job has begun and nobody ends it: what was not used goes back, and a blocked address is told where it waits', async () => {
    const before = await held()
    const job = await bed.paid()
    await start(job)
    await bed.pass(3600)
    await bed.chain.send(
      people.agent,
      bed.at.router,
      encodeRouterCall({ verb: 'checkpoint', id: idOf(job), usedSeconds: 3600 }),
    )
    await bed.pass(JOB_SECONDS + GRACE_SECONDS - 3590)
    await bed.chain.usdc.blacklist(payer.address)
    await install({ account: stranger })
    await page.goto(bed.urlOf(job))
    await shots('deposit-overdue')
    expect(await button('Stop the job').isVisible()).toBe(false)
    await button('Refund now').click()
    await says('6.00 USDC of 8.00 USDC went back')
    await says(`so 6.00 USDC wait for it in the contract: withdrawFor(${payer.address})`)
    await shots('deposit-credited')
    await bed.chain.usdc.unBlacklist(payer.address)
    await bed.chain.send(stranger, bed.at.router, encodeRouterCall({ verb: 'withdrawFor', account: payer.address }))
    expect(await held()).toBe(before + 6_000_000n)
    expect(complaints).toEqual([])
  })

  test.each(['before the press', 'while the wallet asks'] as const)('Necto is first, %s', async (moment) => {
    const before = await held()
    const job = await bed.paid()
    await bed.pass(START_SECONDS + 1)
    const wallet = await install()
    const cancel = async () => {
      await bed.chain.send(people.agent, bed.at.router, encodeRouterCall({ verb: 'cancel', id: idOf(job) }))
    }
    await page.goto(jobUrl(job))
    if (moment === 'before the press') await cancel()
    wallet.onSend = async () => {
      await cancel()
      return 'yes'
    }
    await button('Refund now').click()
    await says(
      moment === 'before the press'
        ? 'Necto or somebody else was first. Nothing was sent from your wallet'
        : 'your transaction changed nothing and only cost its gas. The whole deposit, 8.00 USDC, went back',
    )
    await shots(moment === 'before the press' ? 'deposit-first' : 'deposit-raced')
    expect(sent(wallet)).toBe(moment === 'before the press' ? 0 : 1)
    // Also once the server knows: the section that says it stays.
    await bed.mine(5)
    await page.locator('#job-state').getByText('went back').waitFor()
    await says('first')
    expect(await held()).toBe(before + 8_000_000n)
  })

  test('only the refund address stops the job; what was sent is found again after a reload, and Necto is told', async () => {
    const job = await bed.paid()
    await start(job)
    const other = await installWallet(page, {
      account: stranger,
      chainId: bed.at.chainId,
      chain: bed.chain,
      name: 'Other Wallet',
    })
    const wallet = await install()
    await page.goto(jobUrl(job))
    await open()
    expect(await page.locator('#deposit').textContent()).toContain('The seconds used until the stop are charged')
    await button('Stop the job').click()
    await button('Use Other Wallet').click()
    await says(`Only the refund address, ${payer.address}, can stop the job; your wallet shows ${stranger.address}.`)
    wallet.says = 'no to sending'
    await button('Stop the job').click()
    await button('Use Test Wallet').click()
    await says('You said no in the wallet. Nothing was sent and no USDC moved.')
    await shots('deposit-stop-refused')
    wallet.says = 'yes'
    let told: string | null = ''
    wallet.onSend = async () => {
      told = await page.locator('#deposit-status').textContent()
      for (const one of [wallet, other]) one.silent.add('eth_getTransactionReceipt')
      return 'yes'
    }
    await button('Stop the job').click()
    await button('Use Test Wallet').click()
    await says('Your transaction was sent')
    await page.reload()
    for (const one of [wallet, other]) one.silent.clear()
    await says('The stop is on the chain.')
    expect(told).toMatch(/It takes about [45]\d,\d{3} gas/)
    expect(await button('Stop the job').isVisible()).toBe(false)
    await shots('deposit-stopped')
    await bed.mine(5)
    await expect.poll(async () => (await bed.jobOf(job.ref))?.stopRequested).toBe(true)
    await page.reload()
    await page.locator('#deposit').getByText('A stop was asked for on chain').waitFor({ state: 'attached' })
    expect([sent(other), sent(wallet)]).toEqual([0, 2])
    expect(complaints).toEqual([])
  })

  test('no wallet, another chain, no money for gas: said before anything is sent', async () => {
    const job = await bed.paid()
    await bed.pass(START_SECONDS + 1)
    const bare = await browser.newPage()
    await bare.goto(jobUrl(job))
    await bare.getByRole('button', { name: 'Refund now' }).click()
    await bare.getByText('No wallet was found in this browser. Nothing was sent.').waitFor()
    expect(await bare.locator('#deposit').textContent()).toContain(encodeRouterCall({ verb: 'reclaim', id: idOf(job) }))
    await bare.close()
    const wallet = await install({ account: stranger, chainId: 1 })
    await page.goto(jobUrl(job))
    await button('Refund now').click()
    await says('Your wallet does not know Base Sepolia (chain 84532). Add it there, then try again. No money moved.')
    wallet.known.add(bed.at.chainId)
    const balance = await bed.chain.client.getBalance(stranger)
    await bed.chain.test.setBalance({ address: stranger.address, value: 1000n })
    await button('Refund now').click()
    await says('this wallet holds 0.000000000000001 ETH on Base Sepolia.')
    await shots('deposit-no-gas')
    await bed.chain.test.setBalance({ address: stranger.address, value: balance })
    expect(sent(wallet)).toBe(0)
    // Its person switches it while it shows the transaction.
    const nonce = await bed.chain.client.getTransactionCount(stranger)
    wallet.onSend = async () => {
      wallet.chainId = 1
      return 'yes'
    }
    await button('Refund now').click()
    await says('The wallet answered: Provided chainId must match')
    expect(await bed.chain.client.getTransactionCount(stranger)).toBe(nonce)
  })
})
