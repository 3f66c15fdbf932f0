// What stands before every page: headers that keep strangers out, and posts only from our own pages.
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { secureHeaders } from 'hono/secure-headers'
import { answerRefusal } from './refusals.ts'

const MAX_BODY_BYTES = 16 * 1024
// A page of secrets: 32 of 4 KiB, each byte written as three characters at worst.
const MAX_SECRETS_BYTES = 512 * 1024
const NONE = ["'none'"]
const SELF = ["'self'"]

/**
 * No third party, no frame, no referrer; nothing is kept by caches unless a route says so. Scripts reach this server
 * alone, but on a decision's own page, where the reader names the endpoints: https anywhere, or the reader's own machine.
 */
export function createGuards({ readsFrom }: { readsFrom: readonly string[] }): MiddlewareHandler[] {
  const elsewhere = readsFrom.flatMap((url) => (URL.canParse(url) ? [new URL(url).origin] : []))
  const closed = headersWith(SELF)
  const open = headersWith([...new Set([...SELF, 'https:', 'http://127.0.0.1:*', 'http://localhost:*', ...elsewhere])])
  return [
    async (c, next) => {
      await next()
      if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store')
      c.res.headers.set('X-Robots-Tag', 'noindex')
    },
    (c, next) => (/^\/verify\/[^/]+$/.test(c.req.path) ? open : closed)(c, next),
    (c, next) => (/^\/secrets\/[^/]+$/.test(c.req.path) ? roomy : tight)(c, next),
  ]
}

const headersWith = (connectSrc: string[]): MiddlewareHandler =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: NONE,
      scriptSrc: SELF,
      styleSrc: SELF,
      // Wallets bring their icons as data; no picture is fetched from anywhere.
      imgSrc: ['data:'],
      connectSrc,
      formAction: SELF,
      frameAncestors: NONE,
      baseUri: NONE,
    },
    referrerPolicy: 'no-referrer',
    // A wallet may open a window of its own and must be able to answer.
    crossOriginOpenerPolicy: 'same-origin-allow-popups',
    // Whether all of a domain is https is its owner's to say.
    strictTransportSecurity: false,
  })

const bodyUpTo = (maxSize: number) =>
  bodyLimit({
    maxSize,
    onError: (c) => answerRefusal(c, { code: 'too-large', why: 'This is more than the page accepts.' }),
  })
const tight = bodyUpTo(MAX_BODY_BYTES)
const roomy = bodyUpTo(MAX_SECRETS_BYTES)

/**
 * Refuses posts that another site made a browser send. Browsers name the sender in Sec-Fetch-Site, older ones in Origin
 * (which our own Referrer-Policy turns to "null" in plain forms, so it comes second); what is no browser sends neither.
 */
export function createOriginGuard(publicUrl: string): MiddlewareHandler {
  const { origin } = new URL(publicUrl)
  return async function guardOrigin(c, next) {
    const site = c.req.header('Sec-Fetch-Site')
    const from = c.req.header('Origin')
    const ours = site ? site === 'same-origin' || site === 'none' : from === undefined || from === origin
    if (ours || c.req.method === 'GET' || c.req.method === 'HEAD') return next()
    return answerRefusal(c, { code: 'foreign-origin', why: 'This was sent from another site. Nothing was done.' })
  }
}
