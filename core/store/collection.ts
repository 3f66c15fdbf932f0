// One collection: compare-and-set over a table in memory, which changes only after the disk did.
import { NectoError } from '../errors.ts'
import { createKeyedQueue } from '../keyedQueue.ts'
import { createChangeFeed } from './changeFeed.ts'
import { decodeEnvelope, type Encoded, type Envelope, encodeValue } from './documentCodec.ts'
import { createDocumentTable } from './documentTable.ts'
import type { Collection, CollectionDefinition, Stored } from './store.ts'

/**
 * Where documents outlive the process. A call that rejects changed nothing, unless it is a NectoError whose `retry`
 * is `unknown`: then only a new `read` can tell.
 */
export interface Persistence {
  /** What is kept under this id, as JSON; undefined: nothing. */
  read(id: string): Promise<unknown>
  write(envelope: Envelope): Promise<void>
  remove(id: string): Promise<void>
}

/** JSON found on disk, and the file's name for messages. */
export interface LoadedDocument {
  readonly source: string
  readonly json: unknown
}

/** A collection, and how its store ends it. */
export interface OwnedCollection<T> {
  readonly collection: Collection<T>
  /** Ends the watches and waits for the writes under way. */
  end(): Promise<void>
}

/** Builds table and indexes from what was loaded; throws `store.corrupt` if a document does not fit. */
export function createCollection<T>(options: {
  definition: CollectionDefinition<T>
  loaded: readonly LoadedDocument[]
  persistence: Persistence
  requireOpen: () => void
}): OwnedCollection<T> {
  const { definition, loaded, persistence } = options
  const table = createDocumentTable(definition)
  const feed = createChangeFeed()
  const queue = createKeyedQueue()
  // An id inserted again after a removal goes on from here, so a handle on the old document can never fit the new one.
  let highestRemoved = 0
  let broken: NectoError | undefined

  for (const { source, json } of loaded) {
    const doc = decodeEnvelope(definition, json, source)
    table.set(Object.freeze({ id: doc.id, version: doc.version, value: doc.value }), table.keysOf(doc.value))
  }

  function requireUsable(): void {
    options.requireOpen()
    if (broken) throw broken
  }

  function exclusive<R>(id: string, task: () => Promise<R>): Promise<R> {
    return queue.run(id, () => {
      if (broken) throw broken
      return task()
    })
  }

  async function save(id: string, version: number, encoded: Encoded<T>): Promise<Stored<T>> {
    const doc: Stored<T> = Object.freeze({ id, version, value: encoded.value })
    const keys = table.keysOf(doc.value)
    const commit = () => {
      table.set(doc, keys)
      feed.publish({ id, version, removed: false })
    }
    await persist(id, () => persistence.write({ id, version, value: encoded.json }), commit, version)
    return doc
  }

  async function erase(id: string, version: number): Promise<void> {
    const commit = () => {
      highestRemoved = Math.max(highestRemoved, version)
      table.delete(id)
      feed.publish({ id, version, removed: true })
    }
    await persist(id, () => persistence.remove(id), commit, undefined)
  }

  // Memory follows the disk: after success, and after a failure of which only the disk knows how it ended.
  async function persist(id: string, act: () => Promise<void>, commit: () => void, versionAfter: number | undefined) {
    try {
      await act()
    } catch (error) {
      if (error instanceof NectoError && error.retry === 'unknown' && (await landed(id, versionAfter))) commit()
      throw error
    }
    commit()
  }

  // Did the write take effect? If the disk shows neither before nor after, nothing here can be trusted until a restart.
  async function landed(id: string, versionAfter: number | undefined): Promise<boolean> {
    try {
      const json = await persistence.read(id)
      const onDisk = json === undefined ? undefined : decodeEnvelope(definition, json, id).version
      if (onDisk === versionAfter) return true
      if (onDisk === table.get(id)?.version) return false
      throw new Error(`version ${onDisk ?? 'none'} on disk`)
    } catch (cause) {
      broken = new NectoError('store.broken', 'The store is broken and needs a restart.', {
        retry: 'unknown',
        details: `${definition.name}/${id} after a failed write`,
        cause,
      })
      return false
    }
  }

  const collection: Collection<T> = {
    async get(id) {
      requireUsable()
      return table.get(id)
    },
    async insert(id, value) {
      requireUsable()
      // Encoded before the queue: what the caller does to the value while waiting does not count.
      const encoded = encodeValue(definition, id, value)
      return exclusive(id, async () => (table.get(id) ? undefined : save(id, highestRemoved + 1, encoded)))
    },
    async put(doc, value) {
      requireUsable()
      const encoded = encodeValue(definition, doc.id, value)
      return exclusive(doc.id, async () =>
        table.get(doc.id)?.version === doc.version ? save(doc.id, doc.version + 1, encoded) : undefined,
      )
    },
    async remove(doc) {
      requireUsable()
      return exclusive(doc.id, async () => {
        if (table.get(doc.id)?.version !== doc.version) return false
        await erase(doc.id, doc.version)
        return true
      })
    },
    async list(query) {
      requireUsable()
      return table.list(query)
    },
    watch(signal) {
      requireUsable()
      return feed.watch(signal)
    },
  }
  return {
    collection,
    end() {
      feed.end()
      return queue.idle()
    },
  }
}
