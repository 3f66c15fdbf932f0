// The documents of one collection in memory, with their indexes.
import { NectoError } from '../errors.ts'
import type { CollectionDefinition, Stored } from './store.ts'

/** The keys of one document, by index. */
type IndexKeys = ReadonlyMap<string, ReadonlySet<string>>

export interface DocumentTable<T> {
  get(id: string): Stored<T> | undefined
  /** Computed apart from `set`, so that an index function that throws does so before anything is written. */
  keysOf(value: T): IndexKeys
  set(doc: Stored<T>, keys: IndexKeys): void
  delete(id: string): void
  list(query?: { index: string; key: string }): Stored<T>[]
}

/** An empty table with the definition's indexes. */
export function createDocumentTable<T>(definition: CollectionDefinition<T>): DocumentTable<T> {
  const rows = new Map<string, { doc: Stored<T>; keys: IndexKeys }>()
  const indexes = new Map(Object.keys(definition.indexes).map((name) => [name, new Map<string, Set<string>>()]))

  function unindex(id: string): void {
    for (const [name, keys] of rows.get(id)?.keys ?? []) {
      const index = indexes.get(name)
      for (const key of keys) {
        const ids = index?.get(key)
        ids?.delete(id)
        if (ids?.size === 0) index?.delete(key)
      }
    }
  }

  function idsOf(query: { index: string; key: string }): Iterable<string> {
    const index = indexes.get(query.index)
    if (index) return index.get(query.key) ?? []
    throw new NectoError('store.index', 'Something is broken here.', {
      details: `collection ${definition.name} has no index ${query.index}`,
    })
  }

  return {
    get: (id) => rows.get(id)?.doc,
    keysOf: (value) =>
      new Map(Object.entries(definition.indexes).map(([name, keysOfValue]) => [name, new Set(keysOfValue(value))])),
    set(doc, keys) {
      unindex(doc.id)
      rows.set(doc.id, { doc, keys })
      for (const [name, values] of keys) {
        const index = indexes.get(name)
        for (const key of values) {
          const ids = index?.get(key)
          if (ids) ids.add(doc.id)
          else index?.set(key, new Set([doc.id]))
        }
      }
    },
    delete(id) {
      unindex(id)
      rows.delete(id)
    },
    list(query) {
      const ids = [...(query ? idsOf(query) : rows.keys())].sort(byCodeUnit)
      return ids.flatMap((id) => rows.get(id)?.doc ?? [])
    },
  }
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
