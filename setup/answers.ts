// The answers so far: what the environment and the settings file say, and every new one kept at once.
import { chmod, stat } from 'node:fs/promises'
import { SETTINGS } from '../core/config.ts'
import { providerSettings } from '../core/providers/registry.ts'
import type { Env, Setting } from '../core/settings.ts'
import { DEPLOYMENT_SETTINGS } from './deploymentSettings.ts'
import { readEnvFile, settingsOf, withSettings, writeEnvFile } from './envFile.ts'

const TABLE: readonly Setting[] = [...SETTINGS, ...providerSettings, ...DEPLOYMENT_SETTINGS]

/** A setting that setup asks for. */
export function settingOf(key: string): Setting {
  const found = TABLE.find((entry) => entry.key === key)
  if (!found) throw new Error(`${key} is no setting`)
  return found
}

export interface Answers {
  /** What is known: an answer of this run, else the environment, else the file; never empty. */
  get(key: string): string | undefined
  /** All of them, as a process would read them. */
  env(): Env
  /** Keeps them in the file before it resolves; undefined takes one out. The same again writes nothing. */
  keep(values: Readonly<Record<string, string | undefined>>): Promise<void>
  /** Takes the file away from others' eyes; whether that was needed. */
  makePrivate(): Promise<boolean>
}

/** Opens what is known; the environment goes before the file, as it does for `necto start`. */
export async function openAnswers(options: { file: string; env: Env }): Promise<Answers> {
  const { file, env } = options
  let text = await readEnvFile(file)
  const known = new Map<string, string>()
  for (const source of [settingsOf(text ?? ''), env]) {
    for (const { key } of TABLE) if (source[key]) known.set(key, source[key])
  }
  return {
    get: (key) => known.get(key),
    env: () => Object.fromEntries(known),
    async keep(values) {
      const inFile = settingsOf(text ?? '')
      const changed = Object.entries(values).filter(([key, value]) => (inFile[key] || undefined) !== value)
      if (changed.length > 0) {
        const next = withSettings(text, Object.fromEntries(changed), (key) => settingOf(key).meaning)
        await writeEnvFile(file, next)
        text = next
      }
      for (const [key, value] of Object.entries(values)) {
        if (value === undefined) known.delete(key)
        else known.set(key, value)
      }
    },
    async makePrivate() {
      const found = await stat(file).catch(() => undefined)
      if (!found || (found.mode & 0o077) === 0) return false
      await chmod(file, 0o600)
      return true
    },
  }
}
