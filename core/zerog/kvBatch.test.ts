// Our batches are those of the 0G SDK, byte for byte, and no two of them are the same.
import { StreamDataBuilder } from '@0gfoundation/0g-ts-sdk'
import fc from 'fast-check'
import { bytesToHex, toHex } from 'viem'
import { expect, test } from 'vitest'
import { randomBytes } from '../ids.ts'
import { createKvBatch, kvTags } from './kvBatch.ts'

const streamId = `0x${'ab'.repeat(32)}` as const

test('the SDK makes the same bytes and tags of the same writes (property)', () => {
  const bytes = (minLength: number) => fc.uint8Array({ minLength, maxLength: 300 })
  const writes = fc.uniqueArray(fc.record({ key: bytes(1), value: bytes(0) }), {
    minLength: 1,
    maxLength: 20,
    selector: ({ key }) => bytesToHex(key),
  })
  fc.assert(
    fc.property(writes, (entries) => {
      const batch = createKvBatch({ streamId, entries, random: randomBytes })
      const version = Number(toHex(batch.bytes.subarray(0, 8)))
      const builder = new StreamDataBuilder(version)
      for (const { key, value } of entries) builder.set(streamId, key, value)
      expect(bytesToHex(batch.bytes)).toBe(bytesToHex(builder.build().encode()))
      expect(kvTags(streamId)).toBe(bytesToHex(builder.buildTags()))
    }),
    { numRuns: 50 },
  )
})

test('the version is above every sequence number, exact as a JavaScript number, and another one each time', () => {
  const version = (fill: number) =>
    Number(
      toHex(
        createKvBatch({
          streamId,
          entries: [{ key: Uint8Array.of(1), value: Uint8Array.of() }],
          random: (length) => new Uint8Array(length).fill(fill),
        }).bytes.subarray(0, 8),
      ),
    )
  expect([version(0), version(255)]).toEqual([2 ** 52, Number.MAX_SAFE_INTEGER])
  expect(version(1)).not.toBe(version(2))
})
