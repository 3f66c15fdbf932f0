// Puts the sellers' interface on a port.
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { NectoError } from '../../core/errors.ts'
import type { Authenticated } from './authenticate.ts'

export interface SellerApiServer {
  readonly url: string
  /** Takes no more requests, lets those under way end for a moment, then cuts them. */
  stop(): Promise<void>
}

// Longer than the longest wait for work, short enough that a slow sender does not hold a place for ever.
const REQUEST_TIMEOUT_MS = 60_000
const HEADERS_TIMEOUT_MS = 10_000
const STOP_GRACE_MS = 2_000

/** Listens on `port` (0 = any). Throws NectoError `seller-api.port` when it is taken. */
export async function serveSellerApi(options: {
  app: Hono<Authenticated>
  port: number
  hostname?: string
}): Promise<SellerApiServer> {
  const { app, port, hostname = '127.0.0.1' } = options
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS },
    getRequestListener(app.fetch),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, hostname, resolve)
  }).catch((cause) => {
    throw new NectoError('seller-api.port', `The sellers' interface cannot listen on port ${port}.`, {
      details: hostname,
      cause,
    })
  })
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${hostname}:${bound}`,
    stop: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS)
        server.close(() => {
          clearTimeout(cut)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}
