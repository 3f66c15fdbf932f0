// What one folder of providers/ exports: a provider with its settings, and how its recorded replies are read.
import type { Clock } from '../clock.ts'
import type { TokenSource } from '../feed/source.ts'
import type { Launcher } from '../launch/launcher.ts'
import type { Offer } from '../market/offer.ts'
import type { SynapseProvider } from '../market/provider.ts'
import { type Env, readSettings, type Setting, type Values } from '../settings.ts'
import type { ParsedOffers } from './dropped.ts'
import type { NectoListing } from './necto/offers.ts'

/** What a provider may be built from, beside its own settings. */
export interface ProviderDeps {
  readonly clock: Clock
  /** All listings of Necto's own sellers. */
  readonly listings: () => Promise<readonly NectoListing[]>
}

type LauncherDeps = Pick<ProviderDeps, 'clock'>

/** A recorded raw reply: its file's name, for messages, and what it holds. */
export interface RecordedReply {
  readonly name: string
  readonly json: unknown
}

/** How one thing's price moved in one zone over the 14 days before an instant; amounts in dollars with six decimals. */
export interface VolatilityRow {
  /** The provider's name of what is rented, "p5.48xlarge". */
  readonly type: string
  /** The zone's id where the file has it, else its name. */
  readonly zone: string
  /** For the whole of what is rented, at the instant. */
  readonly currentUsdPerHour: string
  /** This and the two below are absent with fewer than two points: unknown. Weighted by how long each price held. */
  readonly meanUsdPerHour?: string
  /** Standard deviation over mean: a decimal with six places, the rest cut off. */
  readonly cv?: string
  /** Highest less lowest, over mean, written likewise. */
  readonly rangeOverMean?: string
  /** How often the price was set in the window. */
  readonly changes: number
  readonly label: 'calm' | 'moderate' | 'volatile' | 'unknown'
}

interface Definition<Table extends readonly Setting[]> {
  /** Lower case, as people type it after `only`. */
  readonly id: string
  readonly settings: Table
  create(deps: ProviderDeps & { readonly settings: Values<Table> }): SynapseProvider
  /**
   * The pure parse of recorded replies, for `necto offers --replay`; the instant is when they were read. Throws a
   * NectoError that names the file when one is no reply of this provider.
   */
  readonly replay?: (replies: readonly RecordedReply[], atMs: number) => ParsedOffers<Offer[]>
  /** How prices moved before the instant, by recorded replies of a price history; throws as `replay` does. */
  readonly volatility?: (replies: readonly RecordedReply[], atMs: number) => readonly VolatilityRow[]
  /** The provider's own word on what its token is worth. */
  readonly tokenSource?: (deps: ProviderDeps & { readonly settings: Values<Table> }) => TokenSource
  /** How Necto rents machines there; undefined while a setting for it is missing. */
  readonly launcher?: (deps: LauncherDeps & { readonly settings: Values<Table> }) => Launcher | undefined
}

/** A provider of the registry. Its faults in the environment are thrown as 'config.invalid'. */
export interface ProviderModule
  extends Pick<Definition<readonly Setting[]>, 'id' | 'settings' | 'replay' | 'volatility'> {
  create(deps: ProviderDeps & { readonly env: Env }): SynapseProvider
  readonly tokenSource?: (deps: ProviderDeps & { readonly env: Env }) => TokenSource
  readonly launcher?: (deps: LauncherDeps & { readonly env: Env }) => Launcher | undefined
}

/** Ties a provider to its own settings, so that nobody else has to know them. */
export function defineProvider<const Table extends readonly Setting[]>(own: Definition<Table>): ProviderModule {
  const { id, settings, replay, volatility, tokenSource, launcher } = own
  return {
    id,
    settings,
    create: ({ env, ...deps }) => own.create({ ...deps, settings: readSettings(settings, env) }),
    ...(replay && { replay }),
    ...(volatility && { volatility }),
    ...(tokenSource && {
      tokenSource: ({ env, ...deps }) => tokenSource({ ...deps, settings: readSettings(settings, env) }),
    }),
    ...(launcher && {
      launcher: ({ env, ...deps }) => launcher({ ...deps, settings: readSettings(settings, env) }),
    }),
  }
}
