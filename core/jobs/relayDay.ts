// The gas that the relay pays for others in one UTC day: counted by the keeper, read before a signature is asked.
import { z } from 'zod'
import { integerText } from '../codecs.ts'
import type { CollectionDefinition } from '../store/store.ts'
import type { JobsContext } from './context.ts'

const relayDaySchema = z.strictObject({
  /** What is not mined yet counts with the most that it can cost. */
  spentWei: integerText,
  /** What one more is expected to cost; missing while nothing is known. */
  nextWei: integerText.optional(),
})
export type RelayDay = z.output<typeof relayDaySchema>

/** One document per day, by `utcDay`. */
export const relayDays: CollectionDefinition<RelayDay> = { name: 'relayDays', schema: relayDaySchema, indexes: {} }

/** "2026-11-27" */
export const utcDay = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10)

/** spent: until the day ends only those can pay who send with their own gas. */
export type RelayState = 'open' | 'spent'

export async function relayState(context: Pick<JobsContext, 'relayDays' | 'clock' | 'policy'>): Promise<RelayState> {
  const day = await context.relayDays.get(utcDay(context.clock.now()))
  return relayStateOf(day?.value ?? { spentWei: 0n }, context.policy.relayDailyGasWei)
}

/** spent also where one more would go beyond the limit. */
export function relayStateOf({ spentWei, nextWei = 0n }: RelayDay, limitWei: bigint): RelayState {
  return spentWei >= limitWei || spentWei + nextWei > limitWei ? 'spent' : 'open'
}
