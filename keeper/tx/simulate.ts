// Tries a call without sending it, and reads why one was refused.
import { type Abi, BaseError, decodeErrorResult, type Hex, numberToHex, type PublicClient } from 'viem'
import type { Endpoints } from './endpoints.ts'
import type { Intent } from './intent.ts'

type Call = Pick<Intent, 'signer' | 'to' | 'data' | 'value' | 'gas'>
export type Failure = NonNullable<Intent['failure']>
export type Simulation = { readonly gas: bigint } | { readonly failure: Failure }

/**
 * The gas the call needs, or why it would revert: as most endpoints see it, so that one behind the head cannot fail
 * a call. undefined: no majority or nobody answered; try later.
 */
export async function simulate(options: {
  endpoints: Endpoints
  call: Call
  errorAbi: Abi
}): Promise<Simulation | undefined> {
  const { endpoints, call, errorAbi } = options
  const found = await endpoints.answers((client) => simulateAt({ client, call, errorAbi }))
  return endpoints.most(found, (answer) => ('failure' in answer ? `failed ${answer.failure.code}` : 'fine'))
}

async function simulateAt(options: { client: PublicClient; call: Call; errorAbi: Abi }): Promise<Simulation> {
  const { client, call, errorAbi } = options
  try {
    // A caller's own limit is tried as it is; an estimate would only say what a larger one could do.
    if (call.gas !== undefined) {
      await client.request({ method: 'eth_call', params: [wireCall(call), 'latest'] })
      return { gas: call.gas }
    }
    const estimate = await client.request({ method: 'eth_estimateGas', params: [wireCall(call)] })
    // A quarter more: storage that others change between the estimate and the block costs more to write.
    return { gas: (BigInt(estimate) * 5n) / 4n }
  } catch (error) {
    const failure = readRevert(error, errorAbi)
    if (!failure) throw error
    return { failure }
  }
}

/** Why a mined transaction reverted, from a repeated call on the state before its block; best effort. */
export async function explainRevert(options: {
  endpoints: Endpoints
  intent: Intent
  errorAbi: Abi
}): Promise<Failure> {
  const { endpoints, intent, errorAbi } = options
  const { mined, gasLimit } = intent
  if (mined && gasLimit !== undefined && mined.gasUsed >= gasLimit)
    return { code: 'tx.out-of-gas', text: 'The transaction ran out of gas.' }
  // Before the block shows most causes; after it shows those made by an earlier transaction of the same block.
  for (const block of mined ? [mined.blockNumber - 1n, mined.blockNumber] : []) {
    const call = wireCall({ ...intent, gas: gasLimit })
    const failure = await endpoints
      .first((client) => client.request({ method: 'eth_call', params: [call, numberToHex(block)] }))
      .then(
        () => undefined,
        (error: unknown) => readRevert(error, errorAbi),
      )
    if (failure) return failure
  }
  return { code: 'tx.reverted', text: 'The contract refused the call.' }
}

function wireCall(call: Call) {
  const { signer, to, data, value, gas } = call
  return { from: signer, to, data, value: numberToHex(value), ...(gas === undefined ? {} : { gas: numberToHex(gas) }) }
}

// A revert is told from a node's own trouble by its data, or by JSON-RPC code 3, which geth gives only to reverts.
function readRevert(error: unknown, errorAbi: Abi): Failure | undefined {
  if (!(error instanceof BaseError)) return undefined
  const withData = error.walk((cause) => revertData(cause) !== undefined)
  const data = revertData(withData)
  if (data !== undefined && data !== '0x') return decodeRevert(data, errorAbi)
  const isRevert = error.walk((cause) => codeOf(cause) === 3) !== null || /execution reverted/i.test(error.message)
  return isRevert ? { code: 'tx.reverted', text: 'The contract refused the call.' } : undefined
}

function decodeRevert(data: Hex, abi: Abi): Failure {
  try {
    const { errorName, args } = decodeErrorResult({ abi, data })
    const shown = (args ?? []).map(String).join(', ')
    if (errorName === 'Error') return { code: 'tx.reverted', text: shown }
    return { code: errorName, text: shown === '' ? errorName : `${errorName}(${shown})` }
  } catch {
    return { code: 'tx.reverted', text: `The contract refused the call (${data.slice(0, 10)}).` }
  }
}

// Nodes put the revert's bytes in `error.data`, some one level deeper.
function revertData(error: unknown): Hex | undefined {
  const data = propertyOf(error, 'data')
  const bytes = typeof data === 'string' ? data : propertyOf(data, 'data')
  return typeof bytes === 'string' && /^0x([0-9a-f]{2})*$/i.test(bytes) ? (bytes as Hex) : undefined
}

const codeOf = (error: unknown) => propertyOf(error, 'code')

function propertyOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && key in value
    ? (value as Record<string, unknown>)[key]
    : undefined
}
