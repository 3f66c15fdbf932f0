// The pages behind the links of the chats: pay, link a wallet, job, verify, audit. Reading changes nothing, since previews fetch links.

import { Hono } from 'hono'
import { html } from 'hono/html'
import { routePath } from 'hono/route'
import { errorText } from '../../core/errors.ts'
import { loadAssets } from './assets.ts'
import { createAuditRoutes } from './auditRoutes.ts'
import { createGuards, createOriginGuard } from './guards.ts'
import { type Html, page } from './html.ts'
import { createJobRoutes } from './jobRoutes.ts'
import { createLinkRoutes } from './linkRoutes.ts'
import { createListingRoutes } from './listingRoutes.ts'
import { createPayRoutes } from './payRoutes.ts'
import { answerRefusal } from './refusals.ts'
import { createSecretsRoutes } from './secretsRoutes.ts'
import { createVerifyRoutes } from './verifyRoutes.ts'
import type { WebOptions } from './webOptions.ts'

/** The app; `serveHttp` puts it on a port. */
export async function createWeb(options: WebOptions): Promise<Hono> {
  const { publicUrl, log } = options
  const assets = await loadAssets()
  const app = new Hono()
  app.use(
    ...createGuards({ readsFrom: [options.gatewayUrl, options.chain.readerRpcUrl ?? ''] }),
    createOriginGuard(publicUrl),
  )
  app.route('/', assets.app)
  app.route('/', createPayRoutes(options, assets.path))
  app.route('/', createLinkRoutes(options, assets.path))
  app.route('/', createSecretsRoutes(options, assets.path))
  app.route('/', createJobRoutes(options, assets.path))
  app.route('/', createVerifyRoutes(options, assets.path))
  app.route('/', createAuditRoutes(options, assets.path))
  app.route('/', createListingRoutes(options))
  app.get('/', (c) => c.html(aboutPage(assets.path)))
  app.get('/health', (c) => c.json({ ok: true }))

  app.notFound((c) => {
    if (c.req.method !== 'GET') return answerRefusal(c, { code: 'not-found', why: 'There is nothing here.' })
    return c.html(notFoundPage(assets.path), 404)
  })
  app.onError((error, c) => {
    // The route and not the path: most paths carry a link's token.
    log.error({ msg: 'page failed', route: routePath(c), method: c.req.method, reason: errorText(error) })
    const why = 'Something is broken here. Nothing was done by this request. Try again in a minute.'
    if (c.req.header('Accept')?.includes('text/html') && c.req.method === 'GET') {
      return c.html(messagePage(assets.path, { title: 'This page is broken', text: why }), 500)
    }
    return answerRefusal(c, { code: 'internal', why })
  })
  return app
}

const notFoundPage = (assets: string): Html =>
  messagePage(assets, {
    title: 'There is nothing at this address',
    text: 'The link may be cut off or belong to something that is gone. Open it again from the chat, whole. No money moved.',
  })

const aboutPage = (assets: string): Html =>
  messagePage(assets, {
    title: 'GPUs from chat, with the decision provable',
    text: 'These are the pages behind the links in your chat: paying, linking a wallet, a job’s output, verifying a decision, a team’s audit log. There is nothing to do here without such a link.',
  })

const messagePage = (assets: string, { title, text }: { title: string; text: string }): Html =>
  page({ title, assets, body: html`<h1>${title}</h1><p>${text}</p>` })
