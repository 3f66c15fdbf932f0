// The job page opens results in the browser with a key that never leaves it; verify and audit read well.
import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { resultUrl } from '../../bots/commands/logsCommand.ts'
import { serveWeb } from '../../bots/web/serveWeb.ts'
import { type Finished, finishJob, startRun } from '../../bots/web/testFinishedJob.ts'
import { createTestShop, type TestShop } from '../../bots/web/testShop.ts'
import { testWeb } from '../../bots/web/testWeb.ts'
import { objectBlob } from '../../core/jobs/upload.ts'
import type { HttpService } from '../../core/serveHttp.ts'
import { launchChromium, noBrowser, takeShot, watchComplaints } from './chromium.ts'

const LOG = 'epoch 1 loss 0.5\n<b>not bold</b>\nepoch 2 loss 0.25\n'
const OUTPUT = new TextEncoder().encode('a tar, for all the page knows')

describe.skipIf(noBrowser)('the pages behind links', () => {
  let browser: Browser
  let page: Page
  let complaints: string[]
  let shop: TestShop
  let service: HttpService
  let done: Finished

  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 390, height: 844 } })
    page.setDefaultTimeout(20_000)
    complaints = watchComplaints(page)
    shop = await createTestShop()
    service = await serveWeb({ app: await testWeb(shop), port: 0 })
    const teamId = 'telegram:-100'
    done = await finishJob(shop, await shop.ordered({ teamId }), { log: LOG, output: OUTPUT })
  })
  afterEach(async () => {
    await page.close()
    await service.stop()
  })

  test('OUTPUT-01 the link’s key opens log and output here, and is never sent', async () => {
    const asked: string[] = []
    page.on('request', (request) =>
      asked.push(`${request.url()} ${request.postData() ?? ''} ${JSON.stringify(request.headers())}`),
    )
    await page.goto(resultUrl(service.url, done.job, done.key))
    await page.getByText('the key is not sent anywhere').waitFor()
    await expect.poll(() => page.getByLabel('Log', { exact: true }).textContent()).toBe(LOG)
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Save the output' }).click(),
    ])
    expect(file.suggestedFilename()).toBe(`${done.job.ref}-output.tar`)
    expect(new Uint8Array(await readFile(await file.path()))).toEqual(OUTPUT)
    await takeShot(page, 'job-opened')
    expect(asked.filter((request) => request.includes(done.key.slice(2)))).toEqual([])
    expect(asked.length).toBeGreaterThan(3)
    expect(complaints).toEqual([])
  })

  test('the log of a running job grows on the page for who has the key, up to its end and its files', async () => {
    const { job, key, print, ends, step } = await startRun(shop, await shop.ordered())
    const say = (text: string) => print(new TextEncoder().encode(text))
    const asked: string[] = []
    page.on('request', (request) => asked.push(`${request.url()} ${JSON.stringify(request.headers())}`))
    await page.goto(`${service.url}/job/${job.linkToken}`)
    await page.getByText('we show it to nobody without the key').waitFor()
    await takeShot(page, 'job-running-without-key')
    await page.goto('about:blank')
    await page.goto(resultUrl(service.url, job, key))
    await page.getByText('Waiting for its first line').waitFor()
    await takeShot(page, 'job-waiting-for-first-line')
    const log = page.getByLabel('Live log')
    await say('epoch 1 \u001B[32mloss 0.5\u001B[0m\n<b>not bold</b>\n')
    await expect.poll(() => log.textContent(), { timeout: 15_000 }).toBe('epoch 1 loss 0.5\n<b>not bold</b>\n')
    await say(Array.from({ length: 200 }, (_, n) => `step ${n}\n`).join(''))
    await expect.poll(() => log.textContent(), { timeout: 15_000 }).toContain('step 199')
    const fromEnd = () => log.evaluate((pre) => pre.scrollHeight - pre.scrollTop - pre.clientHeight)
    expect(await fromEnd()).toBeLessThan(40)
    await takeShot(page, 'job-live')

    // Who scrolls up to read stays there.
    await log.evaluate((pre) => pre.scrollTo(0, 0))
    await page.getByRole('button', { name: 'Follow the end' }).waitFor()
    await say('more\n')
    await expect.poll(() => log.textContent(), { timeout: 15_000 }).toContain('more')
    expect(await log.evaluate((pre) => pre.scrollTop)).toBe(0)
    await page.getByRole('button', { name: 'Follow the end' }).click()
    await expect.poll(fromEnd).toBeLessThan(40)
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Save the log' }).click(),
    ])
    const whole = await readFile(await saved.path(), 'utf8')
    // As it came, colours and all.
    expect([whole.startsWith('epoch 1 \u001B[32mloss'), whole.endsWith('more\n')]).toEqual([true, true])

    await ends(OUTPUT)
    await page.getByRole('link', { name: 'Save the output' }).waitFor()
    await expect.poll(() => page.getByLabel('Log', { exact: true }).textContent()).toContain('step 199')
    const settled = { paidMicroUsd: 3_900_000n, feeMicroUsd: 100_000n, refundedMicroUsd: 4_000_000n }
    await step('settled', { settled: { atMs: 1, txHash: `0x${'f3'.repeat(32)}`, ...settled } })
    await page.locator('#job-state').getByText('4.00 USDC').first().waitFor()
    expect(asked.filter((request) => request.includes(key.slice(2)))).toEqual([])
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([])
  })

  test('a wrong key opens no live log, and a server that is gone is waited for', async () => {
    const { job, key, print } = await startRun(shop, await shop.ordered())
    await print(new TextEncoder().encode('secret\n'))
    await page.goto(`${service.url}/job/${job.linkToken}#key=${'0'.repeat(64)}`)
    await page.getByText('This key does not open this log.').waitFor()
    await page.goto('about:blank')
    await page.route('**/tail**', (route) => route.abort())
    await page.goto(resultUrl(service.url, job, key))
    await page.getByText('No connection just now').waitFor()
    await takeShot(page, 'job-no-connection')
    await page.unroute('**/tail**')
    await expect.poll(() => page.getByLabel('Live log').textContent(), { timeout: 15_000 }).toBe('secret\n')
  })

  test('nobody asks while nobody looks', async () => {
    const { job, key, print } = await startRun(shop, await shop.ordered())
    let asked = 0
    page.on('request', (request) => {
      if (/tail|status/.test(request.url())) asked += 1
    })
    await page.addInitScript(() => {
      Object.defineProperty(document, 'hidden', { get: () => (window as { isHidden?: boolean }).isHidden === true })
    })
    await page.clock.install()
    await page.goto(resultUrl(service.url, job, key))
    await page.getByText('Waiting for its first line').waitFor()
    await page.evaluate(() => Object.assign(window, { isHidden: true }))
    await page.clock.runFor(10_000)
    const before = asked
    await page.clock.runFor(600_000)
    expect(asked).toBe(before)
    await print(new TextEncoder().encode('back\n'))
    await page.evaluate(() => {
      Object.assign(window, { isHidden: false })
      document.dispatchEvent(new Event('visibilitychange'))
    })
    await expect.poll(() => page.getByLabel('Live log').textContent(), { timeout: 15_000 }).toBe('back\n')
  })

  test('without the key it says what is needed; a wrong key or a lost copy is said', async () => {
    const bare = `${service.url}/job/${done.job.linkToken}`
    await page.goto(bare)
    await page.getByText('The key stands behind the #').waitFor()
    await takeShot(page, 'job-without-key')
    await page.goto(`${bare}#key=${'0'.repeat(64)}`)
    await page.locator('#log').getByText('This key does not open this file').waitFor()
    await shop.context.blobs.remove(objectBlob(done.job.evidence?.log?.root ?? '0x'))
    await page.goto('about:blank')
    await page.goto(resultUrl(service.url, done.job, done.key))
    await page.locator('#log').getByText('Our own copy is not to be had now').waitFor()
    await page.getByRole('link', { name: 'Save the output' }).waitFor()
  })

  test('OUTPUT-01: it says whether the seller signed for what is shown', async () => {
    const { job, key } = await finishJob(shop, await shop.ordered(), { log: LOG, output: OUTPUT })
    await page.goto(resultUrl(service.url, job, key))
    await page.locator('#log').getByText('the seller signed for exactly these bytes').waitFor()
    await page.locator('#output').getByText('the seller signed for exactly these bytes').waitFor()
    // What is sent must be what 0G addresses, before the key is tried.
    await page.route('**/log.enc', (route) => route.fulfill({ body: 'other bytes' }))
    await page.reload()
    await page.locator('#log').getByText('is not what lies on 0G under this root').waitFor()
    await page.unroute('**/log.enc')
    // The same receipt under another runner's name.
    await shop.change(job.ref, (now) => now.run && { ...now, run: { ...now.run, runner: now.funded?.payer ?? '0x' } })
    await page.goto('about:blank')
    await page.goto(resultUrl(service.url, job, key))
    await page.locator('#log').getByText('not the bytes that the seller signed for').waitFor()
  })

  test('OUTPUT-01: a log and an output of many pages are joined and saved whole', async () => {
    const line = 'step 1 of many, and so on and so forth\n'
    const log = line.repeat(Math.ceil(600_000 / line.length))
    const { job, key } = await finishJob(shop, await shop.ordered(), { log, output: new Uint8Array(300_000).fill(7) })
    const files = await shop.context.uploads.list({ index: 'ref', key: job.ref })
    const objects = files.flatMap((file) => file.value.objects)
    const sizes = await Promise.all(
      objects.map(async ({ root }) => (await shop.context.blobs.get(objectBlob(root)))?.length ?? 0),
    )
    expect(Math.max(...sizes)).toBe(256 * 1024)
    expect(files.map((file) => file.value.objects.length).toSorted()).toEqual([1, 1, 3, 4])
    await page.goto(resultUrl(service.url, job, key))
    await page.getByRole('link', { name: 'The manifest of its 3 encrypted pages on 0G' }).waitFor()
    await page.locator('#log').getByText('the seller signed for exactly these bytes').waitFor()
    await page.locator('#output').getByText('the seller signed for exactly these bytes').waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Save the log' }).click(),
    ])
    expect((await readFile(await download.path())).equals(Buffer.from(log))).toBe(true)
  })

  test('it follows the job, and keeps the key while it does', async () => {
    const waiting = await shop.ordered()
    await page.goto(`${service.url}/job/${waiting.linkToken}#key=${'1'.repeat(64)}`)
    await page.getByText('when the job has ended').waitFor()
    await takeShot(page, 'job-waiting')
    const end = await finishJob(shop, waiting, { log: LOG, output: OUTPUT })
    await page.getByText('This key does not open this file').first().waitFor()
    await page.goto(resultUrl(service.url, end.job, end.key))
    await expect.poll(() => page.getByLabel('Log', { exact: true }).textContent()).toBe(LOG)
  })

  test('verify and audit stand without complaint, on a phone and on a desk, light and dark', async () => {
    const team = {
      id: 'telegram:-100',
      title: 'ML group',
      place: {},
      roles: {},
      defaultMode: 'tracked',
      createdAtMs: 0,
    } as const
    await shop.context.teams.insert(team.id, { ...team, auditToken: 'audit-link' })
    await finishJob(shop, await shop.ordered({ teamId: team.id, mode: 'untracked' }), { log: LOG, output: OUTPUT })
    await shop.ordered({ teamId: team.id, label: 'Bea', userId: '8' })
    // 0G has not the record yet: the page reads our copy, and nobody complains.
    await page.route('http://gateway.test/**', (route) =>
      route.fulfill({
        json: { code: 101, message: 'File not found', data: null },
        headers: { 'access-control-allow-origin': '*' },
      }),
    )
    for (const [name, width, colorScheme] of [
      ['phone', 390, 'light'],
      ['desk-dark', 1280, 'dark'],
    ] as const) {
      await page.setViewportSize({ width, height: 900 })
      await page.emulateMedia({ colorScheme })
      for (const [kind, path] of [
        ['verify', `/verify/${done.job.ref}`],
        ['audit', '/audit/audit-link'],
        ['job', `/job/${done.job.linkToken}`],
        ['gone', '/pay/nothing'],
      ] as const) {
        await page.goto(`${service.url}${path}`)
        await takeShot(page, `${kind}-${name}`)
        // Only tables may scroll sideways, and they do so by themselves.
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
      }
    }
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([])
  })
})
