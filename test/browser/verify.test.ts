// The verify page in real Chromium: it recomputes against a real chain and 0G node, and each fraud fails at its step.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { verifierFile } from '../../bots/web/verifierFile.ts'
import type { Job } from '../../core/jobs/job.ts'
import { noFaults } from '../world/zerog/faults.ts'
import { launchChromium, noBrowser, takeShot, watchComplaints } from './chromium.ts'
import { startVerifyBed, type VerifyBed } from './verifyBed.ts'

const BYTE_STEPS = ['bytes', 'length', 'root', 'hash', 'canonical', 'schema', 'replay']
const CHAIN_STEPS = ['job-root', 'job-terms', 'terms-id', 'terms-decision', 'terms-ref', 'terms-mode']
const SELECTION = ['provider', 'price', 'gpus', 'seconds', 'min-seconds', 'fee', 'token', 'expiry']
const ALL_STEPS = [...BYTE_STEPS, ...CHAIN_STEPS, ...SELECTION.map((name) => `terms-${name}`)]

describe.skipIf(noBrowser)('AGENT-04: the verify page recomputes in the browser', () => {
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let complaints: string[]
  let bed: VerifyBed
  let job: Job
  let folder: string
  let servers: (() => Promise<void>)[]

  beforeAll(async () => {
    browser = await launchChromium()
    bed = await startVerifyBed()
    job = await bed.paidJob()
    folder = await mkdtemp(path.join(tmpdir(), 'necto-verify-'))
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await bed?.stop()
    if (folder) await rm(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 360, height: 740 } })
    page = await context.newPage()
    page.setDefaultTimeout(20_000)
    complaints = watchComplaints(page)
    servers = []
  })
  afterEach(async () => {
    Object.assign(bed.storage.node.faults, noFaults)
    await context.close()
    for (const stop of servers) await stop()
  })

  const open = (of: Job = job) => page.goto(`${bed.url}/verify/${of.ref}`)
  const here = () => page.locator('#verify-steps')
  const says = (text: string) => page.locator('#verify-status').getByText(text).waitFor()
  const recomputed = () => says('steps ran in this browser.')
  const readFrom = () => page.locator('#verify-sources').textContent()
  const stepsThat = (look: string) =>
    here()
      .locator('li')
      .filter({ has: page.locator('b', { hasText: look }) })
      .evaluateAll((items) => items.map((item) => (item as HTMLElement).dataset.step))
  const failsAt = async (step: string) => {
    await says(`Failed at step “${step}”.`)
    expect((await stepsThat('failed'))[0]).toBe(step)
  }
  const give = (name: string, bytes: Uint8Array | string) =>
    page.locator('#v-file').setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(bytes) })

  async function serve(answer: (body: string) => Promise<{ type: string; text: string }>) {
    const server = createServer(async (request, response) => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }
      if (request.method === 'OPTIONS') return void response.writeHead(204, cors).end()
      const { type, text } = await answer(Buffer.concat(parts).toString())
      response.writeHead(200, { ...cors, 'content-type': type }).end(text)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    servers.push(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    return `127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  test('a good record: every step is recomputed here, from 0G and the chain, and the decision reads', async () => {
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).host))
    await open()
    await recomputed()
    expect(await stepsThat('ok')).toEqual(ALL_STEPS)
    expect(await page.locator('main a').first().getAttribute('href')).toBe(
      `${bed.storage.node.url}/file?root=${job.record?.root}&name=${job.ref}.json`,
    )
    expect(await readFrom()).toContain(`0G’s gateway, ${new URL(bed.storage.node.url).host}`)
    expect(await readFrom()).toContain(`escrow ${bed.router} on chain 84532`)
    const decision = await page.locator('#decision').textContent()
    for (const said of ['Recommended: Berlin Rack', 'At most', 'cannot be booked', 'nosana', 'Every offer']) {
      expect(decision).toContain(said)
    }
    expect(new Set(asked)).toEqual(
      new Set([bed.url, bed.storage.node.url, bed.chain.anvil.url].map((url) => new URL(url).host)),
    )
    await takeShot(page, 'verify-recomputed-phone')
    await page.setViewportSize({ width: 1280, height: 900 })
    await takeShot(page, 'verify-recomputed-desk')
    expect(complaints).toEqual([])
  })

  test('a flipped byte fails at the root', async () => {
    bed.storage.node.faults.corruptDownload = true
    await open()
    await failsAt('root')
    expect(await page.locator('#decision').textContent()).toContain('not a record that holds')
    await takeShot(page, 'verify-flipped-byte')
  })

  test('a wrong length fails at the length, where the root is the same', async () => {
    await open()
    await recomputed()
    const longer = new Uint8Array([...(await bed.bytesOf(job)), 0])
    await give('longer.json', longer)
    await failsAt('length')
    expect(await stepsThat('ok')).toContain('root')
  })

  test('a changed price, sealed and paid for as if it were true, fails at the replay', async () => {
    await open(await bed.paidJob({ record: (text) => text.replace('"2.000000"', '"1.900000"') }))
    await failsAt('replay')
    for (const step of ['length', 'root', 'hash', 'canonical', 'schema']) expect(await stepsThat('ok')).toContain(step)
  })

  test('a changed selection fails at the replay, and says where it differs', async () => {
    const longer = (text: string) => text.replace(/("selection":\{[^}]*"maxSeconds":)14400/, '$114401')
    await open(await bed.paidJob({ record: longer }))
    await failsAt('replay')
    expect(await here().textContent()).toContain('selection.maxSeconds: the record says 14401, the engine 14400')
  })

  test('terms that differ from the selection fail at their own step', async () => {
    const dearer = await bed.paidJob({
      selection: (selection) => ({
        ...selection,
        usdPerHour: (selection.usdPerHour + 1n) as typeof selection.usdPerHour,
      }),
    })
    await open(dearer)
    await failsAt('terms-price')
    expect(await stepsThat('failed')).toEqual(['terms-price'])
    expect(await page.locator('#decision').textContent()).toContain('Recommended: Berlin Rack')
    await takeShot(page, 'verify-terms-differ')
  })

  test('the reader’s own endpoint is read; another chain’s, a dead one and none leave the chain unjudged', async () => {
    const calls: string[] = []
    const mine = await serve(async (body) => {
      calls.push((JSON.parse(body) as { method: string }).method)
      const headers = { 'content-type': 'application/json' }
      const reply = await fetch(bed.chain.anvil.url, { method: 'POST', headers, body })
      return { type: 'application/json', text: await reply.text() }
    })
    await open()
    await recomputed()
    await page.getByText('Use your own endpoint').click()
    const endpoint = page.getByLabel('RPC endpoint')
    const through = async (url: string) => {
      await endpoint.fill(url)
      await page.getByRole('button', { name: 'Recompute' }).click()
    }
    await through(`http://${mine}`)
    await expect.poll(readFrom).toContain(`read through ${mine}`)
    expect(await stepsThat('ok')).toEqual(ALL_STEPS)
    expect(calls).toEqual(expect.arrayContaining(['eth_chainId', 'eth_getTransactionReceipt', 'eth_call']))

    await through(bed.storage.rpcUrl)
    await expect.poll(readFrom).toContain('The endpoint is chain 16602, the escrow is on chain 84532')
    expect(await stepsThat('not judged')).toEqual(['length', 'hash', 'job-root'])
    expect(await stepsThat('ok')).toContain('replay')
    await through('http://127.0.0.1:9')
    await expect.poll(readFrom).toContain('The endpoint does not answer')
    await through('')
    await expect.poll(readFrom).toContain('no RPC endpoint was given')
    await takeShot(page, 'verify-no-endpoint')
  })

  test('0G down: our own copy is read and it is said; both gone: a file of the reader’s', async () => {
    bed.storage.node.faults.down = true
    await open()
    await recomputed()
    expect(await stepsThat('ok')).toEqual(ALL_STEPS)
    expect(await readFrom()).toContain(
      'Necto’s own copy, since 0G’s gateway did not give them: it could not be reached',
    )
    await page.route('**/record/*', (route) => route.abort())
    await page.reload()
    await failsAt('bytes')
    expect(await here().textContent()).toContain('Drop a file with them here')
    await give('record.json', await bed.bytesOf(job))
    await recomputed()
    expect(await stepsThat('ok')).toEqual(ALL_STEPS)
    expect(await readFrom()).toContain('Bytes: the file that was given')
  })

  test('a decision that was never paid for is judged by its bytes', async () => {
    const unpaid = await bed.shop.ordered()
    await open(unpaid)
    await recomputed()
    expect(await here().textContent()).toContain('nothing was paid for this decision')
    expect(await stepsThat('ok')).toEqual(expect.arrayContaining(['root', 'replay']))
  })

  test('one file, offline, from a disk: a dropped bundle is checked, and its word is called its word', async () => {
    await open()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'a bundle' }).click(),
    ])
    const bundle = await readFile(await download.path(), 'utf8')
    const file = path.join(folder, 'verify.html')
    await writeFile(file, await verifierFile({ chainId: 84_532, router: bed.router }))
    await context.setOffline(true)
    await page.goto(pathToFileURL(file).href)
    await takeShot(page, 'verify-file-empty')
    await page.evaluate((text) => {
      const data = new DataTransfer()
      data.items.add(new File([text], 'bundle.json'))
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))
    }, bundle)
    await recomputed()
    expect(await stepsThat('ok')).toEqual(['bytes', 'canonical', 'schema', 'replay'])
    expect(await stepsThat('claimed')).toEqual(
      ALL_STEPS.filter((step) => !['bytes', 'canonical', 'schema', 'replay'].includes(step)),
    )
    expect(await here().textContent()).toContain(
      'only compare with what the bundle says of the chain, which proves nothing',
    )
    expect(await readFrom()).toContain('the bundle’s word, since it was not read (no RPC endpoint was given)')
    expect(await page.locator('#decision').textContent()).toContain('The decision')
    await takeShot(page, 'verify-file-bundle')

    const cheaper = JSON.parse(bundle) as { record: string; chain: { router: string } }
    await give(
      'tampered.json',
      JSON.stringify({ ...cheaper, record: btoa(atob(cheaper.record).replace('"2.000000"', '"1.000000"')) }),
    )
    await failsAt('root')
    const elsewhere = { ...cheaper, chain: { ...cheaper.chain, router: '0x00000000000000000000000000000000000000aa' } }
    await page.getByText('Where to look').click()
    await page.getByLabel('Escrow contract').fill('')
    await give('elsewhere.json', JSON.stringify(elsewhere))
    await failsAt('terms-id')
    expect(await readFrom()).toContain('which the bundle names: compare it with one you trust')
    await give('broken.json', bundle.slice(0, -40))
    await says('This bundle cannot be read')
    expect(complaints).toEqual([])
  })

  test.each(['engine1.jcs', 'engine1-token.jcs', 'engine2.jcs'])('%s is replayed by its own engine', async (name) => {
    await page.setContent(await verifierFile({}))
    await give(name, await readFile(new URL(`../../core/record/golden/${name}`, import.meta.url)))
    await recomputed()
    expect(await stepsThat('ok')).toEqual(['bytes', 'canonical', 'schema', 'replay'])
    expect(await here().textContent()).toContain(`engine ${/\d/.exec(name)?.[0]} decides the same`)
    expect(await page.locator('#decision').textContent()).toContain('The decision')
  })

  test('the same file from any host: by reference, id and root, over the reader’s endpoint', async () => {
    const html = await verifierFile({
      rpcUrl: bed.chain.anvil.url,
      chainId: 84_532,
      router: bed.router,
      gatewayUrl: bed.storage.node.url,
    })
    const host = await serve(async () => ({ type: 'text/html; charset=utf-8', text: html }))
    await page.goto(`http://${host}/anywhere/verify.html`)
    for (const name of [job.ref.toLowerCase(), job.jobId ?? '', job.record?.root ?? '']) {
      await page.getByLabel('Job reference').fill(name)
      await page.getByRole('button', { name: 'Verify' }).click()
      await recomputed()
      expect(await stepsThat('ok')).toEqual(ALL_STEPS)
    }
    await page.getByLabel('Job reference').fill('something')
    await page.getByRole('button', { name: 'Verify' }).click()
    await says('is no job reference')
    await page.getByLabel('Job reference').fill('0000-0000')
    await page.getByRole('button', { name: 'Verify' }).click()
    await failsAt('job')
    expect(complaints.filter((text) => !text.includes('favicon'))).toEqual([])
  })

  test('without scripts the server’s own check and the decision read', async () => {
    const bare = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } })
    const plain = await bare.newPage()
    await plain.goto(`${bed.url}/verify/${job.ref}`)
    await plain.locator('#by-server').getByText('The same inputs decide the same').waitFor()
    expect(await plain.locator('#here').isVisible()).toBe(false)
    const text = await plain.locator('main').textContent()
    for (const said of [
      'No step failed.',
      'Recommended: Berlin Rack',
      'cannot be booked',
      `./necto verify ${job.ref}`,
    ]) {
      expect(text).toContain(said)
    }
    await takeShot(plain, 'verify-no-script')
    await bare.close()
  })
})
