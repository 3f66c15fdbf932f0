// Read, change, compare-and-set, and again when somebody was faster.
import { NectoError } from '../errors.ts'
import type { Collection, Stored } from './store.ts'

// Of n writers racing for one document one wins each round, so this is also how many may race.
const MAX_ATTEMPTS = 1000

/**
 * Changes one document by a pure function of its current value, which may run several times.
 * undefined: no such document, or `change` answered undefined (no change wanted).
 * Throws NectoError `store.contended` when a thousand attempts all came too late.
 */
export async function updateDocument<T>(options: {
  collection: Collection<T>
  id: string
  change: (value: T) => T | undefined
}): Promise<Stored<T> | undefined> {
  const { collection, id, change } = options
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const doc = await collection.get(id)
    if (!doc) return undefined
    const value = change(doc.value)
    if (value === undefined) return undefined
    const stored = await collection.put(doc, value)
    if (stored) return stored
  }
  throw new NectoError('store.contended', 'Too many changes at once. Try again.', { retry: 'later', details: id })
}
