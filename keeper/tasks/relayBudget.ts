// How much gas the relay has paid for others today: summed from its stored transactions, so that a restart loses nothing.
import { utcDay } from '../../core/jobs/relayDay.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import type { Intent } from '../tx/intent.ts'
import type { KeeperContext } from './keeper.ts'

// A first payment from a wallet into the router, with a margin; only until the endpoint has said what it takes.
const EXPECTED_GAS = 250_000n

export const isFundIntent = (id: string): boolean => id.includes(':fund:')

const bid = (intent: Intent | undefined): bigint => intent?.versions.at(-1)?.maxFeePerGas ?? 0n

/** What one transaction cost, or the most that it can cost yet; `expectedFee` is the bid, in wei per gas, of one not signed. */
function costWei(intent: Intent, expectedFee: bigint): bigint {
  if (intent.mined?.feeWei !== undefined) return intent.mined.feeWei
  // Refused before it was sent: it cost nothing.
  if (intent.state === 'failed' && !intent.mined) return 0n
  const [gas, fee] =
    intent.state === 'planned' ? [EXPECTED_GAS, expectedFee] : [intent.gasLimit ?? EXPECTED_GAS, bid(intent)]
  return gas * fee
}

/** Counts the fundings submitted today anew, and stores the sum for the pages. Answers wei. */
export async function countRelayGas({ context, intents }: Pick<KeeperContext, 'context' | 'intents'>): Promise<bigint> {
  const { relayDays, clock } = context
  const day = utcDay(clock.now())
  const today = (await intents.list({ index: 'day', key: day }))
    .filter(({ id }) => isFundIntent(id))
    .map(({ value }) => value)
  const expectedFee = bid(today.filter(({ versions }) => versions.length > 0).at(-1))
  const spentWei = today.reduce((sum, intent) => sum + costWei(intent, expectedFee), 0n)
  if (!(await relayDays.insert(day, { spentWei }))) {
    await updateDocument({
      collection: relayDays,
      id: day,
      change: (stored) => (stored.spentWei === spentWei ? undefined : { spentWei }),
    })
  }
  return spentWei
}
