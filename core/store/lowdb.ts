// The embedded store: one lowdb file per document, blobs as files, one process per folder.
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { wrapError } from '../errors.ts'
import { assembleStore } from './assembleStore.ts'
import type { LoadedDocument, Persistence } from './collection.ts'
import { lockDirectory } from './directoryLock.ts'
import { corruptDocument } from './documentCodec.ts'
import { readDocumentFile, writeDocumentFile } from './documentFile.ts'
import { clearTemporaries, makeFolder, readIfThere, removeDurably, writeDurably } from './durableFile.ts'
import { fileNameOf, folderNameOf } from './fileName.ts'
import type { Blobs, Store } from './store.ts'

const BLOBS = 'blobs'
const DOCUMENT = '.json'
// Enough to keep the disk busy, far from the limit of open files.
const READS_AT_ONCE = 32

/**
 * Opens the folder, making it if need be, for this process alone, and reads every document into memory.
 * Throws NectoError: `store.locked` naming the process that has it, `store.corrupt` naming a file that is not JSON,
 * `store.open` when the folder cannot be used.
 */
export async function openLowdbStore(options: { directory: string }): Promise<Store> {
  const directory = resolve(options.directory)
  try {
    await makeFolder(join(directory, BLOBS))
    const lock = await lockDirectory(directory)
    try {
      const loaded = await loadFolders(directory)
      return assembleStore({
        open(name) {
          const folder = folderNameOf(name)
          const documents = loaded.get(folder) ?? []
          loaded.delete(folder)
          return { loaded: documents, persistence: documentFolder(join(directory, folder)) }
        },
        blobs: blobFolder(join(directory, BLOBS)),
        ...lock,
      })
    } catch (error) {
      await lock.release()
      throw error
    }
  } catch (cause) {
    throw wrapError(cause, { code: 'store.open', message: 'The store cannot be opened.', retry: 'never' })
  }
}

async function loadFolders(directory: string): Promise<Map<string, LoadedDocument[]>> {
  const loaded = new Map<string, LoadedDocument[]>()
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const folder = join(directory, entry.name)
    await clearTemporaries(folder)
    if (entry.name !== BLOBS) loaded.set(entry.name, await loadDocuments(folder))
  }
  return loaded
}

async function loadDocuments(folder: string): Promise<LoadedDocument[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(DOCUMENT) && !name.startsWith('.')).values()
  const documents: LoadedDocument[] = []
  async function loadNext(): Promise<void> {
    for (const name of names) {
      const source = join(folder, name)
      const json = await readDocumentFile(source, source)
      const id = z.object({ id: z.string() }).safeParse(json).data?.id
      // A copied or renamed file would otherwise be a second truth about the same document.
      if (id !== undefined && fileNameOf(id) + DOCUMENT !== name)
        throw corruptDocument(
          source,
          new Error(`holds the document ${JSON.stringify(id)}, whose file has another name`),
        )
      documents.push({ source, json })
    }
  }
  await Promise.all(Array.from({ length: READS_AT_ONCE }, loadNext))
  return documents
}

function documentFolder(folder: string): Persistence {
  const pathOf = (id: string) => join(folder, fileNameOf(id) + DOCUMENT)
  const made = makeFolder(folder).catch((cause) =>
    wrapError(cause, { code: 'store.write', message: 'Necto could not save this. Try again later.' }),
  )
  return {
    read: (id) => readDocumentFile(pathOf(id), pathOf(id)),
    async write(envelope) {
      const failure = await made
      if (failure) throw failure
      await writeDocumentFile(pathOf(envelope.id), envelope)
    },
    remove: (id) => removeDurably(pathOf(id)),
  }
}

function blobFolder(folder: string): Blobs {
  const pathOf = (name: string) => join(folder, `${fileNameOf(name)}.bin`)
  return {
    put: (name, bytes) => writeDurably(pathOf(name), bytes),
    async get(name) {
      const bytes = await readIfThere(pathOf(name))
      // Plain bytes, so that every adapter's answer compares equal.
      return bytes && new Uint8Array(bytes)
    },
    remove: (name) => removeDurably(pathOf(name)),
  }
}
