// Proof that Nosana keeps a confidential deployment's definition to itself, before it is given one that tells anything.
import { NectoError } from '../../errors.ts'
import type { Deployment, NosanaApi } from './launchApi.ts'
import { emptyDefinition } from './launchDefinition.ts'

/**
 * A definition is pinned on IPFS, which everybody reads, unless the deployment is confidential: then its host alone gets
 * it, against its signature, and one placeholder is pinned for all. So two drafts that say different nothings, never
 * started, must have the same pin. They stay, to be read again. Throws 'nosana.public' when they have not.
 */
export async function proveConfidential(options: {
  api: NosanaApi
  market: string
  signal: AbortSignal
}): Promise<void> {
  const { api, market, signal } = options
  const pins: (string | undefined)[] = []
  for (const word of ['one', 'two']) {
    const name = `necto-privacy-${word}`
    const draft =
      (await api.byName(name, signal))[0] ??
      (await api.create({ name, market, timeoutMinutes: 60, definition: emptyDefinition(word) }, signal))
    requireConfidential(draft)
    pins.push(await api.pinnedAt(draft.id, signal))
  }
  if (pins[0] === undefined || pins[0] !== pins[1]) throw isPublic(`pins ${pins.join(', ')}`)
}

export function requireConfidential({ id, confidential }: Deployment): void {
  if (confidential !== true) throw isPublic(`deployment ${id} is not confidential`)
}

const isPublic = (details: string) =>
  new NectoError('nosana.public', 'Nosana would show what this job runs to everybody, so it was not started there.', {
    details,
  })
