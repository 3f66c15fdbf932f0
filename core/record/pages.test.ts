// A record survives being cut into pages, and no changed page, manifest or length passes.
import fc from 'fast-check'
import { type Hex, keccak256 } from 'viem'
import { describe, expect, test } from 'vitest'
import { canonicalBytes, parseCanonical } from './canonicalJson.ts'
import { merkleRoot } from './merkleRoot.ts'
import { joinPages, type PagedRecord, pageBytes, splitPages } from './pages.ts'

function sample(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7) & 0xff)
}

/** Storage that answers by root what it was given, changed by `tamper`. */
function storageOf(record: PagedRecord, tamper: (bytes: Uint8Array, root: Hex) => Uint8Array = (bytes) => bytes) {
  const byRoot = new Map(record.objects.map((object) => [object.root, object.bytes]))
  return async (root: Hex) => tamper(byRoot.get(root) ?? new Uint8Array(), root)
}

describe('splitPages', () => {
  test('up to one segment the record is the object', () => {
    for (const length of [1, pageBytes]) {
      const bytes = sample(length)
      expect(splitPages(bytes)).toEqual({
        root: merkleRoot(bytes),
        length,
        hash: keccak256(bytes),
        objects: [{ root: merkleRoot(bytes), bytes }],
      })
    }
  })

  test('above, pages and then the manifest, each within one segment and addressed by its root', () => {
    const bytes = sample(2 * pageBytes + 5)
    const record = splitPages(bytes)
    expect(record.objects.map((object) => object.bytes.length).slice(0, 3)).toEqual([pageBytes, pageBytes, 5])
    for (const object of record.objects) expect(object.root).toBe(merkleRoot(object.bytes))
    const manifest = record.objects.at(-1)
    expect(manifest?.root).toBe(record.root)
    expect(parseCanonical(manifest?.bytes ?? new Uint8Array())).toEqual({
      bytes: bytes.length,
      hash: keccak256(bytes),
      pages: record.objects.slice(0, 3).map((page) => ({
        root: page.root,
        length: page.bytes.length,
        hash: keccak256(page.bytes),
      })),
    })
  })

  test('a record of many equal pages is still one record', async () => {
    const record = splitPages(new Uint8Array(3 * pageBytes))
    expect(await joinPages({ ...record, fetch: storageOf(record) })).toEqual(new Uint8Array(3 * pageBytes))
  }, 60_000)
})

describe('joinPages', () => {
  test('what was split comes back (property)', async () => {
    const lengths = fc.oneof(
      fc.constantFrom(1, pageBytes, pageBytes + 1, 2 * pageBytes),
      fc.integer({ min: 1, max: 1000 }),
    )
    await fc.assert(
      fc.asyncProperty(lengths, async (length) => {
        const record = splitPages(sample(length))
        expect(await joinPages({ ...record, fetch: storageOf(record) })).toEqual(sample(length))
      }),
      { numRuns: 12 },
    )
  }, 60_000)

  test.each([
    ['one object', 1000],
    ['pages', pageBytes + 1000],
  ])(
    '%s: a flipped bit, a cut end or added zeros in any object are refused',
    async (_, length) => {
      const record = splitPages(sample(length))
      for (const { root: victim } of record.objects) {
        const changes: ((bytes: Uint8Array) => Uint8Array)[] = [
          (bytes) => bytes.with(bytes.length >> 1, (bytes[bytes.length >> 1] ?? 0) ^ 1),
          (bytes) => bytes.subarray(0, -1),
          (bytes) => Uint8Array.from({ length: bytes.length + 1 }, (_, i) => bytes[i] ?? 0),
        ]
        for (const change of changes) {
          const fetch = storageOf(record, (bytes, root) => (root === victim ? change(bytes) : bytes))
          await expect(joinPages({ ...record, fetch })).rejects.toMatchObject({
            code: expect.stringMatching(/^record\./),
          })
        }
      }
    },
    60_000,
  )

  test('a length or hash other than the recorded one is refused', async () => {
    for (const length of [1000, pageBytes + 1000]) {
      const record = splitPages(sample(length))
      const fetch = storageOf(record)
      const hash = keccak256(Uint8Array.of(1))
      await expect(joinPages({ ...record, hash, fetch })).rejects.toMatchObject({ name: 'NectoError' })
      await expect(joinPages({ ...record, length: length + 1, fetch })).rejects.toMatchObject({ name: 'NectoError' })
    }
  }, 60_000)

  test('a manifest with fields of its own, other page lengths or a hash in capitals is refused', async () => {
    const record = splitPages(sample(pageBytes + 10))
    const [page, last] = record.objects
    if (!page || !last) throw new Error('two pages expected')
    const entry = (object: typeof page) => ({
      root: object.root as string,
      length: object.bytes.length,
      hash: keccak256(object.bytes),
    })
    const manifest = { bytes: record.length, hash: record.hash, pages: [entry(page), entry(last)] }
    const forgeries = [
      { ...manifest, note: 1 },
      { ...manifest, pages: [entry(page)] },
      { ...manifest, pages: [entry(last), entry(page)] },
      { ...manifest, pages: [{ ...entry(page), root: page.root.toUpperCase().replace('0X', '0x') }, entry(last)] },
      [],
    ]
    for (const forged of forgeries) {
      const bytes = canonicalBytes(forged)
      const stored = storageOf({ ...record, objects: [page, last, { root: merkleRoot(bytes), bytes }] })
      await expect(joinPages({ ...record, root: merkleRoot(bytes), fetch: stored })).rejects.toMatchObject({
        code: 'record.bad-manifest',
      })
    }
  })
})
