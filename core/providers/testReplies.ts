// For tests: a server on loopback that answers REST providers with one reply, or misbehaves as told.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Fault, RETRY_AFTER_SECONDS } from './providerSuite.ts'

/** Serves `replies.healthy` to everything, or what the fault is: `empty` and `rows` are replies of their own. */
export async function startReplies(replies: { healthy: unknown; empty: unknown; rows: unknown }) {
  let fault: Fault | undefined
  let requests: string[] = []
  let reached = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    reached.resolve()
    answer(response)
  })
  function answer(response: ServerResponse) {
    const json = (value: unknown) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    if (fault === 'slow') return
    if (fault === 'down') return response.destroy()
    if (fault === 'busy') {
      return response.writeHead(429, { 'retry-after': `${RETRY_AFTER_SECONDS}` }).end('{"error":"rate_limited"}')
    }
    if (fault === 'page') return response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>hi')
    if (fault === 'broken') return json({ status: 'failed' })
    if (fault === 'cut') return response.end(JSON.stringify(replies.healthy).slice(0, -20))
    return json(fault === 'empty' ? replies.empty : fault === 'rows' ? replies.rows : replies.healthy)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    setFault(next: Fault) {
      fault = next
      requests = []
      reached = Promise.withResolvers<void>()
    },
    reached: () => reached.promise,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
