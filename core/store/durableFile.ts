// Files that are there, whole, after a power cut: written aside, synced, renamed, folder synced.
import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { NectoError } from '../errors.ts'

const TEMPORARY = '.tmp'

/** Replaces the file, whole or not at all. NectoError `store.write`: retry `later` = unchanged, `unknown` = perhaps replaced. */
export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}${TEMPORARY}`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (cause) {
    // What cannot be cleared now is cleared when the folder is opened next.
    await rm(temporary, { force: true }).catch(() => {})
    // POSIX on rename: after any error but EIO the old file is untouched.
    throw writeFailure(path, cause, errnoOf(cause) === 'EIO' ? 'unknown' : 'later')
  }
  await syncFolder(dirname(path)).catch((cause) => {
    throw writeFailure(path, cause, 'unknown')
  })
}

/** Removes the file for good; one that is gone already is fine. Throws as `writeDurably` does. */
export async function removeDurably(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (cause) {
    if (errnoOf(cause) !== 'ENOENT') throw writeFailure(path, cause, errnoOf(cause) === 'EIO' ? 'unknown' : 'later')
  }
  await syncFolder(dirname(path)).catch((cause) => {
    throw writeFailure(path, cause, 'unknown')
  })
}

/** The file's bytes; undefined: no such file. Throws NectoError `store.read`. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw new NectoError('store.read', 'Something stored cannot be read.', { retry: 'later', details: path, cause })
  }
}

/** Makes the folder and those above it, readable by its owner only, and makes that last. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
}

/** Removes what writes cut short by a crash left in the folder; only for the folder's owner. */
export async function clearTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (name.endsWith(TEMPORARY)) await rm(join(folder, name), { force: true })
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function writeFailure(path: string, cause: unknown, retry: 'later' | 'unknown'): NectoError {
  return new NectoError('store.write', 'Necto could not save this. Try again later.', {
    retry,
    details: `${basename(dirname(path))}/${basename(path)}: ${errnoOf(cause) ?? 'failed'}`,
    cause,
  })
}

function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
