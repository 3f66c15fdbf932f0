// A 0G indexer and storage node on one local port, over the storage chain it is given.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type Address, createPublicClient, type Hex, http } from 'viem'
import { z } from 'zod'
import { type Clock, systemClock } from '../../../core/clock.ts'
import { type Faults, failsWith500, noFaults } from './faults.ts'
import { createFileStore } from './fileStore.ts'
import { followFlow } from './followFlow.ts'
import { answerGet } from './gateway.ts'
import { RpcError } from './rpcError.ts'
import { createRpcMethods } from './rpcMethods.ts'

const requestSchema = z.object({
  id: z.union([z.number(), z.string(), z.null()]).default(null),
  method: z.string(),
  params: z.array(z.unknown()).default([]),
})

/** A running node. */
export interface ZeroGNode {
  /** Indexer, storage node and gateway alike. */
  url: string
  faults: Faults
  stats(): { requests: Record<string, number>; submissions: number; finalFiles: number }
  /** What the node holds of a root, without going through the network. */
  peek(root: Hex): { seq: number; size: number; final: boolean; bytes: Uint8Array | undefined } | undefined
  /** Drops the data of a root, as when its paid time is over. */
  prune(root: Hex): void
  stop(): Promise<void>
}

/** Starts a node that indexes `flowAddress`; a submission counts once it has `confirmations` (1 on the turbo networks). */
export async function startZeroGNode(options: {
  rpcUrl: string
  flowAddress: Address
  faults?: Partial<Faults>
  confirmations?: number
  clock?: Clock
}): Promise<ZeroGNode> {
  const clock = options.clock ?? systemClock
  const faults: Faults = { ...noFaults, ...options.faults }
  const stopping = new AbortController()
  const store = createFileStore(faults)
  const chainId = await createPublicClient({ transport: http(options.rpcUrl) }).getChainId()
  const follow = {
    ...options,
    confirmations: options.confirmations ?? 1,
    store,
    faults,
    clock,
    signal: stopping.signal,
  }
  const progress = followFlow(follow)
  const requests: Record<string, number> = {}
  let url = ''
  const flowAddress = options.flowAddress
  const methods = createRpcMethods({
    store,
    faults,
    progress,
    chainId,
    flowAddress,
    url: () => url,
    startedAtMs: clock.now(),
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = new URL(request.url ?? '/', 'http://node')
    const call = request.method === 'POST' ? requestSchema.safeParse(await readJson(request)).data : undefined
    const name = call?.method ?? `${request.method} ${target.pathname}`
    requests[name] = (requests[name] ?? 0) + 1
    if (faults.responseDelayMs > 0) await clock.sleep(faults.responseDelayMs, stopping.signal)
    if (faults.down) {
      response.destroy()
      return
    }
    if (failsWith500(faults, name)) {
      response.writeHead(500).end('internal server error')
      return
    }
    if (request.method === 'POST') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answerRpc(call)))
      return
    }
    const { status, headers, body } = answerGet({ url: target, range: request.headers.range, store, faults })
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
  url = `http://127.0.0.1:${address.port}`

  return {
    url,
    faults,
    stats: () => ({
      requests: { ...requests },
      submissions: store.files.length,
      finalFiles: store.files.filter(store.isFinal).length,
    }),
    peek(root) {
      const file = store.byRoot(root, false)
      if (!file) return undefined
      const { seq, size } = file
      return { seq, size, final: store.isFinal(file), bytes: store.read(file)?.slice(0, size) }
    },
    prune: store.prune,
    async stop() {
      stopping.abort()
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
