// Stands in front of Necto's pages under PUBLIC_URL and gives each of them a test wallet.
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { refuseStrangers } from './refuseStrangers.ts'
import type { WalletReply } from './walletRpc.ts'

const SCRIPT = '/test-wallet.js'

/** `webUrl` is where Necto's own server listens. */
export function createWalletProxy(options: {
  webUrl: string
  script: string
  rpc: (call: unknown) => Promise<WalletReply>
}): Hono {
  const { webUrl, script, rpc } = options
  const app = new Hono()
  app.get(SCRIPT, (c) =>
    c.body(script, 200, { 'Content-Type': 'text/javascript; charset=utf-8', 'Cache-Control': 'no-store' }),
  )
  app.post('/test-wallet/rpc', refuseStrangers, bodyLimit({ maxSize: 256 * 1024 }), async (c) =>
    c.json(await rpc(await c.req.json().catch(() => undefined))),
  )
  app.all('*', async (c) => {
    const { pathname, search } = new URL(c.req.url)
    const headers = new Headers(c.req.raw.headers)
    for (const name of ['host', 'connection', 'content-length', 'accept-encoding']) headers.delete(name)
    const isBare = c.req.method === 'GET' || c.req.method === 'HEAD'
    const answer = await fetch(`${webUrl}${pathname}${search}`, {
      method: c.req.method,
      headers,
      redirect: 'manual',
      ...(isBare ? {} : { body: await c.req.arrayBuffer() }),
      signal: c.req.raw.signal,
    }).catch(() => undefined)
    if (!answer) return c.text('Necto does not answer.', 502)
    const out = new Headers(answer.headers)
    // The bytes are those of the decoded body, and more of them.
    for (const name of ['content-encoding', 'content-length', 'connection', 'transfer-encoding']) out.delete(name)
    if (!answer.headers.get('content-type')?.startsWith('text/html'))
      return new Response(answer.body, { status: answer.status, headers: out })
    return new Response(withWallet(await answer.text()), { status: answer.status, headers: out })
  })
  return app
}

/** First in the head, so that the wallet is there before the page looks for one. */
const withWallet = (html: string): string => html.replace(/<head>/i, `<head><script src="${SCRIPT}"></script>`)
