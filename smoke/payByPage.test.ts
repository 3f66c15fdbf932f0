// The smoke test's wallet signs nothing that costs more than was agreed to.
import { privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { createTestShop } from '../bots/web/testShop.ts'
import { serveTestWeb } from '../bots/web/testWeb.ts'
import { payByPage } from './payByPage.ts'

const account = privateKeyToAccount(`0x${'a1'.repeat(32)}`)

test('terms of 8 USDC, and a page that is not there: nothing is signed, nothing handed in', async () => {
  const shop = await createTestShop()
  const web = await serveTestWeb(shop)
  const { domain, context } = shop
  const { signal } = new AbortController()
  const pay = (token = '') =>
    payByPage({ url: `${web.url}/pay/${token}`, account, domain, router: context.escrow, signal })
  try {
    const job = await shop.ordered()
    await expect(pay(job.linkToken)).rejects.toThrow('The terms ask for 8.00 USDC, more than 0.20.')
    expect((await context.jobs.get(job.ref))?.value).toMatchObject({ state: 'signed' })
    expect((await context.jobs.get(job.ref))?.value.authorization).toBeUndefined()
    await expect(pay('no-such-link')).rejects.toThrow('The pay page answers with status 404.')
  } finally {
    await web.stop()
  }
})
