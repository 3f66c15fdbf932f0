// A store that lives as long as its process: for tests, and for verbs that keep nothing.
import { assembleStore } from './assembleStore.ts'
import type { Store } from './store.ts'

/** An empty store; everything but durability works as in the others. */
export function createMemoryStore(): Store {
  const blobs = new Map<string, Uint8Array>()
  return assembleStore({
    open: () => ({
      loaded: [],
      persistence: { read: async () => undefined, write: async () => {}, remove: async () => {} },
    }),
    blobs: {
      async put(name, bytes) {
        blobs.set(name, bytes)
      },
      get: async (name) => blobs.get(name)?.slice(),
      async remove(name) {
        blobs.delete(name)
      },
    },
    held: () => true,
    release: async () => blobs.clear(),
  })
}
