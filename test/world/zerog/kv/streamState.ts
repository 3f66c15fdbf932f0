// What a key-value node keeps: every version of every key, and who may write where.
import type { Hex } from 'viem'
import { type Control, control, type StreamKey } from './parseBatch.ts'

export interface Version {
  /** The submission that wrote it. */
  version: number
  /** Empty: deleted. */
  value: Uint8Array
}

interface Stream {
  admins: Set<Hex>
  writers: Set<Hex>
  /** Keys that only their own writers and the admins write. */
  special: Map<Hex, Set<Hex>>
  keys: Map<Hex, Version[]>
}

/** The state after the batches so far. */
export function createStreamState() {
  const streams = new Map<Hex, Stream>()
  const open = (streamId: Hex) => {
    const found = streams.get(streamId) ?? {
      admins: new Set(),
      writers: new Set(),
      special: new Map(),
      keys: new Map(),
    }
    streams.set(streamId, found)
    return found
  }
  const isNew = (streamId: Hex) => !streams.has(streamId)
  const isAdmin = (account: Hex, streamId: Hex) => streams.get(streamId)?.admins.has(account) ?? false
  const isWriter = (account: Hex, streamId: Hex) => streams.get(streamId)?.writers.has(account) ?? false
  const isSpecial = ({ streamId, key }: StreamKey) => streams.get(streamId)?.special.has(key) ?? false
  const isKeyWriter = (account: Hex, { streamId, key }: StreamKey) =>
    streams.get(streamId)?.special.get(key)?.has(account) ?? false
  const writesAnyKey = (account: Hex, streamId: Hex) =>
    [...(streams.get(streamId)?.special.values() ?? [])].some((writers) => writers.has(account))
  /** The newest up to `before`; undefined when the key was never written. */
  const read = ({ streamId, key }: StreamKey, before = Number.POSITIVE_INFINITY) =>
    streams
      .get(streamId)
      ?.keys.get(key)
      ?.findLast(({ version }) => version <= before)

  return {
    isNew,
    isAdmin,
    isWriter,
    isSpecial,
    isKeyWriter,
    read,
    /** Whether it may write anything there. */
    canWrite: (account: Hex, streamId: Hex) =>
      isNew(streamId) || isAdmin(account, streamId) || isWriter(account, streamId) || writesAnyKey(account, streamId),
    mayWriteKey: (account: Hex, at: StreamKey) =>
      isNew(at.streamId) ||
      isAdmin(account, at.streamId) ||
      (isSpecial(at) ? isKeyWriter(account, at) : isWriter(account, at.streamId)),
    /** The keys of a stream in order, deleted ones left out. */
    keys: (streamId: Hex, before?: number) =>
      [...(streams.get(streamId)?.keys.keys() ?? [])]
        .filter((key) => read({ streamId, key }, before)?.value.length)
        .sort(),
    put({ streamId, key }: StreamKey, written: Version): void {
      const { keys } = open(streamId)
      keys.set(key, [...(keys.get(key) ?? []), written])
    },
    apply({ kind, streamId, key, account }: Control): void {
      const { admins, writers, special } = open(streamId)
      const ofKey = special.get(key) ?? new Set<Hex>()
      if (kind === control.grantAdmin) admins.add(account)
      else if (kind === control.renounceAdmin) admins.delete(account)
      else if (kind === control.setSpecial) special.set(key, ofKey)
      else if (kind === control.setNormal) special.delete(key)
      else if (kind === control.grantWriter) writers.add(account)
      else if (kind === control.revokeWriter || kind === control.renounceWriter) writers.delete(account)
      else if (kind === control.grantKeyWriter) special.set(key, ofKey.add(account))
      else ofKey.delete(account)
    },
  }
}

export type StreamState = ReturnType<typeof createStreamState>
