// Every page for everybody: axe finds no serious fault, and nothing scrolls sideways on a small phone.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serveWeb } from '../../bots/web/serveWeb.ts'
import { finishJob, startRun } from '../../bots/web/testFinishedJob.ts'
import { createTestShop } from '../../bots/web/testShop.ts'
import { testWeb } from '../../bots/web/testWeb.ts'
import { verifierFile } from '../../bots/web/verifierFile.ts'
import { saveSecrets } from '../../core/jobs/secrets.ts'
import { openSecretsLink } from '../../core/jobs/secretsLink.ts'
import { payer } from '../../core/jobs/testJobs.ts'
import type { HttpService } from '../../core/serveHttp.ts'
import { createTestWallets } from '../../core/supply/testWallets.ts'
import { faultsOf } from './axeFaults.ts'
import { launchChromium, noBrowser, takeShot } from './chromium.ts'

describe.skipIf(noBrowser)('pages for everybody', () => {
  let browser: Browser
  let service: HttpService
  const paths: Record<string, string> = {}
  let file: string

  beforeAll(async () => {
    browser = await launchChromium()
    const shop = await createTestShop()
    service = await serveWeb({ app: await testWeb(shop, { publicUrl: 'https://pages.test' }), port: 0 })
    const team = {
      id: 'telegram:-100',
      title: 'ML group',
      place: {},
      roles: {},
      defaultMode: 'tracked',
      createdAtMs: 0,
    } as const
    await shop.context.teams.insert(team.id, { ...team, auditToken: 'audit-link' })
    const { job } = await finishJob(shop, await shop.ordered({ teamId: team.id }), {
      log: 'one line',
      output: new Uint8Array(9),
    })
    const waiting = await shop.ordered()
    paths.pay = `/pay/${waiting.linkToken}`
    const opened = await openSecretsLink(shop.context, waiting.ref)
    if (!opened.ok) throw new Error(opened.why)
    await saveSecrets({ context: shop.context, secretsToken: opened.secretsToken, text: 'HF_TOKEN=x\nWANDB_API_KEY=y' })
    paths.secrets = `/secrets/${opened.secretsToken}`
    paths.verify = `/verify/${job.ref}`
    paths.job = `/job/${job.linkToken}`
    const run = await startRun(shop, await shop.ordered())
    await run.print(new TextEncoder().encode('epoch 1\n'.repeat(300)))
    paths.live = `/job/${run.job.linkToken}#key=${run.key.slice(2)}`
    paths.audit = '/audit/audit-link'
    const wallets = createTestWallets(shop.context)
    paths.link = `/link/${(await wallets.asks({ platform: 'telegram', userId: '77', label: 'Nia' })).id}`
    paths.change = `/link/${(await wallets.links(payer)).id}`
    file = await verifierFile({ chainId: 84_532 })
  })
  afterAll(async () => {
    await browser?.close()
    await service?.stop()
  })

  const open = async (kind: string, page: Page) => {
    page.setDefaultTimeout(20_000)
    if (kind === 'file') return page.setContent(file)
    await page.goto(`${service.url}${paths[kind]}`)
    if (kind === 'verify') await page.locator('#verify-steps li').first().waitFor()
    if (kind === 'live') await page.getByLabel('Live log').getByText('epoch 1').waitFor()
    if (kind === 'pay' || kind === 'link' || kind === 'change') await page.getByText('No wallet was found').waitFor()
  }

  test.each(['pay', 'secrets', 'link', 'change', 'verify', 'job', 'live', 'audit', 'file'])(
    '%s: no serious fault, light and dark, all of it unfolded',
    async (kind) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await browser.newPage({ viewport: { width: 360, height: 740 }, colorScheme })
        await open(kind, page)
        await page.evaluate(() => {
          for (const folded of document.querySelectorAll('details')) folded.open = true
        })
        expect(await faultsOf(page)).toEqual([])
        await takeShot(page, `${kind}-360-${colorScheme}`)
        await page.close()
      }
    },
  )

  test('a fault would be found', async () => {
    const page = await browser.newPage()
    await page.setContent('<!doctype html><html lang="en"><title>x</title><main><h1>x</h1><input></main>')
    expect(await faultsOf(page)).toEqual([expect.stringContaining('label:')])
    await page.close()
  })
})
