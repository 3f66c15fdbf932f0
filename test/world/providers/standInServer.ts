// An HTTP server on loopback that takes its time and can be told to misbehave: what all stand-in providers share.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** slow: answers after `delayMs`. busy: the service's own way of saying "too many requests". */
export type Fault =
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'down' }
  | { readonly kind: 'busy'; readonly retryAfterSeconds?: number }
  | { readonly kind: 'html' }
  | { readonly kind: 'truncated' }

export interface Reply {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}
export interface StandInServer {
  readonly url: string
  setFault(fault: Fault | undefined): void
  /** "GET /path" of every request so far. */
  requests(): readonly string[]
  stop(): Promise<void>
}

const PAGE = '<!doctype html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>'

/** `delayMs` gives the time the n-th request takes when all is well. */
export async function startStandInServer(options: {
  delayMs: (request: number) => number
  answer: (request: IncomingMessage, body: string) => Reply
  busy: (retryAfterSeconds: number | undefined) => Reply
}): Promise<StandInServer> {
  let fault: Fault | undefined
  const requests: string[] = []
  const waiting = new Set<NodeJS.Timeout>()

  const server = createServer(async (request, response) => {
    const count = requests.push(`${request.method} ${request.url}`)
    const body = await text(request).catch(() => '')
    const now = fault
    const ms = now?.kind === 'slow' ? now.delayMs : options.delayMs(count)
    const timer = setTimeout(() => {
      waiting.delete(timer)
      if (now?.kind === 'down') return response.destroy()
      const reply = replyOf(now, () => options.answer(request, body))
      return response.writeHead(reply.status, reply.headers).end(reply.body)
    }, ms)
    waiting.add(timer)
  })

  function replyOf(now: Fault | undefined, healthy: () => Reply): Reply {
    if (now?.kind === 'busy') return options.busy(now.retryAfterSeconds)
    if (now?.kind === 'html') return { status: 200, headers: { 'content-type': 'text/html' }, body: PAGE }
    const reply = healthy()
    return now?.kind === 'truncated' ? { ...reply, body: reply.body.slice(0, reply.body.length * 0.7) } : reply
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setFault(next) {
      fault = next
    },
    requests: () => requests,
    stop: () =>
      new Promise((resolve) => {
        for (const timer of waiting) clearTimeout(timer)
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
