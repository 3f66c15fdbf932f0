// Sends signed bytes to the storage chain and sorts what it answers.
import { BaseError, type Hex, HttpRequestError, type PublicClient, TimeoutError } from 'viem'
import { NectoError } from '../errors.ts'

/**
 * Resolves when the chain took the bytes, had them already, or gave no clear answer: the receipt tells then. Throws
 * `zerog.insufficient-funds`, `zerog.nonce-taken` or `zerog.unavailable` when it surely did not take them.
 */
export async function broadcast(chain: PublicClient, raw: Hex): Promise<void> {
  try {
    await chain.sendRawTransaction({ serializedTransaction: raw })
  } catch (error) {
    const text = error instanceof BaseError ? `${error.shortMessage} ${error.details}` : String(error)
    if (/already (known|imported)/i.test(text)) return
    if (isUnclear(error)) return
    throw refusal(text, error)
  }
}

/** No answer, or one from something in between: the transaction may be in. */
function isUnclear(error: unknown): boolean {
  return (
    error instanceof BaseError && error.walk((e) => e instanceof HttpRequestError || e instanceof TimeoutError) !== null
  )
}

function refusal(details: string, cause: unknown): NectoError {
  if (/insufficient funds/i.test(details)) {
    return new NectoError('zerog.insufficient-funds', 'The storage wallet is empty.', { details, cause })
  }
  if (/nonce too low|underpriced/i.test(details)) {
    return new NectoError('zerog.nonce-taken', 'Storage is busy, try again.', { retry: 'later', details, cause })
  }
  return new NectoError('zerog.unavailable', 'The storage chain refused.', { retry: 'later', details, cause })
}
