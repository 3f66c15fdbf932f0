// Packs what a job left in its output folder into one tar file.
import { execFile } from 'node:child_process'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { NectoError } from '../../core/errors.ts'

const run = promisify(execFile)
const TIMEOUT_MS = 60_000
const TAR_BLOCK = 512

export type Archive =
  | { readonly ok: true; readonly bytes: Uint8Array }
  /** More than `maxBytes`; `bytes` is what was found until that was clear. */
  | { readonly ok: false; readonly foundBytes: number }

/**
 * The folder as a tar, no bytes when it is empty. Links are packed as links, never followed: a job must not be able
 * to send the seller's files. Throws NectoError `seller.archive`.
 */
export async function archiveOutput(options: { folder: string; file: string; maxBytes: number }): Promise<Archive> {
  const { folder, file, maxBytes } = options
  const foundBytes = await measure(folder, maxBytes)
  if (foundBytes > maxBytes) return { ok: false, foundBytes }
  if (foundBytes === 0) return { ok: true, bytes: new Uint8Array() }
  try {
    // COPYFILE_DISABLE: macOS would add a file of attributes to each file.
    const env = { ...process.env, COPYFILE_DISABLE: '1' }
    await run('tar', ['-cf', file, '-C', folder, '.'], { timeout: TIMEOUT_MS, env })
    const bytes = await readFile(file)
    return bytes.length > maxBytes ? { ok: false, foundBytes: bytes.length } : { ok: true, bytes }
  } catch (cause) {
    throw new NectoError('seller.archive', 'The output could not be packed.', { cause })
  }
}

/** Bytes in files and their headers, counted no further than past `maxBytes`. */
async function measure(folder: string, maxBytes: number): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    bytes += TAR_BLOCK + (entry.isFile() ? (await lstat(path)).size : 0)
    if (entry.isDirectory()) bytes += await measure(path, maxBytes - bytes)
    if (bytes > maxBytes) break
  }
  return bytes
}
