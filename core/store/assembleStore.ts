// A store over any medium: hands out collections once each, guards blobs, closes in order.
import { NectoError } from '../errors.ts'
import { createKeyedQueue } from '../keyedQueue.ts'
import { createCollection, type LoadedDocument, type OwnedCollection, type Persistence } from './collection.ts'
import type { Blobs, Collection, CollectionDefinition, Store } from './store.ts'

/** What an adapter brings. */
export interface Medium {
  /** The documents of this collection and where its changes go; called once per name. */
  open(name: string): { loaded: readonly LoadedDocument[]; persistence: Persistence }
  readonly blobs: Blobs
  /** Whether this process still owns the medium. */
  held(): boolean
  release(): Promise<void>
}

/** The port over a medium. */
export function assembleStore(medium: Medium): Store {
  // unknown: a map cannot say that each name has its own type; the definition's identity below vouches for the cast.
  const collections = new Map<string, { definition: unknown; owned: OwnedCollection<unknown> }>()
  const blobQueue = createKeyedQueue()
  let closing: Promise<void> | undefined

  function requireOpen(): void {
    if (closing || !medium.held())
      throw new NectoError('store.closed', 'Necto is shutting down. Try again in a moment.', { retry: 'later' })
  }

  async function close(): Promise<void> {
    const endings = [...collections.values()].map(({ owned }) => owned.end())
    await Promise.all([...endings, blobQueue.idle()])
    await medium.release()
  }

  return {
    collection<T>(definition: CollectionDefinition<T>): Collection<T> {
      requireOpen()
      const known = collections.get(definition.name)
      if (known?.definition === definition) return known.owned.collection as Collection<T>
      if (known || !/^[a-z][A-Za-z0-9]*$/.test(definition.name) || definition.name === 'blobs')
        throw new NectoError('store.collection', 'Something is broken here.', {
          details: `collection ${definition.name}: ${known ? 'defined twice' : 'a name is camelCase and not "blobs"'}`,
        })
      const owned = createCollection({ definition, ...medium.open(definition.name), requireOpen })
      collections.set(definition.name, { definition, owned: owned as OwnedCollection<unknown> })
      return owned.collection
    },
    blobs: {
      async put(name, bytes) {
        requireOpen()
        const copy = bytes.slice()
        return blobQueue.run(name, () => medium.blobs.put(name, copy))
      },
      async get(name) {
        requireOpen()
        return medium.blobs.get(name)
      },
      async remove(name) {
        requireOpen()
        return blobQueue.run(name, () => medium.blobs.remove(name))
      },
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}
