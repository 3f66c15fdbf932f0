// Settings as data: how one is declared, read from the environment, kept secret, and written into .env.example.
import { z } from 'zod'
import { NectoError } from './errors.ts'

export interface Setting {
  readonly key: string
  readonly meaning: string
  readonly schema: z.ZodType<unknown, string>
  readonly secret?: boolean
  /** Used when the variable is not set; a setting without one may be missing where its feature is then off. */
  readonly fallback?: string
  /** What does not work without it, for `necto doctor`; absent for what only refines. */
  readonly off?: string
}

/** The decoded values of a table; those without a default may be undefined. */
export type Values<Table extends readonly Setting[]> = {
  readonly [S in Table[number] as S['key']]:
    | z.output<S['schema']>
    | (S extends { fallback: string } ? never : undefined)
}

export type Env = Readonly<Record<string, string | undefined>>

export const text = z.string().min(1)
export const url = z.string().regex(/^https?:\/\/\S+$/, 'an http(s) address')
export const whole = z.codec(z.string().regex(/^\d{1,12}$/, 'a whole number'), z.int(), {
  decode: Number,
  encode: String,
})
export const wholeOf = (min: number, max: number) =>
  whole.refine((value) => value >= min && value <= max, `a whole number from ${min} to ${max}`)
export const list = z.codec(z.string(), z.array(z.string()), {
  decode: (value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  encode: (items) => items.join(','),
})

/** A setting with a default. */
export const setting = <Schema extends z.ZodType<unknown, string>, const Key extends string>(
  key: Key,
  schema: Schema,
  meaning: string,
  fallback: string,
  more: { off?: string } = {},
) => ({ key, schema, meaning, fallback, ...more })

/** A setting that may be missing; what needs it says so or stays off. */
export const optional = <Schema extends z.ZodType<unknown, string>, const Key extends string>(
  key: Key,
  schema: Schema,
  meaning: string,
  more: { secret?: boolean; off?: string } = {},
) => ({ key, schema, meaning, ...more })

/** One setting as it stands in the environment: its decoded value, or what is wrong with it. */
export function judgeSetting(entry: Setting, env: Env): { raw: string | undefined; value?: unknown; fault?: string } {
  const raw = env[entry.key] || entry.fallback
  if (raw === undefined) return { raw }
  const parsed = entry.schema.safeParse(raw)
  if (parsed.success) return { raw, value: parsed.data }
  return { raw, fault: parsed.error.issues[0]?.message ?? 'not valid' }
}

/**
 * Reads the tables' settings from the environment; throws one NectoError 'config.invalid' that lists every fault at
 * once, values never shown.
 */
export function readSettings<const Table extends readonly Setting[]>(table: Table, env: Env): Values<Table> {
  const faults: string[] = []
  const entries = table.map((entry) => {
    const { value, fault } = judgeSetting(entry, env)
    if (fault !== undefined) faults.push(`${entry.key}: ${fault} (${entry.meaning})`)
    return [entry.key, value]
  })
  if (faults.length > 0) {
    throw new NectoError(
      'config.invalid',
      `Settings that are not valid:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    )
  }
  return Object.fromEntries(entries) as Values<Table>
}

/** The values that no output may show; of addresses only those that hold more than a host. */
export function secretsOf(table: readonly Setting[], env: Env): string[] {
  return table
    .flatMap((entry) => (entry.secret ? (env[entry.key] ?? '').split(',') : []))
    .map((value) => value.trim())
    .filter((value) => value !== '' && !isBareAddress(value))
}

const isBareAddress = (value: string): boolean => /^https?:\/\/[^/?#@]+\/?$/.test(value)

/** The text of `.env.example`. */
export function envExample(table: readonly Setting[]): string {
  return table
    .map(({ key, meaning, secret, fallback = '' }) => `# ${meaning}${secret ? ' (secret)' : ''}\n${key}=${fallback}\n`)
    .join('\n')
}
