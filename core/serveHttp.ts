// Puts a web-standard request handler on a port of this machine.
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { NectoError } from './errors.ts'

export interface HttpService {
  /** Where it listens, with the real port. */
  readonly url: string
  /** Takes no more requests, lets those under way end for a moment, then cuts them. */
  stop(): Promise<void>
}

// Longer than the longest wait for work, short enough that a slow sender does not hold a place for ever.
const REQUEST_TIMEOUT_MS = 60_000
const HEADERS_TIMEOUT_MS = 10_000
const STOP_GRACE_MS = 2_000

/** Listens on `port` (0 = any). Throws NectoError `http.port`, naming the service, when the port is taken. */
export async function serveHttp(options: {
  /** As people know it: "The pages". */
  name: string
  fetch: (request: Request) => Response | Promise<Response>
  port: number
  hostname?: string
}): Promise<HttpService> {
  const { name, fetch, port, hostname = '127.0.0.1' } = options
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS },
    getRequestListener(fetch),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, hostname, resolve)
  }).catch((cause) => {
    // Whoever has a port may let it go; what may not be listened on stays so.
    const retry = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE' ? 'later' : 'never'
    throw new NectoError('http.port', `${name} cannot listen on port ${port}.`, { retry, details: hostname, cause })
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
