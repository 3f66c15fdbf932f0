// The one error base: what happened, said twice (for people and for operators), and whether to try again.

/** never: the same call fails again. later: it may pass. unknown: the outcome is not known, reconcile before acting. */
export type Retry = 'never' | 'later' | 'unknown'

/** An error with a stable dotted code; `message` is safe to show in a chat, `details` is for operators only. */
export class NectoError extends Error {
  readonly code: string
  readonly retry: Retry
  readonly details: string | undefined

  constructor(
    code: string,
    message: string,
    options: { retry?: Retry; details?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'NectoError'
    this.code = code
    this.retry = options.retry ?? 'never'
    this.details = options.details
  }
}

/** A foreign failure turned into ours at the adapter line; a NectoError passes through unchanged. */
export function wrapError(cause: unknown, as: { code: string; message: string; retry?: Retry }): NectoError {
  if (cause instanceof NectoError) return cause
  return new NectoError(as.code, as.message, { retry: as.retry ?? 'later', details: errorText(cause), cause })
}

/** The text of anything thrown, with its causes, for operators. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const details = error instanceof NectoError && error.details ? ` (${error.details})` : ''
  const cause = error.cause === undefined ? '' : `; cause: ${errorText(error.cause)}`
  return `${error.message}${details}${cause}`
}
