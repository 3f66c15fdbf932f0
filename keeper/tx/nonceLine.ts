// One signer's nonces on one chain, handed out by one keeper alone.
import type { Collection } from '../../core/store/store.ts'
import type { Endpoints } from './endpoints.ts'
import { type Intent, lineKey } from './intent.ts'

export interface NonceLine {
  /** The nonce for the next signature. The same one until `used` is called. */
  peek(): Promise<number>
  /** The peeked nonce is stored in an intent now. */
  used(): void
  /** Reads store and chain again before the next one: after anything whose outcome is not certain. */
  forget(): void
}

/**
 * Next = the larger of the chain's 'latest' count and the highest stored nonce + 1. Never 'pending': one node's view
 * of it misses what another holds, and counts what will never be mined.
 */
export function createNonceLine(options: {
  intents: Collection<Intent>
  endpoints: Endpoints
  line: { readonly chainId: number; readonly signer: Intent['signer'] }
}): NonceLine {
  const { intents, endpoints, line } = options
  let next: number | undefined
  return {
    async peek() {
      if (next !== undefined) return next
      const stored = await intents.list({ index: 'line', key: lineKey(line) })
      const highest = stored.reduce((nonce, { value }) => Math.max(nonce, value.nonce ?? -1), -1)
      const counts = await endpoints.answers((client) =>
        client.getTransactionCount({ address: line.signer, blockTag: 'latest' }),
      )
      // An endpoint behind the head only knows less, so the highest answer is the best one; none at all is no answer.
      if (counts.length === 0)
        await endpoints.first((client) => client.getTransactionCount({ address: line.signer, blockTag: 'latest' }))
      next = Math.max(highest + 1, ...counts)
      return next
    },
    used() {
      if (next !== undefined) next += 1
    },
    forget() {
      next = undefined
    },
  }
}
