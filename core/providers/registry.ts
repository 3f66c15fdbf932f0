// Every provider Necto knows: a new one is a folder beside this file and one line in this list.
import type { TokenSource } from '../feed/source.ts'
import type { Launcher } from '../launch/launcher.ts'
import type { SynapseProvider } from '../market/provider.ts'
import type { Env } from '../settings.ts'
import type { ProviderDeps, ProviderModule } from './module.ts'

/** In the order in which people see them. */
export const providerModules: readonly ProviderModule[] = [
  (await import('./akash/index.ts')).provider,
  (await import('./ionet/index.ts')).provider,
  (await import('./aws-spot/index.ts')).provider,
  (await import('./render/index.ts')).provider,
  (await import('./nosana/index.ts')).provider,
  (await import('./necto/index.ts')).provider,
]

/** The settings of all of them, each read by its own provider. */
export const providerSettings = providerModules.flatMap(({ settings }) => settings)

export const createProviders = (deps: ProviderDeps & { readonly env: Env }): SynapseProvider[] =>
  providerModules.map((module) => module.create(deps))

/** What providers themselves say their tokens are worth. */
export const createTokenSources = (deps: ProviderDeps & { readonly env: Env }): TokenSource[] =>
  providerModules.flatMap(({ tokenSource }) => tokenSource?.(deps) ?? [])

/** Where Necto can rent machines: each has what it needs. */
export const createLaunchers = (deps: Pick<ProviderDeps, 'clock'> & { readonly env: Env }): Launcher[] =>
  providerModules.flatMap(({ launcher }) => launcher?.(deps) ?? [])
