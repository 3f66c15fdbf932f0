// A batch of key-value writes as 0G's key-value nodes read it: the bytes of a file, told apart by the submission's tags.
import { concat, type Hex, hexToBytes, numberToHex, toHex } from 'viem'
import { NectoError } from '../errors.ts'
import type { RandomBytes } from '../ids.ts'
import { pageBytes } from '../record/pages.ts'

/** SHA-256 of "STREAM": what marks a submission as a batch. */
const streamDomain: Hex = '0xdf2ff3bb0af36c6384e6206552a4ed807f6f6a26e7d0aa6bff772ddc9d4307aa'

/** One write; an empty value deletes the key. */
export interface KvEntry {
  key: Uint8Array
  value: Uint8Array
}

/** Bytes to be kept and stored as they are: storing them again pays for nothing. */
export interface KvBatch {
  streamId: Hex
  bytes: Uint8Array
}

/** Throws `zerog.bad-size` for an empty key, no entry at all, or more than one object holds. */
export function createKvBatch(options: { streamId: Hex; entries: KvEntry[]; random: RandomBytes }): KvBatch {
  const { streamId, entries, random } = options
  const writes = entries.map(({ key, value }) =>
    concat([streamId, numberToHex(key.length, { size: 3 }), toHex(key), numberToHex(value.length, { size: 8 })]),
  )
  const count = (of: unknown[]) => numberToHex(of.length, { size: 4 })
  const bytes = hexToBytes(
    concat([
      version(random),
      count([]),
      count(writes),
      ...writes,
      ...entries.map(({ value }) => toHex(value)),
      count([]),
    ]),
  )
  if (entries.length === 0 || entries.some(({ key }) => key.length === 0) || bytes.length > pageBytes) {
    const details = `${entries.length} entries, ${bytes.length} bytes, allowed to ${pageBytes}, no key empty`
    throw new NectoError('zerog.bad-size', 'These entries cannot be stored in one piece.', { details })
  }
  return { streamId, bytes }
}

/** What the submission of a batch is marked with. */
export const kvTags = (streamId: Hex): Hex => concat([streamDomain, streamId])

/**
 * Above every sequence number, so that the last write wins: a node drops a batch whose keys have a later version. At
 * random, so that no two batches have the same bytes: the second one would be taken for stored already and never written.
 */
function version(random: RandomBytes): Hex {
  const [first = 0, ...rest] = random(7)
  // 53 bits with the highest set: a number that JavaScript clients read exactly.
  return concat(['0x00', toHex(Uint8Array.from([0x10 | (first & 0x0f), ...rest]))])
}
