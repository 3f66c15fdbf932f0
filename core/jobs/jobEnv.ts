// Environment secrets as names and values: what may stand there, and how the lines that people write are read.
import { z } from 'zod'

/** How many a job may have. */
export const MAX_SECRETS = 32
const MAX_VALUE_BYTES = 4096
const NAME = /^[A-Z_][A-Z0-9_]{0,127}$/

// Whoever sets these decides more than what the command reads: which programs run, and on what.
const REFUSED: readonly { readonly names: RegExp; readonly why: string }[] = [
  { names: /^NECTO_/, why: 'names that begin with NECTO_ are Necto’s own' },
  {
    // The GPUs that the seller set aside are among it.
    names: /^(PATH|HOME|TMPDIR|LANG|LC_ALL|CUDA_VISIBLE_DEVICES)$/,
    why: 'the machine that runs the job sets this one itself',
  },
  {
    // A container does not keep them in: hooks that hand it its GPUs have run on the host with its environment (CVE-2025-23266).
    names: /^(LD|DYLD)_|^(GCONV_PATH|GLIBC_TUNABLES)$/,
    why: 'it changes how the machine loads every program',
  },
  {
    names:
      /^(BASH_ENV|ENV|SHELLOPTS|NODE_OPTIONS|PYTHON(HOME|PATH|STARTUP)|PERL5(DB|LIB|OPT)|RUBY(LIB|OPT)|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS)$/,
    why: 'it makes a shell or interpreter run other code than your command. What is no secret can be set in the command itself',
  },
  {
    names:
      /^(DOCKER_(HOST|CONFIG|CONTEXT|CERT_PATH)|CONTAINER_(HOST|CONNECTION)|CONTAINERS_.*|NVIDIA_(VISIBLE_DEVICES|DRIVER_CAPABILITIES|DISABLE_REQUIRE|IMEX_CHANNELS|(REQUIRE|MIG)_.*))$/,
    why: 'it tells the container engine of the machine what to do',
  },
]

const byteLength = (text: string) => new TextEncoder().encode(text).length
const whyRefused = (name: string): string | undefined => REFUSED.find(({ names }) => names.test(name))?.why

/** Names and values as a process can get them; which names are taken, `envFault` says. A value is one line. */
export const envSchema = z
  .record(
    z.string().regex(NAME),
    z
      .string()
      .max(MAX_VALUE_BYTES)
      .regex(/^[^\0\r\n]*$/),
  )
  .refine((env) => Object.keys(env).length <= MAX_SECRETS)
export type JobEnv = z.output<typeof envSchema>

/** Which name no job may set, and why; undefined when there is none. Asked again on the seller's machine, which need not trust Necto. */
export function envFault(env: JobEnv): string | undefined {
  for (const name of Object.keys(env)) {
    const why = whyRefused(name)
    if (why) return `${name} is not taken: ${why}.`
  }
  return undefined
}

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
    if (!NAME.test(name))
      return { ok: false, why: `${where}: a name has capitals, digits and underscores, and no digit first.` }
    const fault = envFault({ [name]: value })
    if (fault) return { ok: false, why: `${where}: ${fault}` }
    if (Object.hasOwn(env, name)) return { ok: false, why: `${where}: ${name} is there twice.` }
    if (value.includes('\0')) return { ok: false, why: `${where}: a value cannot hold a NUL character.` }
    if (byteLength(value) > MAX_VALUE_BYTES)
      return { ok: false, why: `${where}: the value of ${name} is longer than ${MAX_VALUE_BYTES} bytes.` }
    env[name] = value
  }
  if (Object.keys(env).length > MAX_SECRETS) return { ok: false, why: `A job can have ${MAX_SECRETS} secrets at most.` }
  return { ok: true, env }
}
