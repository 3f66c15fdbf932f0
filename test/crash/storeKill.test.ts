// Kill -9 at any moment: nothing promised is lost, nothing is torn, the folder is free at once. A stopped holder keeps it.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openLowdbStore } from '../../core/store/lowdb.ts'
import type { Store } from '../../core/store/store.ts'
import { startStoreProcess } from './storeProcess.ts'
import { counterAt, counters } from './storeWriter.ts'

const ROUNDS = 25

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'necto-kill-'))
})
afterEach(() => rm(directory, { recursive: true }))

/** Holds the store against everything that was said about it. */
async function checkPromises(store: Store, lines: readonly string[]): Promise<void> {
  const collection = store.collection(counters)
  const docs = new Map((await collection.list()).map((doc) => [doc.id, doc]))
  for (const doc of docs.values()) expect(doc.value).toEqual(counterAt(doc.value.count))

  const acknowledged = new Map<string, { version: number; count: number }>()
  for (const line of lines) {
    const [word, id = '', version, count] = line.split(' ')
    if (word === 'counted' || word === 'inserted')
      acknowledged.set(id, { version: Number(version), count: Number(count) })
  }
  for (const [id, promised] of acknowledged) {
    if (id === 'guest') continue
    const doc = docs.get(id)
    expect(doc, id).toBeDefined()
    const ahead = (doc?.value.count ?? 0) - promised.count
    // At most the one write under way may have landed unacknowledged.
    expect(ahead, id).toBeGreaterThanOrEqual(0)
    expect(ahead, id).toBeLessThanOrEqual(id.startsWith('effect:') ? 0 : 1)
    expect((doc?.version ?? 0) - promised.version, id).toBe(ahead)
  }
  const lastOfGuest = lines.findLast((line) => line.split(' ')[1] === 'guest')?.split(' ')[0]
  if (lastOfGuest === 'inserted') expect(docs.has('guest')).toBe(true)
  if (lastOfGuest === 'removed') expect(docs.has('guest')).toBe(false)

  const blob = await store.blobs.get('page')
  const lastBlob = Number(lines.findLast((line) => line.startsWith('blob '))?.split(' ')[1] ?? 0)
  const landed = blob ? blob.length / 1000 : 0
  if (lastBlob > 0) expect([lastBlob, (lastBlob % 200) + 1]).toContain(landed)
  if (blob) expect(blob.every((byte) => byte === landed)).toBe(true)
}

describe('a store whose process dies', () => {
  test('killed 25 times while writing, keeps every promise and is free at once', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const writer = startStoreProcess({ verb: 'write', directory })
      await writer.said('counted')
      await pause(Math.random() * 120)
      await writer.signal('SIGKILL')

      const store = await openLowdbStore({ directory })
      await checkPromises(store, writer.lines())
      await store.close()
      const left = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.tmp'))
      expect(left).toEqual([])
    }
  })

  test('killed while opening, leaves a folder that opens', async () => {
    for (let round = 0; round < 5; round++) {
      const writer = startStoreProcess({ verb: 'write', directory })
      await pause(Math.random() * 150)
      await writer.signal('SIGKILL')
      await (await openLowdbStore({ directory })).close()
    }
  })

  test('stopped, still refuses a second opener and names itself; continued, it goes on', async () => {
    const writer = startStoreProcess({ verb: 'write', directory })
    try {
      await writer.said('counted')
      await writer.signal('SIGSTOP')
      for (let attempt = 0; attempt < 3; attempt++) {
        await expect(openLowdbStore({ directory })).rejects.toMatchObject({
          code: 'store.locked',
          message: `another necto process (pid ${writer.pid}) has this folder open`,
        })
      }
      await writer.signal('SIGCONT')
      await writer.said('counted', writer.lines().length)
    } finally {
      await writer.signal('SIGKILL')
    }
    const store = await openLowdbStore({ directory })
    await checkPromises(store, writer.lines())
    await store.close()
  })

  test('of five starting together on a folder just freed by a kill one has it, the others name it', async () => {
    const first = startStoreProcess({ verb: 'write', directory })
    await first.said('open')
    await first.signal('SIGKILL')
    const writers = Array.from({ length: 5 }, () => startStoreProcess({ verb: 'write', directory }))
    try {
      const outcomes = await Promise.all(
        writers.map((writer) => Promise.any([writer.said('open'), writer.said('failed')])),
      )
      const winner = writers[outcomes.findIndex((line) => line.startsWith('open'))]
      const refusal = `failed another necto process (pid ${winner?.pid}) has this folder open`
      expect(outcomes.filter((line) => line.startsWith(refusal))).toHaveLength(4)
    } finally {
      await Promise.all(writers.map((writer) => writer.signal('SIGKILL')))
    }
  })
})

test('a write that the disk cuts short changes neither memory nor disk', async () => {
  const writer = startStoreProcess({ verb: 'limit', directory, limitFileBlocks: 32 })
  await writer.ended
  const [cutPut, cutInsert, cutBlob, after, blob, last] = writer.lines()
  for (const line of [cutPut, cutInsert, cutBlob]) expect(line).toBe('refused store.write later EFBIG')
  expect(after).toBe(`memory ${JSON.stringify([{ id: 'a', version: 1, value: counterAt(1) }])}`)
  expect(blob).toBe('blob none')
  const store = await openLowdbStore({ directory })
  const docs = await store.collection(counters).list()
  expect(docs).toEqual([{ id: 'a', version: 2, value: counterAt(2) }])
  expect(last).toBe(`memory ${JSON.stringify(docs)}`)
  expect(await store.blobs.get('page')).toBeUndefined()
  await store.close()
})
