// A store that dies at a chosen write: right before it, or right after it was done; from then on nothing answers.
import type { Collection, Store } from '../../core/store/store.ts'

/** What a dead process throws. */
export class Crash extends Error {}

export interface CrashingStore {
  /** The store of a new process; whatever still runs of the one before it can do nothing any more. */
  readonly begin: () => Store
  /** Writes so far, in every life. */
  readonly writes: () => number
  /** Whether the newest process is dead. */
  readonly isDead: () => boolean
  /** The names of the blobs that there are now. */
  readonly blobNames: () => string[]
}

/** `crashAt` counts writes from 1; without it the store only counts. */
export function createCrashingStore(
  inner: Store,
  { crashAt, side = 'before' }: { crashAt?: number; side?: 'before' | 'after' } = {},
): CrashingStore {
  let writes = 0
  let life = { isDead: true }
  const blobNames = new Set<string>()

  function begin(): Store {
    life.isDead = true
    const own = { isDead: false }
    life = own

    function requireAlive(): void {
      if (own.isDead) throw new Crash('the process is dead')
    }

    async function write<T>(act: () => Promise<T>): Promise<T> {
      requireAlive()
      writes += 1
      const isLast = writes === crashAt
      if (isLast && side === 'before') own.isDead = true
      requireAlive()
      const done = await act()
      if (isLast) own.isDead = true
      requireAlive()
      return done
    }

    async function read<T>(act: () => Promise<T>): Promise<T> {
      requireAlive()
      return act()
    }

    const wrap = <T>(collection: Collection<T>): Collection<T> => ({
      get: (id) => read(() => collection.get(id)),
      list: (query) => read(() => collection.list(query)),
      insert: (id, value) => write(() => collection.insert(id, value)),
      put: (doc, value) => write(() => collection.put(doc, value)),
      remove: (doc) => write(() => collection.remove(doc)),
      watch: (signal) => collection.watch(signal),
    })

    return {
      collection: (definition) => wrap(inner.collection(definition)),
      blobs: {
        get: (name) => read(() => inner.blobs.get(name)),
        put: (name, bytes) =>
          write(async () => {
            await inner.blobs.put(name, bytes)
            blobNames.add(name)
          }),
        remove: (name) =>
          write(async () => {
            await inner.blobs.remove(name)
            blobNames.delete(name)
          }),
      },
      close: () => inner.close(),
    }
  }

  return {
    begin,
    writes: () => writes,
    isDead: () => life.isDead,
    blobNames: () => [...blobNames].toSorted(),
  }
}
