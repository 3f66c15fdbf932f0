// The worker thread that runs the unmodified Nosana SDK: its load time, its console and its requests stay in the thread.
import { parentPort } from 'node:worker_threads'

/** One reply of the RPC as it came over the wire. */
export interface RpcReply {
  readonly method: string
  readonly status: number
  readonly bytes: Uint8Array
}
export type FromQueueWorker = { readonly replies: readonly RpcReply[] } & (
  | { readonly type: 'markets'; readonly markets: readonly unknown[] }
  | { readonly type: 'failed'; readonly message: string }
)

if (!parentPort) throw new Error('queueWorker.ts runs as a worker thread only')
const port = parentPort
let replies: RpcReply[] = []

// The SDK's packages tell of themselves on the console, which is this thread's own.
for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const) console[level] = () => undefined

// The SDK shows nobody what came over the wire, and asks a busy RPC five times more. Its web3.js takes the thread's fetch
// when it is loaded, so what stands here by then is what it uses.
const fetchPlain = globalThis.fetch
globalThis.fetch = async (input, init) => {
  const response = await fetchPlain(input, init)
  const bytes = new Uint8Array(await response.clone().arrayBuffer())
  const method = /"method":"(\w+)"/.exec(String(init?.body))?.[1] ?? ''
  replies.push({ method, status: response.status, bytes })
  if (response.status === 429) throw new Error('429 Too Many Requests')
  return response
}
const { Client } = await import('@nosana/sdk')

port.on('message', async (rpcUrl: string) => {
  replies = []
  try {
    // A client of its own per reading: it fetches the program's IDL anew, which is part of the evidence.
    const markets = await new Client('mainnet', undefined, { solana: { network: rpcUrl } }).jobs.allMarkets()
    const plain = markets.map(({ address, queueType, queue }) => ({
      address: String(address),
      queueType,
      waiting: queue?.length,
    }))
    say({ type: 'markets', markets: plain, replies })
  } catch (error) {
    say({ type: 'failed', message: String(error), replies })
  }
})

function say(message: FromQueueWorker): void {
  port.postMessage(message)
}
