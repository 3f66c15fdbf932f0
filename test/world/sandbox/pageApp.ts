// The page's server: the page itself, its script and style, the stream of changes, and what people do.
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { secureHeaders } from 'hono/secure-headers'
import { streamSSE } from 'hono/streaming'
import type { Feed } from './feed.ts'
import { type Action, type ActionReply, actionSchema } from './protocol.ts'
import { refuseStrangers } from './refuseStrangers.ts'

const SELF = ["'self'"]
const NONE = ["'none'"]

/** `files` are what the page is made of: html, script, style. */
export function createPageApp(options: {
  files: { readonly html: string; readonly script: string; readonly style: string }
  feed: Feed
  act: (action: Action) => Promise<ActionReply>
  /** Ends the streams. */
  signal: AbortSignal
}): Hono {
  const { files, feed, act, signal } = options
  const app = new Hono()
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: NONE,
        scriptSrc: SELF,
        styleSrc: SELF,
        connectSrc: SELF,
        imgSrc: SELF,
        formAction: NONE,
        frameAncestors: NONE,
        baseUri: NONE,
      },
      referrerPolicy: 'no-referrer',
      strictTransportSecurity: false,
    }),
  )
  app.use(async (c, next) => {
    await next()
    c.res.headers.set('Cache-Control', 'no-store')
  })
  app.get('/', (c) => c.html(files.html))
  app.get('/favicon.ico', (c) => c.body(null, 204))
  app.get('/page.js', (c) => c.body(files.script, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }))
  app.get('/page.css', (c) => c.body(files.style, 200, { 'Content-Type': 'text/css; charset=utf-8' }))
  app.get('/file/:platform/:chat/:message/:index', (c) => {
    const { platform, chat, message, index } = c.req.param()
    const bytes = feed.picture({ platform, chatId: chat, messageId: message, index: Number(index) })
    return bytes ? c.body(new Uint8Array(bytes), 200, { 'Content-Type': 'image/png' }) : c.notFound()
  })
  app.get('/events', (c) =>
    streamSSE(c, async (stream) => {
      // Writes wait for one another, so that the page sees changes in the order they happened.
      let last = stream.writeSSE({ data: JSON.stringify({ kind: 'state', ...feed.state() }) })
      const stop = feed.onEvent((event) => {
        last = last.then(() => stream.writeSSE({ data: JSON.stringify(event) })).catch(() => undefined)
      })
      await new Promise<void>((resolve) => {
        stream.onAbort(resolve)
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
      stop()
    }),
  )
  app.post('/act', refuseStrangers, bodyLimit({ maxSize: 64 * 1024 }), async (c) => {
    const action = actionSchema.safeParse(await c.req.json().catch(() => undefined))
    const reply: ActionReply = action.success ? await act(action.data) : { ok: false, why: 'This is no action.' }
    return c.json(reply)
  })
  return app
}
