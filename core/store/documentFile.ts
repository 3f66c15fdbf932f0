// One document as one lowdb database, on an adapter that is durable where lowdb's own is not.
import { type Adapter, Low } from 'lowdb'
import { corruptDocument } from './documentCodec.ts'
import { readIfThere, writeDurably } from './durableFile.ts'

/** The JSON in the file, undefined if there is none; a file that is not JSON is NectoError `store.corrupt` naming `source`. */
export async function readDocumentFile(path: string, source: string): Promise<unknown> {
  const database = new Low<unknown>(durableJson(path, source), null)
  await database.read()
  return database.data ?? undefined
}

/** Replaces the file durably; the database lives for this one write, so a failure leaves nothing behind in memory. */
export async function writeDocumentFile(path: string, json: object): Promise<void> {
  await new Low<unknown>(durableJson(path, path), json).write()
}

// lowdb's own file adapters neither sync nor name their temporary file per write.
function durableJson(path: string, source: string): Adapter<unknown> {
  return {
    async read() {
      const bytes = await readIfThere(path)
      if (!bytes) return null
      try {
        return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
      } catch (cause) {
        throw corruptDocument(source, cause)
      }
    },
    write: (json) => writeDurably(path, JSON.stringify(json)),
  }
}
