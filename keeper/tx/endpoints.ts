// Several RPC endpoints of one chain read as one: any that answers, or what most of them agree on.
import { BaseError, createPublicClient, http, type PublicClient, type Transport } from 'viem'
import { errorText, NectoError } from '../../core/errors.ts'
import { isRevert, type RpcFailure, rpcFailure } from '../../core/escrow/rpcFailure.ts'

/** A transport with our limits: no retries of its own, since the sender's loop decides what is repeated. */
export function rpcTransport(options: {
  url: string
  signal?: AbortSignal
  timeoutMs?: number
  onFailure?: (failure: RpcFailure) => void
}): Transport {
  const { url, signal, timeoutMs = 8_000, onFailure } = options
  const transport = http(url, { timeout: timeoutMs, retryCount: 0, ...(signal ? { fetchOptions: { signal } } : {}) })
  if (!onFailure) return transport
  return (config) => {
    const made = transport(config)
    return {
      ...made,
      request: (async (...call: Parameters<typeof made.request>) => {
        try {
          return await made.request(...call)
        } catch (error) {
          if (!signal?.aborted && !isRevert(error)) onFailure(rpcFailure(error))
          throw error
        }
      }) as typeof made.request,
    }
  }
}

export interface Endpoints {
  readonly all: readonly PublicClient[]
  /** Throws NectoError `tx.wrong-chain` when an endpoint that answers is of another chain; checked once per endpoint. */
  check(): Promise<void>
  /** The first answer, endpoints tried in order; throws the last error when none answers. */
  first<T>(read: (client: PublicClient) => Promise<T>): Promise<T>
  /** Every answer there is, in the endpoints' order; endpoints that fail or are of another chain are left out. */
  answers<T>(read: (client: PublicClient) => Promise<T>): Promise<T[]>
  /**
   * The answer that most give, told apart by `key`: more than half of those that answered, if at least half did.
   * undefined: no such majority, or too few answered. Money moves only on these.
   */
  most<T>(answers: readonly T[], key: (answer: T) => string): T | undefined
}

/** The endpoints of the chain with this id. */
export function createEndpoints(options: { transports: readonly Transport[]; chainId: number }): Endpoints {
  const { transports, chainId } = options
  const all = transports.map((transport) => createPublicClient({ transport, cacheTime: 0 }))
  const checked = new Set<PublicClient>()

  /** Throws what the endpoint throws, and `tx.wrong-chain` when it is of another chain. */
  async function ours(client: PublicClient): Promise<PublicClient> {
    if (checked.has(client)) return client
    const id = await client.getChainId()
    if (id !== chainId)
      throw new NectoError('tx.wrong-chain', 'An RPC endpoint answers for another chain.', {
        retry: 'later',
        details: `expected ${chainId}, an endpoint says ${id}`,
      })
    checked.add(client)
    return client
  }

  async function answers<T>(read: (client: PublicClient) => Promise<T>): Promise<T[]> {
    const settled = await Promise.allSettled(all.map(async (client) => read(await ours(client))))
    return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  }

  return {
    all,
    answers,
    async check() {
      const settled = await Promise.allSettled(all.map(ours))
      const failures = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
      const wrong = failures.find((error) => error instanceof NectoError)
      if (wrong) throw wrong
    },
    async first(read) {
      let failure: unknown
      for (const client of all) {
        try {
          return await read(await ours(client))
        } catch (error) {
          failure = error
        }
      }
      throw failure
    },
    most(found, key) {
      if (found.length * 2 < all.length) return undefined
      const counts = new Map<string, number>()
      for (const answer of found) counts.set(key(answer), (counts.get(key(answer)) ?? 0) + 1)
      return found.find((answer) => (counts.get(key(answer)) ?? 0) * 2 > found.length)
    },
  }
}

/** What an endpoint's failure says, for logs: without the URL, which may hold a key, and without signed bytes. */
export function rpcErrorText(error: unknown): string {
  if (!(error instanceof BaseError)) return errorText(error)
  return [error.shortMessage, error.details].filter(Boolean).join(' ')
}
