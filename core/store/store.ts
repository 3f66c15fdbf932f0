// The document store's port: collections with compare-and-set, indexes and a change feed, and named blobs.
import type { z } from 'zod'

/** One document as stored. `value` is deeply frozen: change a copy and `put` it. */
export interface Stored<T> {
  readonly id: string
  /** Grows with every write of this id, also over a removal and a new insert; compare-and-set goes by it. */
  readonly version: number
  readonly value: T
}

/** One document changed; `version` is the one written, or the one that was removed. */
export interface Change {
  readonly id: string
  readonly version: number
  readonly removed: boolean
}

/**
 * The documents of one kind. A resolved write is durable and visible; a rejected one (NectoError `store.write`)
 * changed nothing, unless its `retry` says `unknown`: then read again before acting.
 */
export interface Collection<T> {
  get(id: string): Promise<Stored<T> | undefined>
  /** undefined: the id exists already, which is how an effect is made unique. */
  insert(id: string, value: T): Promise<Stored<T> | undefined>
  /** Writes only if `doc` is still the latest version; undefined: somebody was faster, or removed it. */
  put(doc: Stored<T>, value: T): Promise<Stored<T> | undefined>
  /** Removes only if `doc` is still the latest version; false: somebody was faster. */
  remove(doc: Stored<T>): Promise<boolean>
  /** All documents, or those whose index yields the key, ordered by id (UTF-16 code units). */
  list(query?: { index: string; key: string }): Promise<Stored<T>[]>
  /**
   * Changes from the moment of the call on, for one reader. Several changes of one id not read yet count as the
   * latest; none is lost. Ends when the signal aborts or the store closes.
   */
  watch(signal: AbortSignal): AsyncIterable<Change>
}

/** Named byte strings: record pages, logs. */
export interface Blobs {
  /** Writes or replaces, whole or not at all. */
  put(name: string, bytes: Uint8Array): Promise<void>
  get(name: string): Promise<Uint8Array | undefined>
  /** Nothing happens when there is no such blob. */
  remove(name: string): Promise<void>
}

/** What a collection holds. Two definitions of one name in one store are refused. */
export interface CollectionDefinition<T> {
  readonly name: string
  /**
   * Decodes JSON to T and encodes T to JSON (zod codecs: a bigint is a string on disk). A decoded value is made of
   * plain objects, arrays and primitives; bytes belong in a blob, instants are numbers.
   */
  readonly schema: z.ZodType<T, unknown>
  /** Each index names the keys under which a value is found: none, one or several. */
  readonly indexes: Readonly<Record<string, (value: T) => readonly string[]>>
}

/** A store that this process alone has open. */
export interface Store {
  /** The documents of this kind; throws NectoError `store.corrupt` naming file and fault if one on disk does not fit the schema. */
  collection<T>(definition: CollectionDefinition<T>): Collection<T>
  readonly blobs: Blobs
  /** Waits for writes under way, ends every watch, lets the store go. Every later call is refused. */
  close(): Promise<void>
}
