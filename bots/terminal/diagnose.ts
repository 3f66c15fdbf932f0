// The settings as a doctor sees them: what is set, what is missing, and what is off without it. No secret comes out.

import type { Env, Setting } from '../../core/settings.ts'
import { judgeSetting } from '../../core/settings.ts'

export interface Finding {
  readonly key: string
  readonly meaning: string
  /** default: nobody set it, the usual value stands. unset: it only refines, nothing is off without it. */
  readonly state: 'set' | 'default' | 'unset' | 'missing' | 'invalid'
  /** What it is; absent for secrets. */
  readonly value?: string
  /** What does not work without it. */
  readonly off?: string
  readonly fault?: string
  /** `necto start` does not begin without it. */
  readonly needed: boolean
}

export interface Diagnosis {
  readonly groups: readonly { readonly name: string; readonly findings: readonly Finding[] }[]
  /** Keys that `necto start` needs and has not. */
  readonly missing: readonly string[]
  /** "KEY: what is wrong", every one. */
  readonly faults: readonly string[]
  /** What does not work, each thing once. */
  readonly off: readonly string[]
}

/** Judges every setting by itself, so that one fault hides no other. */
export function diagnose(options: {
  groups: readonly { readonly name: string; readonly settings: readonly Setting[] }[]
  needed: readonly string[]
  /** Settings of which one is enough. */
  oneOf: readonly string[]
  env: Env
}): Diagnosis {
  const { oneOf, env } = options
  const lacksOne = oneOf.every((key) => !env[key])
  const needed = [...(lacksOne ? oneOf : []), ...options.needed]
  const groups = options.groups.map(({ name, settings }) => ({
    name,
    findings: settings.map((entry) => find(entry, env, needed.includes(entry.key))),
  }))
  const all = groups.flatMap(({ findings }) => findings)
  const lacking = all.filter(({ state }) => state === 'missing')
  return {
    groups,
    missing: [
      ...(lacksOne ? [oneOf.join(' or ')] : []),
      ...lacking.filter(({ key, needed: isNeeded }) => isNeeded && !oneOf.includes(key)).map(({ key }) => key),
    ],
    faults: all.flatMap(({ key, fault }) => (fault === undefined ? [] : [`${key}: ${fault}`])),
    off: [...new Set(lacking.flatMap(({ off }) => off ?? []))],
  }
}

function find(entry: Setting, env: Env, needed: boolean): Finding {
  const { key, meaning, off } = entry
  const { raw, value, fault } = judgeSetting(entry, env)
  const base = { key, meaning, needed, ...(off === undefined ? {} : { off }) }
  if (fault !== undefined) return { ...base, state: 'invalid', fault }
  // "," is a list too, of nothing.
  const isEmpty = raw === undefined || raw === '' || (Array.isArray(value) && value.length === 0)
  if (isEmpty && (needed || off !== undefined)) return { ...base, state: 'missing' }
  if (raw === undefined) return { ...base, state: 'unset' }
  const shown = entry.secret ? {} : { value: withoutCredentials(raw) }
  return { ...base, state: env[key] ? 'set' : 'default', ...shown }
}

/** An address may hold a password or a key, also where the setting is none. */
function withoutCredentials(text: string): string {
  if (!/^https?:\/\/.*[@?#]/.test(text)) return text
  const { origin, pathname } = new URL(text)
  return `${origin}${pathname}`
}
