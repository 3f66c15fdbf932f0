// The lasting pseudonyms of people and teams in tracked records: random, so that they say nothing by themselves.
import { z } from 'zod'
import { createRef, type RandomBytes } from '../ids.ts'
import type { Collection, CollectionDefinition } from '../store/store.ts'

const pseudonymSchema = z.strictObject({ pseudonym: z.string() })
export type Pseudonym = z.output<typeof pseudonymSchema>

export const pseudonyms: CollectionDefinition<Pseudonym> = { name: 'pseudonyms', schema: pseudonymSchema, indexes: {} }

/** SELLER-04: the pseudonym of a member ("M-…") or a team ("T-…"), made the first time a tracked job needs it. */
export async function pseudonymOf(options: {
  pseudonyms: Collection<Pseudonym>
  /** memberKey, or a team's id. */
  id: string
  kind: 'member' | 'team'
  random: RandomBytes
}): Promise<string> {
  const { pseudonyms, id, kind, random } = options
  const known = await pseudonyms.get(id)
  if (known) return known.value.pseudonym
  const made = { pseudonym: `${kind === 'member' ? 'M' : 'T'}-${createRef(random)}` }
  return ((await pseudonyms.insert(id, made)) ?? (await pseudonyms.get(id)))?.value.pseudonym ?? made.pseudonym
}
