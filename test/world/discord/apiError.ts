// The refusals of Discord's REST API: status, numeric code and words, on which bots match.

interface Details {
  /** The nested `errors` of an invalid form body. */
  readonly errors?: Record<string, unknown>
  readonly rateLimit?: { readonly retryAfterSeconds: number; readonly isGlobal: boolean }
  /** Headers of the answer beside the usual. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A refusal with Discord's own code, by docs.discord.com's table of JSON error codes. */
export class DiscordError extends Error {
  readonly status: number
  readonly code: number
  readonly details: Details

  constructor({ status, code, message, ...details }: { status: number; code: number; message: string } & Details) {
    super(message)
    this.name = 'DiscordError'
    this.status = status
    this.code = code
    this.details = details
  }
}

const refusal = (status: number, code: number, message: string) => () => new DiscordError({ status, code, message })

export const notFound = refusal(404, 0, '404: Not Found')
export const methodNotAllowed = refusal(405, 0, '405: Method Not Allowed')
export const unauthorized = refusal(401, 0, '401: Unauthorized')
export const unknownApplication = refusal(404, 10002, 'Unknown Application')
export const unknownChannel = refusal(404, 10003, 'Unknown Channel')
export const unknownGuild = refusal(404, 10004, 'Unknown Guild')
export const unknownMember = refusal(404, 10007, 'Unknown Member')
export const unknownMessage = refusal(404, 10008, 'Unknown Message')
export const unknownUser = refusal(404, 10013, 'Unknown User')
export const unknownWebhook = refusal(404, 10015, 'Unknown Webhook')
export const unknownInteraction = refusal(404, 10062, 'Unknown interaction')
export const tooManyCommands = refusal(400, 30032, 'Maximum number of application commands reached (100).')
export const entityTooLarge = refusal(413, 40005, 'Request entity too large')
export const alreadyAcknowledged = refusal(400, 40060, 'Interaction has already been acknowledged.')
export const tooManyFollowUps = refusal(400, 40094, 'Maximum number of follow up messages reached (5).')
export const missingAccess = refusal(403, 50001, 'Missing Access')
export const cannotEditOthers = refusal(403, 50005, 'Cannot edit a message authored by another user')
export const emptyMessage = refusal(400, 50006, 'Cannot send an empty message')
export const cannotMessageUser = refusal(403, 50007, 'Cannot send messages to this user')
export const missingPermissions = refusal(403, 50013, 'Missing Permissions')
export const invalidWebhookToken = refusal(401, 50027, 'Invalid Webhook Token')
export const invalidRecipients = refusal(400, 50033, 'Invalid Recipient(s)')
export const invalidApiVersion = refusal(400, 50041, 'Invalid API version provided')
export const invalidJson = refusal(400, 50109, 'The request body contains invalid JSON.')
export const noMutualGuilds = refusal(403, 50278, 'Cannot send messages to this user due to having no mutual guilds')

/** The JSON body of a refusal. */
export function errorBody({ code, message, details: { errors, rateLimit } }: DiscordError): Record<string, unknown> {
  if (rateLimit) return { message, retry_after: rateLimit.retryAfterSeconds, global: rateLimit.isGlobal }
  return { message, code, ...(errors ? { errors } : {}) }
}
