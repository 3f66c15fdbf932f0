// Keeps other sites in the same browser from acting here.
import type { MiddlewareHandler } from 'hono'

/** Only JSON that one of our own pages posted; another site cannot send it without asking first, and is never allowed to. */
export const refuseStrangers: MiddlewareHandler = async (c, next) => {
  const site = c.req.header('Sec-Fetch-Site')
  const isJson = c.req.header('Content-Type')?.startsWith('application/json') === true
  if (!isJson || (site !== undefined && site !== 'same-origin')) return c.text('This was not sent by our page.', 403)
  return next()
}
