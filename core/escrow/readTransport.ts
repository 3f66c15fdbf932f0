// Reads of one chain through several endpoints: the next one is asked when one fails, lags, or is of another chain.
import {
  BaseError,
  createTransport,
  type EIP1193RequestFn,
  HttpRequestError,
  http,
  TimeoutError,
  type Transport,
} from 'viem'
import type { Clock } from '../clock.ts'
import { NectoError } from '../errors.ts'
import { isRevert, type RpcFailure, rpcFailure } from './rpcFailure.ts'

// Two tries must fit into the ten seconds that a read has; an endpoint that is alone may take them all.
const TIMEOUT_MS = 4_000
const TIMEOUT_ALONE_MS = 10_000
// An endpoint that is gone is asked last for a while, so that not every read waits for it.
const REST_MS = 15_000
// Endpoints are never at the same block; further behind than this the news of one are old.
const LAG_BLOCKS = 5n

/** What to tell of an endpoint that failed, by its place in the list: its address may hold a key. */
export type OnRpcFailure = (endpoint: number, failure: RpcFailure) => void

/**
 * A transport for reads. Each call may be answered by another endpoint, so what needs one view of the chain over
 * several calls (the follower), a majority, or a transaction to be sent does not use it. A revert is an answer.
 */
export function readTransport(options: {
  urls: readonly string[]
  chainId: number
  clock: Pick<Clock, 'now'>
  /** Ends the calls under way. */
  signal?: AbortSignal | undefined
  onFailure?: OnRpcFailure | undefined
}): Transport {
  const { urls, chainId, clock, signal: ending, onFailure } = options
  const timeout = urls.length > 1 ? TIMEOUT_MS : TIMEOUT_ALONE_MS
  return (config) => {
    const endpoints = urls.map((url, index) => ({
      index,
      request: http(url, {
        timeout,
        retryCount: 0,
        ...(ending ? { fetchOptions: { signal: ending } } : {}),
      })({ ...config, retryCount: 0 }).request,
      isOurs: false,
      restsUntilMs: 0,
    }))
    let highest = 0n

    async function ask(
      endpoint: (typeof endpoints)[number],
      call: Call,
      signal: AbortSignal | undefined,
    ): Promise<unknown> {
      const more = signal ? { signal } : {}
      if (!endpoint.isOurs) {
        const id = Number(await endpoint.request({ method: 'eth_chainId' }, more))
        if (id !== chainId)
          throw new NectoError('chain.wrong-chain', 'An RPC endpoint answers for another chain.', {
            retry: 'later',
            details: `expected ${chainId}, endpoint ${endpoint.index + 1} says ${id}`,
          })
        endpoint.isOurs = true
      }
      return await endpoint.request(call as never, more)
    }

    return createTransport({
      key: 'reads',
      name: 'reads',
      type: 'reads',
      retryCount: 1,
      request: (async (call: Call, { signal }: { signal?: AbortSignal } = {}) => {
        const nowMs = clock.now()
        const isResting = ({ restsUntilMs }: { restsUntilMs: number }) => restsUntilMs > nowMs
        let old: { answer: unknown; head: bigint } | undefined
        let failure: unknown
        for (const endpoint of [...endpoints.filter((one) => !isResting(one)), ...endpoints.filter(isResting)]) {
          try {
            const answer = await ask(endpoint, call, signal)
            endpoint.restsUntilMs = 0
            const head = headIn(call, answer)
            const isOld = answer === null || (head !== undefined && head + LAG_BLOCKS < highest)
            if (head !== undefined && head > highest) highest = head
            if (!isOld) return answer
            if (!old || (head ?? 0n) > old.head) old = { answer, head: head ?? 0n }
          } catch (error) {
            if (signal?.aborted || ending?.aborted || isRevert(error)) throw error
            onFailure?.(endpoint.index, rpcFailure(error))
            if (isGone(error)) endpoint.restsUntilMs = nowMs + REST_MS
            failure = error
          }
        }
        if (old) return old.answer
        throw failure
      }) as EIP1193RequestFn,
    })
  }
}

interface Call {
  readonly method: string
  readonly params?: unknown
}

/** The block that an answer says is the latest; undefined when the call asked for something else. */
function headIn({ method, params }: Call, answer: unknown): bigint | undefined {
  if (method === 'eth_blockNumber' && typeof answer === 'string') return BigInt(answer)
  const isLatest = method === 'eth_getBlockByNumber' && Array.isArray(params) && params[0] === 'latest'
  if (!isLatest || typeof answer !== 'object' || answer === null || !('number' in answer)) return undefined
  return typeof answer.number === 'string' ? BigInt(answer.number) : undefined
}

const isGone = (error: unknown): boolean =>
  error instanceof NectoError ||
  (error instanceof BaseError &&
    error.walk((cause) => cause instanceof HttpRequestError || cause instanceof TimeoutError) !== null)
