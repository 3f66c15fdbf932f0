// The bytes of a key-value batch, read as a key-value node reads them; written apart from the code that makes them.
import { bytesToHex, type Hex } from 'viem'

const largestSet = 65_536

/** A key of a stream; keys are hex, so that they compare as their bytes do. */
export interface StreamKey {
  streamId: Hex
  key: Hex
}

/** One change of who may write; `key` and `account` are empty where the kind has none. */
export interface Control extends StreamKey {
  kind: number
  account: Hex
}

export interface Batch {
  version: bigint
  reads: StreamKey[]
  writes: (StreamKey & { value: Uint8Array })[]
  controls: Control[]
}

/** Kinds of control, by their number on the wire. */
export const control = {
  grantAdmin: 0x00,
  renounceAdmin: 0x01,
  setSpecial: 0x10,
  setNormal: 0x11,
  grantWriter: 0x20,
  revokeWriter: 0x21,
  renounceWriter: 0x22,
  grantKeyWriter: 0x30,
  revokeKeyWriter: 0x31,
  renounceKeyWriter: 0x32,
} as const

const withKey: readonly number[] = [0x10, 0x11, 0x30, 0x31, 0x32]
const withAccount: readonly number[] = [0x00, 0x20, 0x21, 0x30, 0x31]

/** Throws a BatchError for bytes that are no batch. */
export class BatchError extends Error {}

export function parseBatch(bytes: Uint8Array): Batch {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const take = (length: number) => {
    if (length > bytes.length - at) throw new BatchError('Invalid data')
    at += length
    return at - length
  }
  const hex = (length: number) => {
    const from = take(length)
    return bytesToHex(bytes.subarray(from, from + length))
  }
  const key = () => {
    const length = Number(hex(3))
    if (length === 0) throw new BatchError('Invalid data')
    return hex(length)
  }
  const set = <T>(one: () => T) => {
    const count = view.getUint32(take(4))
    if (count > largestSet) throw new BatchError('List too long')
    return Array.from({ length: count }, one)
  }
  const version = view.getBigUint64(take(8))
  const reads = set(() => ({ streamId: hex(32), key: key() }))
  const heads = set(() => ({ streamId: hex(32), key: key(), length: Number(view.getBigUint64(take(8))) }))
  const writes = heads.map(({ length, ...of }) => {
    const from = take(length)
    return { ...of, value: bytes.slice(from, from + length) }
  })
  const controls = set(() => {
    const kind = view.getUint8(take(1))
    if (!Object.values<number>(control).includes(kind)) throw new BatchError('Invalid data')
    const streamId = hex(32)
    const of: Hex = withKey.includes(kind) ? key() : '0x'
    return { kind, streamId, key: of, account: withAccount.includes(kind) ? hex(20) : ('0x' as const) }
  })
  return { version, reads, writes, controls }
}
