// How much gas the relay pays for others in a day, and whether it may pay for one more: told from its stored transactions alone, so that a crash loses nothing.
import { type RelayDay, relayStateOf, utcDay } from '../../core/jobs/relayDay.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import type { Intent } from '../tx/intent.ts'
import type { KeeperContext } from './keeper.ts'

// A first payment from a wallet into the router, with a margin; only until the endpoint has said what it takes.
const EXPECTED_GAS = 250_000n
// Signing takes three answers of an endpoint; what needs longer may not hold up everybody else.
const SIGNING_MS = 10_000

type BudgetKeeper = Pick<KeeperContext, 'context' | 'intents' | 'feeCapWei'>

export const isFundIntent = (id: string): boolean => id.includes(':fund:')

const bid = (intent: Intent | undefined): bigint => intent?.versions.at(-1)?.maxFeePerGas ?? 0n
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n)

/** What a transaction cost for good; undefined while that is open. */
function paidWei(intent: Intent): bigint | undefined {
  if (intent.mined?.feeWei !== undefined) return intent.mined.feeWei
  // Refused before it was sent: it cost nothing.
  return intent.state === 'failed' && !intent.mined ? 0n : undefined
}

/** The most that one can cost at a fee in wei per gas. */
const mostWei = (intent: Intent, feeWei: bigint): bigint =>
  (intent.state === 'planned' ? EXPECTED_GAS : (intent.gasLimit ?? EXPECTED_GAS)) * feeWei

async function fundingsToday({ context, intents }: Pick<BudgetKeeper, 'context' | 'intents'>) {
  const day = utcDay(context.clock.now())
  const today = (await intents.list({ index: 'day', key: day }))
    .filter(({ id }) => isFundIntent(id))
    .map(({ value }) => value)
    .sort((a, b) => a.createdAtMs - b.createdAtMs)
  return { day, today, expectedFee: bid(today.filter(({ versions }) => versions.length > 0).at(-1)) }
}

/** Counts the fundings submitted today anew, and stores the sum for the pages. Answers wei. */
export const countRelayGas = async (keeper: Pick<BudgetKeeper, 'context' | 'intents'>): Promise<bigint> =>
  storeSum(keeper.context, await fundingsToday(keeper))

async function storeSum(
  { relayDays }: BudgetKeeper['context'],
  { day, today, expectedFee }: Awaited<ReturnType<typeof fundingsToday>>,
): Promise<bigint> {
  const costs = today.map((intent) => {
    return paidWei(intent) ?? mostWei(intent, intent.state === 'planned' ? expectedFee : bid(intent))
  })
  const counted: RelayDay = { spentWei: sum(costs), nextWei: EXPECTED_GAS * expectedFee }
  if (!(await relayDays.insert(day, counted))) {
    await updateDocument({
      collection: relayDays,
      id: day,
      change: (stored) =>
        stored.spentWei === counted.spentWei && stored.nextWei === counted.nextWei ? undefined : counted,
    })
  }
  return counted.spentWei
}

/**
 * Whether the relay may send one more funding now. What is in flight is reserved with its gas at the highest fee that
 * is ever bid; where one more does not fit beside that, it goes alone, at the fee bid last. So a day ends at most at
 * limit + (fee of the one let through last − what was reserved for it). Beyond that goes only what took over ten seconds
 * to be signed and then more gas than expected, or was bid up after a reorg.
 * Two must not ask at once: the answer holds until the transaction is stored.
 */
export async function askRelay(keeper: BudgetKeeper): Promise<'go' | 'wait' | 'spent'> {
  const { context, feeCapWei } = keeper
  const limitWei = context.policy.relayDailyGasWei
  const fundings = await fundingsToday(keeper)
  await storeSum(context, fundings)
  const { today, expectedFee } = fundings
  const nextWei = EXPECTED_GAS * expectedFee
  const spentWei = sum(today.map((intent) => paidWei(intent) ?? 0n))
  if (relayStateOf({ spentWei, nextWei }, limitWei) === 'spent') return 'spent'
  const open = today.filter((intent) => paidWei(intent) === undefined)
  const isLate = ({ createdAtMs }: Intent) => context.clock.now() - createdAtMs > SIGNING_MS
  const unsigned = open.filter(({ state }) => state === 'planned')
  if (unsigned.some((intent) => !isLate(intent))) return 'wait'
  const reservedWei = sum(open.map((intent) => mostWei(intent, feeCapWei)))
  const isAlone = open.length === unsigned.length
  return spentWei + reservedWei + (isAlone ? nextWei : EXPECTED_GAS * feeCapWei) <= limitWei ? 'go' : 'wait'
}
