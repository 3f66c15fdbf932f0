// For tests: the pages over a test shop, with a verification that reads the shop's own bytes.
import type { Hono } from 'hono'
import { getUploaded } from '../../core/jobs/upload.ts'
import { verifyBytes } from '../../core/record/verifyRecord.ts'
import { createWeb } from './createWeb.ts'
import { serveWeb } from './serveWeb.ts'
import type { TestShop } from './testShop.ts'
import type { WebOptions } from './webOptions.ts'

export const testWeb = (shop: TestShop, more: Partial<WebOptions> = {}): Promise<Hono> => {
  const { context, domain } = shop
  return createWeb({
    context,
    domain,
    publicUrl: 'http://pages.test',
    chain: { name: 'Base Sepolia', chainId: domain.chainId, explorerTxUrl: 'https://explorer.test/tx/{hash}' },
    gatewayUrl: 'http://gateway.test/',
    async verifyJob(ref) {
      const sealed = (await context.jobs.get(ref))?.value.record
      const bytes = sealed && (await getUploaded({ ...context, root: sealed.root }))
      return verifyBytes({ bytes: bytes ?? new Uint8Array(), ...(sealed && { expected: sealed }) })
    },
    readPayout: async (provider) => (await context.listings.list({ index: 'payee', key: provider }))[0]?.value.payout,
    routerFromBlock: 0,
    log: context.log,
    ...more,
  })
}

/** The same on a port of its own. */
export const serveTestWeb = async (shop: TestShop) =>
  serveWeb({ port: 0, hostname: '127.0.0.1', app: await testWeb(shop) })
