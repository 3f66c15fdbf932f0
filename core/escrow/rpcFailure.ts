// What kind of failure an RPC endpoint's was, in a few words that can be counted.
import { BaseError, HttpRequestError, TimeoutError } from 'viem'
import { NectoError } from '../errors.ts'

/** refused: an HTTP error. rpc: the node answered with an error of its own. */
export type RpcFailure = 'timeout' | 'unreachable' | 'rate-limited' | 'refused' | 'wrong-chain' | 'rpc'

// JSON-RPC's "limit exceeded", QuickNode's own, and HTTP's in the body, as some providers answer.
const LIMIT_CODES: readonly unknown[] = [-32005, -32007, 429]

export function rpcFailure(error: unknown): RpcFailure {
  if (error instanceof NectoError) return 'wrong-chain'
  if (!(error instanceof BaseError)) return 'unreachable'
  if (error.walk((cause) => cause instanceof TimeoutError)) return 'timeout'
  if (error.walk((cause) => LIMIT_CODES.includes((cause as { code?: unknown }).code))) return 'rate-limited'
  const http = error.walk((cause) => cause instanceof HttpRequestError)
  if (!(http instanceof HttpRequestError)) return 'rpc'
  if (http.status === undefined) return 'unreachable'
  return http.status === 429 ? 'rate-limited' : 'refused'
}

/** The contract's own word, which another endpoint would only repeat. */
export const isRevert = (error: unknown): boolean =>
  error instanceof BaseError &&
  (error.walk((cause) => (cause as { code?: unknown }).code === 3) !== null || /revert/i.test(error.message))
