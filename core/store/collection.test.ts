// A write whose end is unknown: memory goes where the disk is, or nothing is served any more.
import { describe, expect, test } from 'vitest'
import { NectoError } from '../errors.ts'
import { createCollection, type Persistence } from './collection.ts'
import { order, orders } from './testOrders.ts'

/** A disk that works until told how the next change is to fail. */
function createFaultyDisk() {
  const files = new Map<string, unknown>()
  let fault: { applied: boolean; retry: 'later' | 'unknown'; unreadable?: boolean } | undefined
  let readable = true

  async function change(apply: () => void): Promise<void> {
    const now = fault
    fault = undefined
    if (!now || now.applied) apply()
    if (!now) return
    if (now.unreadable) readable = false
    throw new NectoError('store.write', 'failed', { retry: now.retry })
  }
  const persistence: Persistence = {
    async read(id) {
      if (!readable) throw new Error('EIO')
      return files.get(id)
    },
    write: (envelope) => change(() => files.set(envelope.id, envelope)),
    remove: (id) => change(() => files.delete(id)),
  }
  return {
    persistence,
    failNext(next: NonNullable<typeof fault>) {
      fault = next
    },
  }
}

async function openWithOne() {
  const disk = createFaultyDisk()
  const { collection } = createCollection({
    definition: orders,
    loaded: [],
    persistence: disk.persistence,
    requireOpen: () => {},
  })
  const doc = await collection.insert('a', order())
  if (!doc) throw new Error('not inserted')
  return { disk, collection, doc }
}

describe('a failed write', () => {
  test('that changed nothing leaves memory as it was', async () => {
    const { disk, collection, doc } = await openWithOne()
    disk.failNext({ applied: false, retry: 'later' })
    await expect(collection.put(doc, order({ owner: 'bob' }))).rejects.toMatchObject({ code: 'store.write' })
    expect(await collection.list()).toEqual([doc])
  })

  test('of unknown end that took effect is rejected, and memory and watchers follow the disk', async () => {
    const { disk, collection, doc } = await openWithOne()
    const watch = collection.watch(new AbortController().signal)
    disk.failNext({ applied: true, retry: 'unknown' })
    await expect(collection.put(doc, order({ owner: 'bob' }))).rejects.toMatchObject({ retry: 'unknown' })
    expect(await collection.get('a')).toEqual({ id: 'a', version: 2, value: order({ owner: 'bob' }) })
    expect(await collection.list({ index: 'owner', key: 'ann' })).toEqual([])
    const current = await collection.get('a')
    disk.failNext({ applied: true, retry: 'unknown' })
    if (current) await expect(collection.remove(current)).rejects.toMatchObject({ retry: 'unknown' })
    expect(await collection.list()).toEqual([])
    for await (const change of watch) {
      expect(change).toEqual({ id: 'a', version: 2, removed: true })
      break
    }
  })

  test('of unknown end that took no effect leaves memory as it was', async () => {
    const { disk, collection, doc } = await openWithOne()
    disk.failNext({ applied: false, retry: 'unknown' })
    await expect(collection.put(doc, order({ owner: 'bob' }))).rejects.toMatchObject({ retry: 'unknown' })
    disk.failNext({ applied: false, retry: 'unknown' })
    await expect(collection.insert('b', order())).rejects.toMatchObject({ retry: 'unknown' })
    expect(await collection.list()).toEqual([doc])
    expect(await collection.put(doc, order())).toMatchObject({ version: 2 })
  })

  test('whose end cannot be read back stops the collection, also for writes waiting', async () => {
    const { disk, collection, doc } = await openWithOne()
    disk.failNext({ applied: true, retry: 'unknown', unreadable: true })
    const failing = collection.put(doc, order({ owner: 'bob' }))
    const waiting = collection.put(doc, order({ owner: 'eve' }))
    await expect(failing).rejects.toMatchObject({ code: 'store.write' })
    await expect(waiting).rejects.toMatchObject({ code: 'store.broken' })
    await expect(collection.get('a')).rejects.toMatchObject({ code: 'store.broken' })
    await expect(collection.list()).rejects.toMatchObject({ code: 'store.broken' })
  })
})
