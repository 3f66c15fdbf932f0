// Which settings a provider's launcher lacks: found by trying, so that no list beside the launcher can be wrong.
import type { Clock } from '../clock.ts'
import type { Env } from '../settings.ts'
import type { ProviderModule } from './module.ts'

// One of them fits whatever a setting may look like.
const SAMPLES = ['x', 'https://x.example', '1', `0x${'1'.repeat(64)}`, `0x${'1'.repeat(40)}`]

/** Keys that are not set and without which there is no launcher; none where there is one, or no launcher at all. */
export function launcherNeeds(module: ProviderModule, { clock, env }: { clock: Clock; env: Env }): string[] {
  const unset = module.settings.filter(({ key, fallback }) => fallback === undefined && !env[key])
  const samples = unset.map(({ key, schema }) => [key, SAMPLES.find((one) => schema.safeParse(one).success)])
  const filled: Env = { ...env, ...Object.fromEntries(samples) }
  const isThere = (with_: Env) => {
    try {
      return module.launcher?.({ clock, env: with_ }) !== undefined
    } catch {
      // It had all that it needs, and found the sample to be none.
      return true
    }
  }
  return isThere(filled) ? unset.map(({ key }) => key).filter((key) => !isThere({ ...filled, [key]: undefined })) : []
}
