// A process that opens a store, writes without pause, and says each thing only after the store promised it.
import { writeSync } from 'node:fs'
import { z } from 'zod'
import { errorText } from '../../core/errors.ts'
import { openLowdbStore } from '../../core/store/lowdb.ts'
import type { CollectionDefinition } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'

const counterSchema = z.strictObject({ count: z.int(), filling: z.string() })
type Counter = z.output<typeof counterSchema>

/** Documents whose every part follows from their count, so that a mixture of two writes shows. */
export const counters: CollectionDefinition<Counter> = { name: 'counters', schema: counterSchema, indexes: {} }

/** The one whole value for a count: from a few bytes to some 100 kB. */
export function counterAt(count: number): Counter {
  return { count, filling: `${count},`.repeat(count % 7 === 0 ? 20_000 : count % 300) }
}

// Synchronous, so that nothing said is lost in a buffer when the process is killed.
function say(...words: (string | number)[]): void {
  writeSync(1, `${words.join(' ')}\n`)
}

/** Four writers, each with its documents: a counter going up, single-use effects, one that comes and goes, a blob. */
async function writeForever(directory: string): Promise<void> {
  const store = await openLowdbStore({ directory })
  const collection = store.collection(counters)
  say('open', process.pid)

  async function countUp(id: string): Promise<void> {
    await collection.insert(id, counterAt(0))
    for (;;) {
      const doc = await updateDocument({ collection, id, change: ({ count }) => counterAt(count + 1) })
      if (doc) say('counted', id, doc.version, doc.value.count)
    }
  }
  async function makeEffects(): Promise<void> {
    for (let n = (await collection.list()).length; ; n++) {
      const doc = await collection.insert(`effect:${n}`, counterAt(n))
      if (doc) say('inserted', doc.id, doc.version, n)
    }
  }
  async function comeAndGo(): Promise<void> {
    for (let n = 1; ; n++) {
      const doc = (await collection.get('guest')) ?? (await collection.insert('guest', counterAt(n)))
      if (!doc) continue
      say('inserted', 'guest', doc.version, doc.value.count)
      // Said before, because a removal that the disk has done may not be acknowledged any more.
      say('removing', 'guest')
      if (await collection.remove(doc)) say('removed', 'guest')
      say('inserting', 'guest')
    }
  }
  async function replaceBlob(): Promise<void> {
    for (let n = 1; ; n = (n % 200) + 1) {
      await store.blobs.put('page', new Uint8Array(n * 1000).fill(n))
      say('blob', n)
    }
  }
  await Promise.all([countUp('a'), countUp('B'), makeEffects(), comeAndGo(), replaceBlob()])
}

/** Writes until a limit on file size (set by the parent) cuts a write short, then says what memory holds. */
async function hitFileSizeLimit(directory: string): Promise<void> {
  const store = await openLowdbStore({ directory })
  const collection = store.collection(counters)
  const doc = await collection.insert('a', counterAt(1))
  if (!doc) throw new Error('a exists')
  for (const attempt of [
    () => collection.put(doc, counterAt(7)),
    () => collection.insert('b', counterAt(7)),
    () => store.blobs.put('page', new Uint8Array(1_000_000)),
  ])
    await attempt().then(
      () => say('written'),
      (error) => say('refused', error.code, error.retry, errorText(error).includes('EFBIG') ? 'EFBIG' : 'otherwise'),
    )
  say('memory', JSON.stringify(await collection.list()))
  say('blob', (await store.blobs.get('page')) === undefined ? 'none' : 'some')
  await collection.put(doc, counterAt(2))
  say('memory', JSON.stringify(await collection.list()))
  await store.close()
}

/** One write of each kind, one after the other, for a parent that reads the trace of the file calls. */
async function writeOnce(directory: string): Promise<void> {
  const store = await openLowdbStore({ directory })
  const collection = store.collection(counters)
  // The folder is made with the first write, and is not what is looked at.
  await collection.insert('first', counterAt(1))
  const doc = await collection.insert('traced', counterAt(1))
  if (doc) await collection.remove(doc)
  await store.blobs.put('traced', new Uint8Array(10))
  await store.blobs.remove('traced')
  await store.close()
}

const verbs = { write: writeForever, limit: hitFileSizeLimit, once: writeOnce }

if (import.meta.main) {
  const [verb, directory] = process.argv.slice(2)
  try {
    if (!directory || !isVerb(verb)) throw new Error('usage: storeWriter.ts write|limit|once <directory>')
    await verbs[verb](directory)
  } catch (error) {
    say('failed', errorText(error))
    process.exitCode = 1
  }
}

function isVerb(word: string | undefined): word is keyof typeof verbs {
  return word !== undefined && Object.hasOwn(verbs, word)
}
