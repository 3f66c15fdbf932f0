// Recorded replies from files: raw JSON as it came, nothing else.
import { readFile } from 'node:fs/promises'
import { NectoError } from '../../core/errors.ts'
import type { RecordedReply } from '../../core/providers/module.ts'

/** In the order of the files; throws NectoError `terminal.no-file` or `terminal.not-json` that names the file. */
export function readReplies(files: readonly string[]): Promise<RecordedReply[]> {
  return Promise.all(files.map(async (name) => ({ name, json: jsonOf(name, await bytesOf(name)) })))
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : (code ?? 'unknown')
    throw new NectoError('terminal.no-file', `"${file}" cannot be read: ${why}.`, { cause })
  }
}

function jsonOf(file: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new NectoError('terminal.not-json', `"${file}" is not JSON, which a recorded reply is.`, { cause })
  }
}
