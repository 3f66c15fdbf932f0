// A process that dies at a chosen write or call: right before it, or right after it was done; from then on nothing answers.
import type { Collection, CollectionDefinition, Store } from '../../core/store/store.ts'

/** What a dead process throws. */
export class Crash extends Error {}

/** Before it, after it, or it is done and only its answer is lost: then the process lives on and knows no better. */
export type Side = 'before' | 'after' | 'unanswered'

export interface CrashingStore {
  /** The store of a new process, and its way out; whatever still runs of the one before it can do nothing any more. */
  readonly begin: () => Store & { call<T>(act: () => Promise<T>): Promise<T> }
  /** Writes and calls so far, in every life. */
  readonly writes: () => number
  /** Which of them were calls. */
  readonly calls: () => readonly number[]
  /** Whether the newest process is dead. */
  readonly isDead: () => boolean
  /** The names of the blobs that there are now. */
  readonly blobNames: () => string[]
}

/** `crashAt` counts writes and calls from 1, `againAt` is a second death; without them the store only counts. */
export function createCrashingStore(
  inner: Store,
  { crashAt, againAt, side = 'before' }: { crashAt?: number; againAt?: number; side?: Side } = {},
): CrashingStore {
  let writes = 0
  const calls: number[] = []
  let life = { isDead: true }
  const blobNames = new Set<string>()

  function begin() {
    life.isDead = true
    const own = { isDead: false }
    life = own

    function requireAlive(): void {
      if (own.isDead) throw new Crash('the process is dead')
    }

    async function write<T>(act: () => Promise<T>): Promise<T> {
      requireAlive()
      writes += 1
      const isLast = writes === crashAt || writes === againAt
      if (isLast && side === 'before') own.isDead = true
      requireAlive()
      const done = await act()
      if (isLast && side === 'unanswered') throw new Error('socket hang up')
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
      call: <T>(act: () => Promise<T>) =>
        write(() => {
          calls.push(writes)
          return act()
        }),
      collection: <T>(definition: CollectionDefinition<T>) => wrap(inner.collection(definition)),
      blobs: {
        get: (name: string) => read(() => inner.blobs.get(name)),
        put: (name: string, bytes: Uint8Array) =>
          write(async () => {
            await inner.blobs.put(name, bytes)
            blobNames.add(name)
          }),
        remove: (name: string) =>
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
    calls: () => calls,
    isDead: () => life.isDead,
    blobNames: () => [...blobNames].toSorted(),
  }
}
