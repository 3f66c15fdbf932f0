// Offers signed bytes to every endpoint and says what became of them.
import type { Hex } from 'viem'
import { type Endpoints, rpcErrorText } from './endpoints.ts'

/**
 * accepted: at least one node has them. nonce-used: some transaction with this nonce is mined, perhaps ours.
 * unfunded, underpriced: refused for now. unknown: no node said anything to go by, so they may well be in.
 */
export type BroadcastOutcome = 'accepted' | 'nonce-used' | 'underpriced' | 'unfunded' | 'unknown'

// The one place that reads nodes' wording; order matters only for the reader.
const WORDINGS: readonly (readonly [RegExp, BroadcastOutcome])[] = [
  [/already known|already imported|known transaction|alreadyknown/i, 'accepted'],
  [/nonce too low|nonce is too low|oldnonce|invalid nonce/i, 'nonce-used'],
  [/underpriced|fee too low|max fee per gas less than block base fee/i, 'underpriced'],
  [/insufficient (funds|balance)/i, 'unfunded'],
]
const PREFERENCE: readonly BroadcastOutcome[] = ['accepted', 'nonce-used', 'unknown', 'underpriced', 'unfunded']

/** Sends to all at once, since one endpoint may hold back what another passes on; never throws. */
export async function broadcast(
  endpoints: Endpoints,
  raw: Hex,
): Promise<{ outcome: BroadcastOutcome; texts: readonly string[] }> {
  const results = await Promise.all(
    endpoints.all.map(async (client) => {
      try {
        await client.request({ method: 'eth_sendRawTransaction', params: [raw] })
        return { outcome: 'accepted' as const, text: '' }
      } catch (error) {
        const text = rpcErrorText(error)
        return { outcome: WORDINGS.find(([wording]) => wording.test(text))?.[1] ?? ('unknown' as const), text }
      }
    }),
  )
  const outcome = PREFERENCE.find((wanted) => results.some((result) => result.outcome === wanted)) ?? 'unknown'
  return { outcome, texts: results.map((result) => result.text).filter(Boolean) }
}
