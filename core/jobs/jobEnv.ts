// Environment secrets as names and values: what may stand there, and how the lines that people write are read.
import { z } from 'zod'

/** How many a job may have. */
export const MAX_SECRETS = 32
const MAX_VALUE_BYTES = 4096
const NAME = /^[A-Z_][A-Z0-9_]{0,127}$/
// What the machine that runs the job sets itself; the GPUs that its seller set aside are among it.
const SET_BY_MACHINE = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'CUDA_VISIBLE_DEVICES']
const OWN_PREFIX = 'NECTO_'

const byteLength = (text: string) => new TextEncoder().encode(text).length
const nameFault = (name: string): string | undefined => {
  if (!NAME.test(name)) return 'a name has capitals, digits and underscores, and no digit first'
  if (name.startsWith(OWN_PREFIX)) return `names that begin with ${OWN_PREFIX} are Necto’s own`
  return SET_BY_MACHINE.includes(name) ? 'the machine that runs the job sets this one itself' : undefined
}

/** Names and values as a process gets them. A value is one line. */
export const envSchema = z
  .record(
    z.string().refine((name) => nameFault(name) === undefined),
    z
      .string()
      .max(MAX_VALUE_BYTES)
      .regex(/^[^\0\r\n]*$/),
  )
  .refine((env) => Object.keys(env).length <= MAX_SECRETS)
export type JobEnv = z.output<typeof envSchema>

/** Reads `KEY=value` lines; what is wrong is said by line and name, never with a value. */
export function parseSecrets(text: string): { ok: true; env: JobEnv } | { ok: false; why: string } {
  const env: Record<string, string> = {}
  for (const [at, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = raw.trimStart()
    if (line === '' || line.startsWith('#')) continue
    const where = `Line ${at + 1}`
    const equals = line.indexOf('=')
    // What has no "=" may be the rest of a value, so it is not repeated.
    if (equals < 1) return { ok: false, why: `${where} is not written as NAME=value.` }
    const name = line.slice(0, equals).trimEnd()
    const value = line.slice(equals + 1)
    const fault = nameFault(name)
    if (fault) return { ok: false, why: `${where}: ${fault}.` }
    if (Object.hasOwn(env, name)) return { ok: false, why: `${where}: ${name} is there twice.` }
    if (value.includes('\0')) return { ok: false, why: `${where}: a value cannot hold a NUL character.` }
    if (byteLength(value) > MAX_VALUE_BYTES)
      return { ok: false, why: `${where}: the value of ${name} is longer than ${MAX_VALUE_BYTES} bytes.` }
    env[name] = value
  }
  if (Object.keys(env).length > MAX_SECRETS) return { ok: false, why: `A job can have ${MAX_SECRETS} secrets at most.` }
  return { ok: true, env }
}
