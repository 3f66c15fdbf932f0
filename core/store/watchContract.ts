// What watching a collection must do in every store adapter, run by each adapter's test.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Change, Collection, Store, Stored } from './store.ts'
import { type Order, order, orders, type StoreUnderTest } from './testOrders.ts'

/** Registers the tests for one adapter. */
export function describeWatch(options: { name: string; create: () => Promise<StoreUnderTest> }): void {
  describe(`store watch: ${options.name}`, () => {
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

    test('watch tells every change from the call on, in order of the writes', async () => {
      await inserted('before')
      const stop = new AbortController()
      const watch = collection.watch(stop.signal)
      const a = await inserted('a')
      const b = await inserted('b')
      const seen = read(watch, 4)
      await collection.put({ id: 'before', version: 1, value: order() }, order({ owner: 'bob' }))
      await collection.remove(a)
      expect((await seen).filter(({ id }) => id !== 'a')).toEqual([
        { id: 'b', version: b.version, removed: false },
        { id: 'before', version: 2, removed: false },
      ])
      expect((await seen).filter(({ id }) => id === 'a').at(-1)).toEqual({ id: 'a', version: 1, removed: true })
    })

    test('watch keeps the latest change of each id while nobody reads, and each watch has its own', async () => {
      const stop = new AbortController()
      const late = collection.watch(stop.signal)
      const other = collection.watch(stop.signal)
      const doc = await inserted('a')
      await inserted('b')
      const second = await collection.put(doc, order({ owner: 'bob' }))
      if (second) await collection.put(second, order({ owner: 'eve' }))
      const expected = [
        { id: 'b', version: 1, removed: false },
        { id: 'a', version: 3, removed: false },
      ]
      expect(await read(late, 2)).toEqual(expected)
      expect(await read(other, 2)).toEqual(expected)
    })

    test('a refused write is no change', async () => {
      const doc = await inserted('a')
      const watch = collection.watch(new AbortController().signal)
      await collection.put({ ...doc, version: 9 }, order())
      await collection.insert('a', order())
      await collection.remove({ ...doc, version: 9 })
      await inserted('end')
      expect(await read(watch, 1)).toEqual([{ id: 'end', version: 1, removed: false }])
    })

    test('watch ends when aborted, before, while and after waiting, and when the store closes', async () => {
      const aborted = AbortSignal.abort()
      expect(await drain(collection.watch(aborted))).toEqual([])
      const stop = new AbortController()
      const waiting = drain(collection.watch(stop.signal))
      const unread = collection.watch(stop.signal)
      await inserted('a')
      stop.abort()
      expect((await waiting).length).toBeLessThanOrEqual(1)
      expect(await drain(unread)).toEqual([])
      const open = drain(collection.watch(new AbortController().signal))
      await store.close()
      expect(await open).toEqual([])
    })

    test('a writer and a reader: following a watch, the reader ends with what the collection holds', async () => {
      const stop = new AbortController()
      const mirror = new Map<string, number>()
      const watch = collection.watch(stop.signal)
      const following = (async () => {
        for await (const change of watch) {
          if (change.removed) mirror.delete(change.id)
          else mirror.set(change.id, change.version)
          if (change.id === 'end') return
        }
      })()
      for (let i = 0; i < 60; i++) {
        const id = `d${i % 7}`
        const doc = await collection.get(id)
        if (!doc) await inserted(id)
        else if (i % 5 === 0) await collection.remove(doc)
        else await collection.put(doc, order({ owner: String(i) }))
      }
      await inserted('end')
      await following
      expect(mirror).toEqual(new Map((await collection.list()).map((doc) => [doc.id, doc.version])))
    })
  })
}

async function read(watch: AsyncIterable<Change>, count: number): Promise<Change[]> {
  const changes: Change[] = []
  for await (const change of watch) if (changes.push(change) === count) break
  return changes
}

async function drain(watch: AsyncIterable<Change>): Promise<Change[]> {
  const changes: Change[] = []
  for await (const change of watch) changes.push(change)
  return changes
}
