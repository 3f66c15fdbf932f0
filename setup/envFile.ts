// The settings file: read, changed line by line so that what others wrote stays, and written so that only its owner reads it.
import { open, readFile, realpath, rename, rm } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import { NectoError } from '../core/errors.ts'

const HEADER = '# Settings of this Necto, written by ./necto setup. It holds keys: keep it private, and keep a copy.\n'
const OWNER_ONLY = 0o600

/** The file's text; undefined when there is none. */
export async function readEnvFile(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new NectoError('setup.file', `${file} cannot be read.`, { cause: error })
  }
}

/** What the text sets, as Node reads it. */
export const settingsOf = (text: string): Record<string, string | undefined> => parseEnv(text)

/**
 * The text with these settings: a line that set one is replaced, others are added at the end with their meaning above.
 * Undefined empties a line that is there. Every other line stays as it is.
 */
export function withSettings(
  text: string | undefined,
  values: Readonly<Record<string, string | undefined>>,
  meaningOf: (key: string) => string | undefined,
): string {
  let next = text ?? HEADER
  for (const [key, value] of Object.entries(values)) {
    const line = `${key}=${value === undefined ? '' : quoted(key, value)}`
    const there = [...next.matchAll(new RegExp(`^[ \\t]*(?:export[ \\t]+)?${key}[ \\t]*=.*$`, 'gm'))].at(-1)
    if (there) next = next.slice(0, there.index) + line + next.slice(there.index + there[0].length)
    else if (value !== undefined) {
      const meaning = meaningOf(key)
      next += `${next.endsWith('\n') ? '' : '\n'}\n${meaning === undefined ? '' : `# ${meaning}\n`}${line}\n`
    }
  }
  return next
}

/** Writes all of it or nothing, readable by its owner alone. */
export async function writeEnvFile(file: string, text: string): Promise<void> {
  // A link stays a link to where the settings are really kept.
  const target = await realpath(file).catch(() => file)
  const beside = `${target}.${process.pid}.new`
  try {
    await rm(beside, { force: true })
    const handle = await open(beside, 'wx', OWNER_ONLY)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, target)
  } catch (error) {
    throw new NectoError('setup.file', `${file} cannot be written: nothing was changed in it.`, { cause: error })
  }
}

function quoted(key: string, value: string): string {
  if (/^[\w@%+=:,./~?&*-]*$/.test(value)) return value
  const quote = ["'", '`', '"'].find((mark) => !value.includes(mark) && !(mark === '"' && value.includes('\\')))
  if (quote === undefined || /[\r\n]/.test(value))
    throw new NectoError('setup.value', `The value of ${key} cannot be kept in a settings file.`)
  return `${quote}${value}${quote}`
}
