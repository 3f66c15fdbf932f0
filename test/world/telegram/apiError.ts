// The errors of the Bot API, in its own words, which bots match on.

/** A refusal: `code` is both HTTP status and error_code. Texts are those of tdlib/telegram-bot-api. */
export class ApiError extends Error {
  readonly code: number
  readonly parameters: Readonly<Record<string, number>> | undefined

  constructor(code: number, description: string, parameters?: Readonly<Record<string, number>>) {
    super(description)
    this.name = 'ApiError'
    this.code = code
    this.parameters = parameters
  }
}

export const badRequest = (text: string) => new ApiError(400, `Bad Request: ${text}`)
export const forbidden = (text: string) => new ApiError(403, `Forbidden: ${text}`)
export const conflict = (text: string) => new ApiError(409, `Conflict: ${text}`)
export const tooManyRequests = (retryAfterSeconds: number) =>
  new ApiError(429, `Too Many Requests: retry after ${retryAfterSeconds}`, { retry_after: retryAfterSeconds })

/** The JSON body of a refusal. */
export function errorBody({ code, message, parameters }: ApiError): Record<string, unknown> {
  return { ok: false, error_code: code, description: message, ...(parameters ? { parameters } : {}) }
}
