// Every provider Necto knows: a new one is a folder beside this file and one line in this list.
import type { SynapseProvider } from '../market/provider.ts'
import type { Env } from '../settings.ts'
import { akash } from './akash/index.ts'
import { awsSpot } from './aws-spot/index.ts'
import type { ProviderDeps, ProviderModule } from './module.ts'
import { necto } from './necto/index.ts'

/** In the order in which people see them. */
export const providerModules: readonly ProviderModule[] = [akash, awsSpot, necto]

/** The settings of all of them, each read by its own provider. */
export const providerSettings = providerModules.flatMap(({ settings }) => settings)

export const createProviders = (deps: ProviderDeps & { readonly env: Env }): SynapseProvider[] =>
  providerModules.map((module) => module.create(deps))
