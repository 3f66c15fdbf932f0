// The lowdb store keeps the contract, and what is on disk is what is in memory.
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { errorText } from '../errors.ts'
import { fileNameOf } from './fileName.ts'
import { openLowdbStore } from './lowdb.ts'
import type { Collection } from './store.ts'
import { describeStore } from './storeContract.ts'
import { createTemporaryStore } from './temporaryStore.ts'
import { type Order, order, orders } from './testOrders.ts'
import { describeWatch } from './watchContract.ts'

describeStore({ name: 'lowdb', create: createTemporaryStore, modelRuns: 25 })
describeWatch({ name: 'lowdb', create: createTemporaryStore })

describe('lowdb on disk', () => {
  let under: Awaited<ReturnType<typeof createTemporaryStore>>
  let collection: Collection<Order>
  let folder: string

  beforeEach(async () => {
    under = await createTemporaryStore()
    collection = under.store.collection(orders)
    folder = join(under.directory, 'test-orders')
  })
  afterEach(() => under.dispose())

  const fileOf = (id: string) => join(folder, `${fileNameOf(id)}.json`)

  /** Every document in the folder as JSON, by id. */
  async function onDisk(): Promise<Map<string, unknown>> {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json'))
    const documents = names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')))
    return new Map((await Promise.all(documents)).map((json) => [json.id, json]))
  }

  async function expectMemoryIsDisk(): Promise<void> {
    const inMemory = (await collection.list()).map(({ id, version, value }) => [
      id,
      { id, version, value: z.encode(orders.schema, value) },
    ])
    expect(new Map(inMemory as [string, unknown][])).toEqual(await onDisk())
  }

  test('one document is one file, bigints as strings', async () => {
    await collection.insert('K7QF-3M2P', order({ amountMicroUsd: 12n }))
    expect(await readdir(folder)).toEqual([basename(fileOf('K7QF-3M2P'))])
    expect(basename(fileOf('K7QF-3M2P'))).toMatch(/^k7qf-3m2p-[0-9a-f]{32}\.json$/)
    expect(JSON.parse(await readFile(fileOf('K7QF-3M2P'), 'utf8'))).toEqual({
      id: 'K7QF-3M2P',
      version: 1,
      value: { owner: 'ann', tags: [], amountMicroUsd: '12', lines: [] },
    })
  })

  test('reopened, it holds the same documents, versions, indexes and blobs', async () => {
    for (let i = 0; i < 50; i++) await collection.insert(`d${i}`, order({ tags: [`t${i % 3}`] }))
    const doc = await collection.get('d7')
    if (doc) await collection.put(doc, order({ owner: 'bob', amountMicroUsd: -5n }))
    await under.store.blobs.put('log', new Uint8Array([1, 2]))
    const before = await collection.list()
    const tagged = await collection.list({ index: 'tag', key: 't2' })
    const store = await under.reopen()
    const reopened = store.collection(orders)
    expect(await reopened.list()).toEqual(before)
    expect(await reopened.list({ index: 'tag', key: 't2' })).toEqual(tagged)
    expect((await reopened.get('d7'))?.version).toBe(2)
    expect(await store.blobs.get('log')).toEqual(new Uint8Array([1, 2]))
  })

  test('a folder replaced by a file: the write fails, memory stays what the disk held, and goes on once it is back', async () => {
    const doc = await collection.insert('a', order())
    if (!doc) throw new Error('not inserted')
    const watch = collection.watch(new AbortController().signal)
    await rename(folder, `${folder}.away`)
    await writeFile(folder, 'in the way')
    const failed = { code: 'store.write', retry: 'later' }
    await expect(collection.put(doc, order({ owner: 'bob' }))).rejects.toMatchObject(failed)
    await expect(collection.insert('b', order({ owner: 'bob' }))).rejects.toMatchObject(failed)
    await expect(collection.remove(doc)).rejects.toMatchObject(failed)
    expect(await collection.list()).toEqual([doc])
    expect(await collection.list({ index: 'owner', key: 'bob' })).toEqual([])
    await rm(folder)
    await rename(`${folder}.away`, folder)
    await expectMemoryIsDisk()
    expect(await collection.put(doc, order({ owner: 'eve' }))).toMatchObject({ version: 2 })
    await expectMemoryIsDisk()
    for await (const change of watch) {
      expect(change).toEqual({ id: 'a', version: 2, removed: false })
      break
    }
  })

  test('a rename that fails leaves the document out and no temporary file', async () => {
    await mkdir(join(fileOf('a'), 'in-the-way'), { recursive: true })
    await expect(collection.insert('a', order())).rejects.toMatchObject({ code: 'store.write', retry: 'later' })
    expect(await collection.get('a')).toBeUndefined()
    expect(await readdir(folder)).toEqual([basename(fileOf('a'))])
    await rm(fileOf('a'), { recursive: true })
    expect(await collection.insert('a', order())).toMatchObject({ version: 1 })
    await expectMemoryIsDisk()
  })

  test('what a crash left of unfinished writes is cleared when opening', async () => {
    await collection.insert('a', order())
    await under.store.blobs.put('log', new Uint8Array([1]))
    const leftovers = [`${fileOf('a')}.x.tmp`, join(under.directory, 'blobs', 'log.bin.x.tmp')]
    for (const path of leftovers) await writeFile(path, '{"id":"a","ver')
    const reopened = (await under.reopen()).collection(orders)
    expect(await reopened.list()).toHaveLength(1)
    expect((await readdir(under.directory, { recursive: true })).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test.each([
    ['not JSON', (text: string) => text.slice(0, -3), 'JSON'],
    ['nothing', () => '', 'JSON'],
    ['null', () => 'null', 'object'],
    ['no version', (text: string) => text.replace('"version":1,', ''), 'version'],
    ['a wrong value', (text: string) => text.replace('"1"', '"many"'), 'amountMicroUsd'],
    ['a field too many', (text: string) => text.replace('"owner"', '"odd":1,"owner"'), 'odd'],
    ['another id', (text: string) => text.replace('"id":"a"', '"id":"b"'), 'another name'],
  ])('a document file holding %s is an error naming file and fault', async (_name, damage, fault) => {
    await collection.insert('a', order())
    await under.store.close()
    await writeFile(fileOf('a'), damage(await readFile(fileOf('a'), 'utf8')))
    const error = await openAndClaim(under.directory)
    expect(error).toMatchObject({ code: 'store.corrupt' })
    expect(errorText(error)).toContain(fileOf('a'))
    expect(errorText(error)).toContain(fault)
  })

  test('a copied document file is refused', async () => {
    await collection.insert('a', order())
    await under.store.close()
    await cp(fileOf('a'), join(folder, 'copy.json'))
    expect(errorText(await openAndClaim(under.directory))).toContain('copy.json')
  })

  test('a second opener in the same process is refused and names this pid; after closing it may', async () => {
    await expect(openLowdbStore({ directory: under.directory })).rejects.toMatchObject({
      code: 'store.locked',
      message: `another necto process (pid ${process.pid}) has this folder open`,
    })
    await expect(openLowdbStore({ directory: join(under.directory, 'blobs', '..') })).rejects.toMatchObject({
      code: 'store.locked',
    })
    // A refused opener must not have loosened the lock.
    await expect(openLowdbStore({ directory: under.directory })).rejects.toMatchObject({ code: 'store.locked' })
    expect(await collection.insert('a', order())).toBeDefined()
    expect((await (await under.reopen()).collection(orders).list()).map((doc) => doc.id)).toEqual(['a'])
  })

  test('a folder that cannot be used is refused as such', async () => {
    const file = join(under.directory, 'file')
    await writeFile(file, '')
    await expect(openLowdbStore({ directory: join(file, 'data') })).rejects.toMatchObject({ code: 'store.open' })
  })
})

/** The error that opening and claiming the collection ends in. */
async function openAndClaim(directory: string): Promise<unknown> {
  let store: Awaited<ReturnType<typeof openLowdbStore>> | undefined
  try {
    store = await openLowdbStore({ directory })
    store.collection(orders)
    return undefined
  } catch (error) {
    return error
  } finally {
    await store?.close()
  }
}
