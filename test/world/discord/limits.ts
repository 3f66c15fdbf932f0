// Sizes and rates, as Discord documents them or answers with them in its headers.

/** One upload, without a boosted guild; `attachment_size_limit` says so in every interaction. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024
/** A whole request. */
export const MAX_REQUEST_BYTES = 25 * 1024 * 1024

interface Budget {
  readonly requests: number
  readonly perMs: number
}

/** How much each kind of route takes; kinds that are not named here are not limited by route. */
export interface RateSettings {
  /** Per channel and verb. */
  readonly channel: Budget
  /** Per interaction token. */
  readonly webhook: Budget
  /** All the rest, per route. */
  readonly other: Budget
  /** All routes with a bot's token together. */
  readonly globalPerSecond: number
}

export const discordRates: RateSettings = {
  channel: { requests: 5, perMs: 5000 },
  webhook: { requests: 5, perMs: 2000 },
  other: { requests: 30, perMs: 10_000 },
  globalPerSecond: 50,
}
