// Every verb of the router as calldata, and the trial of a call before it is sent.
import {
  type Address,
  BaseError,
  type ContractErrorName,
  decodeErrorResult,
  decodeFunctionData,
  encodeFunctionData,
  getAbiItem,
  type Hex,
  isHex,
  type PublicClient,
  parseAbi,
  toFunctionSelector,
} from 'viem'
import { computeRouterAbi } from '../../contracts/abi/ComputeRouter.ts'
import { priceGuardAbi } from '../../contracts/abi/PriceGuard.ts'
import type { Authorization } from './authorization.ts'
import { type CallLimits, withDeadline } from './deadline.ts'
import type { Terms } from './terms.ts'

/** What one job of a batch is completed with. */
export interface Completion {
  readonly id: Hex
  readonly usedSeconds: number
  readonly evidenceRoot: Hex
}

/** One call of the router, as data. */
export type RouterCall =
  | { verb: 'fund'; terms: Terms; quoteSignature: Hex }
  | { verb: 'fundWithAuthorization'; terms: Terms; quoteSignature: Hex; authorization: Authorization }
  | { verb: 'start' | 'cancel' | 'stop' | 'reclaim'; id: Hex }
  | { verb: 'checkpoint'; id: Hex; usedSeconds: number }
  | { verb: 'complete'; id: Hex; usedSeconds: number; evidenceRoot: Hex }
  | { verb: 'completeMany'; completions: readonly Completion[] }
  | { verb: 'reclaimMany'; ids: readonly Hex[] }
  | { verb: 'withdrawFor'; account: Address }

/** The calldata of a call. */
export function encodeRouterCall(call: RouterCall): Hex {
  const abi = computeRouterAbi
  switch (call.verb) {
    case 'fund':
      return encodeFunctionData({ abi, functionName: 'fund', args: [call.terms, call.quoteSignature] })
    case 'fundWithAuthorization': {
      const { from, validAfter, validBefore, signature } = call.authorization
      const args = [call.terms, call.quoteSignature, from, validAfter, validBefore, signature] as const
      return encodeFunctionData({ abi, functionName: 'fundWithAuthorization', args })
    }
    case 'checkpoint':
      return encodeFunctionData({ abi, functionName: 'checkpoint', args: [call.id, call.usedSeconds] })
    case 'complete':
      return encodeFunctionData({ abi, functionName: 'complete', args: [call.id, call.usedSeconds, call.evidenceRoot] })
    case 'completeMany':
      return encodeFunctionData({ abi, functionName: 'completeMany', args: [call.completions] })
    case 'reclaimMany':
      return encodeFunctionData({ abi, functionName: 'reclaimMany', args: [call.ids] })
    case 'withdrawFor':
      return encodeFunctionData({ abi, functionName: 'withdrawFor', args: [call.account] })
    default:
      return encodeFunctionData({ abi, functionName: call.verb, args: [call.id] })
  }
}

/** The calldata that asks the router's resolver about the places [cursor, cursor + limit). */
export const encodeChecker = ({ cursor, limit }: { cursor: bigint; limit: bigint }): Hex =>
  encodeFunctionData({ abi: computeRouterAbi, functionName: 'checker', args: [cursor, limit] })

/** The function that the resolver's answer is a call of. */
export const reclaimSelector = (): Hex => toFunctionSelector(getAbiItem({ abi: computeRouterAbi, name: 'reclaimMany' }))

/** The jobs that a `reclaimMany` call names; throws for any other call. */
export function decodeReclaimMany(data: Hex): readonly Hex[] {
  const call = decodeFunctionData({ abi: computeRouterAbi, data })
  if (call.functionName !== 'reclaimMany') throw new Error(`the resolver wants ${call.functionName}, not reclaimMany`)
  return call.args[0]
}

/** Every error that a call of ours can be refused with: the router's, the guard's, and USDC's plain reasons. */
export const routerErrors = [
  ...computeRouterAbi,
  ...priceGuardAbi,
  ...parseAbi(['error Error(string reason)']),
] as const

/** Why a call would revert: the contract's error and its arguments; `Unknown` when the data names none of ours. */
export interface RouterRefusal {
  ok: false
  error: ContractErrorName<typeof routerErrors> | 'Unknown'
  args: readonly unknown[]
}

/**
 * Tries a call on the latest block without sending it. A revert is an answer, not an exception.
 * Errors: chain.timeout, chain.failed when the endpoint did not answer.
 */
export async function tryRouterCall(
  options: CallLimits & { client: PublicClient; router: Address; call: RouterCall; from: Address },
): Promise<{ ok: true; gas: bigint } | RouterRefusal> {
  const { client, router, call, from, ...limits } = options
  const request = { account: from, to: router, data: encodeRouterCall(call) }
  return withDeadline(
    async () => {
      try {
        return { ok: true, gas: await client.estimateGas(request) } as const
      } catch (error) {
        const data = revertData(error)
        if (data === undefined) throw error
        return decodeRefusal(data)
      }
    },
    `trial of ${call.verb}`,
    limits,
  )
}

/** What revert data (also a ReclaimFailed event's) says. */
export function decodeRefusal(data: Hex): RouterRefusal {
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi: routerErrors, data })
    return { ok: false, error: errorName, args }
  } catch {
    // viem throws for a selector outside the ABI.
    return { ok: false, error: 'Unknown', args: [data] }
  }
}

/** The data of a revert inside viem's error chain; undefined when the call failed for another reason. */
function revertData(error: unknown): Hex | undefined {
  if (!(error instanceof BaseError)) return undefined
  let found: Hex | undefined
  error.walk((cause) => {
    const data = typeof cause === 'object' && cause !== null && 'data' in cause ? cause.data : undefined
    if (isHex(data)) found = data
    return found !== undefined
  })
  return found
}
