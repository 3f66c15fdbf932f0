// The local port of a node: JSON-RPC by POST, whatever else it answers by GET, and the faults in front of both.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { z } from 'zod'
import type { Clock } from '../../../core/clock.ts'
import { type Faults, failsWith500 } from './faults.ts'
import type { GatewayAnswer } from './gateway.ts'
import { RpcError } from './rpcError.ts'
import type { RpcMethods } from './rpcMethods.ts'

const requestSchema = z.object({
  id: z.union([z.number(), z.string(), z.null()]).default(null),
  method: z.string(),
  params: z.array(z.unknown()).default([]),
})

/** A port that answers. */
export interface NodeServer {
  url: string
  /** How often each method was asked for, `GET /path` for the rest. */
  requests(): Record<string, number>
  stop(): Promise<void>
}

/** Listens on a free port of the loopback until stopped. */
export async function serveNode(options: {
  methods: RpcMethods
  onGet?: (request: { url: URL; range: string | undefined }) => GatewayAnswer
  faults: Faults
  clock: Clock
  signal: AbortSignal
}): Promise<NodeServer> {
  const { methods, onGet, faults, clock, signal } = options
  const requests: Record<string, number> = {}

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = new URL(request.url ?? '/', 'http://node')
    const call = request.method === 'POST' ? requestSchema.safeParse(await readJson(request)).data : undefined
    const name = call?.method ?? `${request.method} ${target.pathname}`
    requests[name] = (requests[name] ?? 0) + 1
    if (faults.responseDelayMs > 0) await clock.sleep(faults.responseDelayMs, signal)
    if (faults.down) {
      response.destroy()
      return
    }
    if (failsWith500(faults, name)) {
      response.writeHead(500).end('internal server error')
      return
    }
    if (request.method === 'POST' || !onGet) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answerRpc(call)))
      return
    }
    const { status, headers, body } = onGet({ url: target, range: request.headers.range })
    // As the live gateway: any page may read what is public.
    response.writeHead(status, { ...headers, 'access-control-allow-origin': '*' }).end(body)
  }

  function answerRpc(call: z.infer<typeof requestSchema> | undefined): unknown {
    if (!call) return { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'Invalid request' } }
    const { id, method, params } = call
    try {
      const run = methods[method]
      if (!run) throw new RpcError(-32601, 'Method not found')
      return { jsonrpc: '2.0', id, result: run(params) }
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      return { jsonrpc: '2.0', id, error: { code: error.code, message: error.message, data: error.data } }
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the node has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests: () => ({ ...requests }),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'))
  } catch {
    return undefined
  }
}
