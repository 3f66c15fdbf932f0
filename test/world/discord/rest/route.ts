// What a REST route is here: verb and path, who may call it, how it is limited, and what it does.
import { isObject, type Json } from '../json.ts'
import type { World } from '../model.ts'
import type { Files } from '../validate/message.ts'
import type { Bucket } from './rateLimits.ts'

/** One call: parameters of the path, decoded; the JSON as it came, and as an object for those that expect one. */
export interface Call {
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
  readonly data: Json
  readonly files: Files
}

/** Returns the answer's JSON; undefined = 204, which has none. Throws DiscordError to refuse. */
type Handler = (world: World, call: Call) => unknown

export interface Route {
  readonly verb: string
  /** Path with `:name` for parameters. */
  readonly path: string
  /** `bot`: the bot's token is needed, and the call counts against the total. `none`: the token in the path is enough. */
  readonly auth: 'bot' | 'none'
  readonly bucket: Bucket | undefined
  readonly handle: Handler
}

/** A route of the bot's own. */
export const botRoute = (line: string, handle: Handler, bucket: Bucket = 'other'): Route => ({
  ...split(line),
  auth: 'bot',
  bucket,
  handle,
})

/** A route that the interaction's token opens. */
export const tokenRoute = (line: string, handle: Handler, bucket: Bucket | undefined): Route => ({
  ...split(line),
  auth: 'none',
  bucket,
  handle,
})

export const asObject = (body: unknown): Json => (isObject(body) ? body : {})

/** A parameter of the path. */
export function param({ params }: Call, name: string): string {
  const value = params[name]
  if (value === undefined) throw new Error(`the route has no parameter ${name}`)
  return value
}

function split(line: string) {
  const [verb = '', path = ''] = line.split(' ')
  return { verb, path }
}
