// The JSON-RPC methods of a key-value node.
import { bytesToHex, type Hex } from 'viem'
import { z } from 'zod'
import { invalidParams } from '../rpcError.ts'
import { type RpcMethods, read } from '../rpcMethods.ts'
import type { StreamState, Version } from './streamState.ts'

const longestAnswer = 256 * 1024

const hexOf = (length: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-fA-F]{${length * 2}}$`))
    .transform((text) => text.toLowerCase() as Hex)
const streamId = hexOf(32)
const account = hexOf(20)
const key = z.base64().transform((text) => bytesToHex(new Uint8Array(Buffer.from(text, 'base64'))))
const whole = z.int().min(0)
const version = whole.nullish()
const span = [whole, whole] as const

/** Permissions are those of now, whatever version they are asked for. */
export function createKvMethods(node: {
  held: readonly Hex[]
  state: () => StreamState
  results: () => ReadonlyMap<number, string>
  appliedSeq: () => number
}): RpcMethods {
  const { held, state, results } = node
  const at = (stream: Hex, wanted: Hex) => {
    if (wanted === '0x') throw invalidParams('key', 'key is empty')
    return { streamId: stream, key: wanted }
  }
  const part = ({ version: written, value }: Version, [start, length]: readonly [number, number]) => {
    if (length > longestAnswer) throw invalidParams('len', 'query length too large')
    if (start > value.length) throw invalidParams('start_index', 'start index is greater than value length')
    const data = Buffer.from(value.subarray(start, start + length)).toString('base64')
    return { version: written, data, size: value.length }
  }
  const named = (
    stream: Hex,
    wanted: Hex | undefined,
    of: { span: readonly [number, number]; before: number | undefined },
  ) => {
    const found = wanted === undefined ? undefined : state().read({ streamId: stream, key: wanted }, of.before)
    if (wanted === undefined || !found) return null
    return { key: Buffer.from(wanted.slice(2), 'hex').toString('base64'), ...part(found, of.span) }
  }
  const beside = (params: unknown[], pick: (keys: Hex[], from: Hex, inclusive: boolean) => Hex | undefined) => {
    const wire = z.tuple([streamId, key, ...span, z.boolean(), version])
    const [stream, from, start, length, inclusive, before] = read(wire, padded(params, 6))
    const keys = state().keys(stream, before ?? undefined)
    return named(stream, pick(keys, at(stream, from).key, inclusive), {
      span: [start, length],
      before: before ?? undefined,
    })
  }
  const end = (params: unknown[], which: 0 | -1) => {
    const [stream, start, length, before] = read(z.tuple([streamId, ...span, version]), padded(params, 4))
    const keys = state().keys(stream, before ?? undefined)
    return named(stream, keys.at(which), { span: [start, length], before: before ?? undefined })
  }
  return {
    kv_getStatus: () => true,
    kv_getValue(params) {
      const wire = z.tuple([streamId, key, ...span, version])
      const [stream, wanted, start, length, before] = read(wire, padded(params, 5))
      const found = state().read(at(stream, wanted), before ?? undefined)
      // A key that is not there is no null; a deleted one has its version and nothing in it.
      if (!found) return part({ version: 0, value: new Uint8Array() }, [0, length])
      return part(found, [found.value.length === 0 ? 0 : start, length])
    },
    kv_getNext: (params) =>
      beside(params, (keys, from, inclusive) => keys.find((one) => one > from || (inclusive && one === from))),
    kv_getPrev: (params) =>
      beside(params, (keys, from, inclusive) => keys.findLast((one) => one < from || (inclusive && one === from))),
    kv_getFirst: (params) => end(params, 0),
    kv_getLast: (params) => end(params, -1),
    kv_getTransactionResult: (params) => results().get(read(z.tuple([whole]), params)[0]) ?? null,
    kv_getHoldingStreamIds: () => held,
    kv_getReplayProgress: () => ({ appliedSeq: node.appliedSeq(), firstTxSeq: 0 }),
    kv_hasWritePermission(params) {
      const [who, stream, wanted] = read(z.tuple([account, streamId, key, version]), padded(params, 4))
      return state().mayWriteKey(who, at(stream, wanted))
    },
    kv_isAdmin(params) {
      const [who, stream] = read(z.tuple([account, streamId, version]), padded(params, 3))
      return state().isAdmin(who, stream)
    },
    kv_isSpecialKey(params) {
      const [stream, wanted] = read(z.tuple([streamId, key, version]), padded(params, 3))
      return state().isSpecial(at(stream, wanted))
    },
    kv_isWriterOfKey(params) {
      const [who, stream, wanted] = read(z.tuple([account, streamId, key, version]), padded(params, 4))
      return state().isKeyWriter(who, at(stream, wanted))
    },
    kv_isWriterOfStream(params) {
      const [who, stream] = read(z.tuple([account, streamId, version]), padded(params, 3))
      return state().isWriter(who, stream)
    },
  }
}

/** A version at the end may be left out. */
const padded = (params: unknown[], length: number): unknown[] =>
  params.length === length - 1 ? [...params, null] : params
