// What every store adapter must do, run by each adapter's test.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Collection, Store, Stored } from './store.ts'
import { checkAgainstMap } from './storeModel.ts'
import { type Order, order, orders, type StoreUnderTest } from './testOrders.ts'
import { updateDocument } from './updateDocument.ts'

/** Registers the contract's tests for one adapter. */
export function describeStore(options: {
  name: string
  create: () => Promise<StoreUnderTest>
  modelRuns: number
}): void {
  describe(`store contract: ${options.name}`, () => {
    let under: StoreUnderTest
    let store: Store
    let collection: Collection<Order>

    beforeEach(async () => {
      under = await options.create()
      store = under.store
      collection = store.collection(orders)
    })
    afterEach(() => under.dispose())

    async function inserted(id: string, value: Order = order()): Promise<Stored<Order>> {
      const doc = await collection.insert(id, value)
      if (!doc) throw new Error(`${id} exists`)
      return doc
    }
    const idsOf = (docs: Stored<Order>[]) => docs.map((doc) => doc.id)

    test('gives back what was inserted, bigints and nesting included', async () => {
      const value = order({
        amountMicroUsd: 2n ** 200n,
        lines: [{ name: 'π 🙂 \u202e', costs: { a: -1n, toString: 0n } }],
        tags: ['x', ''],
      })
      const doc = await inserted('a', value)
      expect(doc).toEqual({ id: 'a', version: 1, value })
      expect(await collection.get('a')).toEqual(doc)
      expect(await collection.list()).toEqual([doc])
      expect(await collection.get('b')).toBeUndefined()
    })

    test('an id is inserted once, also by many at a time', async () => {
      const all = await Promise.all(
        Array.from({ length: 20 }, (_, i) => collection.insert('effect', order({ owner: String(i) }))),
      )
      const winners = all.filter((doc) => doc !== undefined)
      expect(winners).toHaveLength(1)
      expect(await collection.get('effect')).toEqual(winners[0])
      expect(await collection.insert('effect', order())).toBeUndefined()
    })

    test('put is compare-and-set: a stale version, a missing document and a removed one are refused', async () => {
      const first = await inserted('a')
      const second = await collection.put(first, order({ owner: 'bob' }))
      expect(second).toEqual({ id: 'a', version: 2, value: order({ owner: 'bob' }) })
      expect(await collection.put(first, order({ owner: 'eve' }))).toBeUndefined()
      expect(await collection.put({ id: 'none', version: 1, value: order() }, order())).toBeUndefined()
      expect(await collection.get('none')).toBeUndefined()
      expect(await collection.remove(first)).toBe(false)
      expect(second && (await collection.remove(second))).toBe(true)
      expect(second && (await collection.remove(second))).toBe(false)
      expect(second && (await collection.put(second, order()))).toBeUndefined()
      expect(await collection.get('a')).toBeUndefined()
    })

    test('of concurrent puts on one version exactly one wins', async () => {
      const doc = await inserted('a')
      const results = await Promise.all(
        Array.from({ length: 30 }, (_, i) => collection.put(doc, order({ owner: `w${i}` }))),
      )
      const winners = results.filter((result) => result !== undefined)
      expect(winners).toHaveLength(1)
      expect(await collection.get('a')).toEqual(winners[0])
    })

    test('a handle on a removed document never fits its successor', async () => {
      const old = await inserted('a')
      await collection.remove(old)
      const successor = await inserted('a', order({ owner: 'new' }))
      expect(successor.version).toBeGreaterThan(old.version)
      expect(await collection.put(old, order({ owner: 'ghost' }))).toBeUndefined()
      expect(await collection.remove(old)).toBe(false)
      expect(await collection.get('a')).toEqual(successor)
    })

    test('100 increments at once end at 100', async () => {
      await inserted('counter', order({ amountMicroUsd: 0n }))
      const change = (value: Order) => ({ ...value, amountMicroUsd: value.amountMicroUsd + 1n })
      await Promise.all(Array.from({ length: 100 }, () => updateDocument({ collection, id: 'counter', change })))
      const doc = await collection.get('counter')
      expect(doc?.value.amountMicroUsd).toBe(100n)
      expect(doc?.version).toBe(101)
    })

    test('updateDocument leaves alone what is missing or wants no change', async () => {
      const doc = await inserted('a')
      expect(await updateDocument({ collection, id: 'none', change: (value) => value })).toBeUndefined()
      expect(await updateDocument({ collection, id: 'a', change: () => undefined })).toBeUndefined()
      expect(await collection.get('a')).toEqual(doc)
    })

    test('list is ordered by id and follows the indexes through put and remove', async () => {
      for (const id of ['b', 'a', 'B', '10', '9', 'é', '🙂']) await inserted(id, order({ tags: ['t', id, 't'] }))
      expect(idsOf(await collection.list())).toEqual(['10', '9', 'B', 'a', 'b', 'é', '🙂'])
      expect(idsOf(await collection.list({ index: 'tag', key: 't' }))).toEqual(['10', '9', 'B', 'a', 'b', 'é', '🙂'])
      expect(idsOf(await collection.list({ index: 'tag', key: 'a' }))).toEqual(['a'])
      expect(await collection.list({ index: 'tag', key: 'none' })).toEqual([])
      const doc = await collection.get('a')
      const moved = doc && (await collection.put(doc, order({ owner: 'bob', tags: ['u'] })))
      expect(await collection.list({ index: 'tag', key: 'a' })).toEqual([])
      expect(await collection.list({ index: 'tag', key: 'u' })).toEqual([moved])
      expect(await collection.list({ index: 'owner', key: 'bob' })).toEqual([moved])
      if (moved) await collection.remove(moved)
      expect(await collection.list({ index: 'owner', key: 'bob' })).toEqual([])
      expect(idsOf(await collection.list({ index: 'owner', key: 'ann' }))).toEqual(['10', '9', 'B', 'b', 'é', '🙂'])
      await expect(collection.list({ index: 'constructor', key: 'x' })).rejects.toMatchObject({ code: 'store.index' })
    })

    test('nothing leaks by aliasing, neither in nor out', async () => {
      const value = order({ tags: ['x'], lines: [{ name: 'n', costs: { a: 1n } }] })
      const doc = await inserted('a', value)
      const writing = collection.put(doc, value)
      value.tags.push('late')
      value.lines[0] = { name: 'changed', costs: {} }
      const stored = await writing
      expect(stored?.value).toEqual(order({ tags: ['x'], lines: [{ name: 'n', costs: { a: 1n } }] }))
      expect(() => stored?.value.tags.push('y')).toThrow(TypeError)
      expect(() => Object.assign(stored?.value.lines[0]?.costs ?? {}, { a: 9n })).toThrow(TypeError)
      expect(await collection.get('a')).toEqual(stored)
    })

    test('what does not fit the schema, or cannot be kept, is refused and changes nothing', async () => {
      const doc = await inserted('a')
      const wrong = { ...order(), amountMicroUsd: 'many' } as unknown as Order
      await expect(collection.put(doc, wrong)).rejects.toMatchObject({ code: 'store.value' })
      await expect(collection.insert('b', wrong)).rejects.toMatchObject({ code: 'store.value' })
      const dated = store.collection({ name: 'dated', schema: dateSchema, indexes: {} })
      await expect(dated.insert('d', new Date(0))).rejects.toMatchObject({ code: 'store.value' })
      const rawBigint = store.collection({ name: 'raw', schema: z.bigint(), indexes: {} })
      await expect(rawBigint.insert('d', 1n)).rejects.toMatchObject({ code: 'store.value' })
      const badIndex = store.collection({ name: 'badIndex', schema: z.string(), indexes: { broken: refuse } })
      await expect(badIndex.insert('d', 'x')).rejects.toThrow('no key')
      expect(await badIndex.list()).toEqual([])
      expect(await collection.list()).toEqual([doc])
    })

    test('ids are any text', async () => {
      for (const id of hostileIds) await inserted(id, order({ owner: JSON.stringify(id) }))
      const reopened = under.reopen ? (await under.reopen()).collection(orders) : collection
      for (const id of hostileIds) expect((await reopened.get(id))?.value.owner).toBe(JSON.stringify(id))
      expect(await reopened.list()).toHaveLength(hostileIds.length)
    })

    test('one name has one definition, and names are camelCase', () => {
      expect(store.collection(orders)).toBe(collection)
      const refused = expect.objectContaining({ code: 'store.collection' })
      for (const name of ['testOrders', 'blobs', '../x', 'Upper', ''])
        expect(() => store.collection({ ...orders, name })).toThrow(refused)
    })

    test('blobs are whole, separate copies', async () => {
      const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 251)
      const expected = bytes.slice()
      const writing = store.blobs.put('pages/0x12/../3', bytes)
      bytes.fill(0)
      await writing
      await store.blobs.put('empty', new Uint8Array())
      const got = await store.blobs.get('pages/0x12/../3')
      expect(got).toEqual(expected)
      got?.fill(1)
      expect(await store.blobs.get('pages/0x12/../3')).toEqual(expected)
      expect(await store.blobs.get('empty')).toEqual(new Uint8Array())
      expect(await store.blobs.get('none')).toBeUndefined()
      await store.blobs.put('empty', new Uint8Array([7]))
      await store.blobs.remove('pages/0x12/../3')
      await store.blobs.remove('none')
      expect(await store.blobs.get('pages/0x12/../3')).toBeUndefined()
      expect(await store.blobs.get('empty')).toEqual(new Uint8Array([7]))
    })

    test('close lets writes under way end and refuses what comes after', async () => {
      const writes = Array.from({ length: 10 }, (_, i) => collection.insert(`w${i}`, order()))
      await Promise.all([store.close(), store.close()])
      expect((await Promise.all(writes)).every((doc) => doc !== undefined)).toBe(true)
      const closed = { code: 'store.closed' }
      await expect(collection.get('w0')).rejects.toMatchObject(closed)
      await expect(collection.insert('x', order())).rejects.toMatchObject(closed)
      await expect(store.blobs.put('x', new Uint8Array())).rejects.toMatchObject(closed)
      expect(() => store.collection(orders)).toThrow(expect.objectContaining(closed))
    })

    test('any sequence of calls does what a map would', async () => {
      await checkAgainstMap({ create: options.create, runs: options.modelRuns })
    }, 60_000)
  })
}

const dateSchema = z.codec(z.string(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
})

function refuse(): never {
  throw new Error('no key')
}

const hostileIds = [
  ...['', '.', '..', '../../etc/passwd', '/', 'a/b', 'a\\b', 'a:b', 'A:B', 'K7QF-3M2P', 'k7qf-3m2p', 'con', 'nul'],
  ...['🙂', 'e\u0301', '\u00e9', '\ud800', '\udfff', '\ufffd', 'x\0y', 'x y', '-rf', '.hidden', 'a.json', '__proto__'],
  ...['tg:12345', 'a'.repeat(5000), 'a'.repeat(5001), 'İ'.repeat(48), '%2e', '~', '$(id)', 'line\nbreak'],
]
