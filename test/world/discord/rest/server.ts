// The HTTP side: finds the route, checks the token, applies faults and limits, logs the call, answers in Discord's shape.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { DiscordError, errorBody, invalidApiVersion, methodNotAllowed, notFound, unauthorized } from '../apiError.ts'
import type { World } from '../model.ts'
import type { CallLog } from './callLog.ts'
import { type Faults, faultError } from './faults.ts'
import { readBody } from './readCall.ts'
import { asObject, type Call, type Route } from './route.ts'

export interface ServerParts {
  readonly world: World
  readonly token: string
  readonly routes: readonly Route[]
  readonly faults: Faults
  readonly log: CallLog
}

/** Listens on loopback, with the gateway on the same port; port 0 takes a free one. */
export async function listen(parts: ServerParts, { port }: { port: number }) {
  const server = createServer((request, response) => {
    serve(parts, { request, response }).catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const gatewayUrl = `ws://127.0.0.1:${address.port}/gateway`
  parts.world.gateway.listen(server, gatewayUrl)
  return {
    apiRoot: `http://127.0.0.1:${address.port}/api`,
    gatewayUrl,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** What a call comes to: JSON (undefined = none) or a refusal, and the headers beside it. */
interface Answer {
  readonly result?: unknown
  readonly error?: DiscordError
  readonly headers: Record<string, string>
}

async function serve(parts: ServerParts, { request, response }: Exchange) {
  const { world, faults, log } = parts
  const hangUp = new AbortController()
  response.on('close', () => hangUp.abort())
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const found = findRoute(parts.routes, { verb: request.method ?? '', pathname })
  if (found instanceof DiscordError) {
    request.resume()
    return send(response, { error: found, headers: {} })
  }
  const { route, params } = found
  const { authorization } = request.headers
  const isRefused = route.auth === 'bot' && authorization !== `Bot ${parts.token}`
  const read = await readBody(request).catch(toError)
  const content = read instanceof DiscordError ? { body: undefined, files: new Map() } : read
  const query = Object.fromEntries(searchParams)
  const call: Call = { params, query, ...content, data: asObject(content.body) }

  const name = `${route.verb} ${route.path}`
  const files = [...call.files.values()].map(({ name, bytes }) => `${name}, ${bytes.length} bytes`)
  const { body } = content
  const hasToken = authorization !== undefined
  const record = log.begin({ at: world.clock.now(), route: name, params, query, body, files, hasToken })
  const fault = faults.take(name)
  if (fault?.kind === 'slow') await world.clock.sleep(fault.delayMs, hangUp.signal).catch(() => undefined)
  const early = faultError(fault) ?? (isRefused ? unauthorized() : read instanceof DiscordError ? read : undefined)
  const isLost = fault?.kind === 'drop' && fault.when === 'before'
  const answer = early ? failed(early) : isLost ? { headers: {} } : run(parts, { route, call })
  if (fault?.kind === 'drop') {
    record.status = 0
    return response.destroy()
  }
  record.status = answer.error?.status ?? (answer.result === undefined ? 204 : 200)
  if (answer.error) record.code = answer.error.code
  return send(response, answer)
}

/** The route of a path below /api/v10, its parameters decoded: `@original` comes as `%40original`. */
function findRoute(
  routes: readonly Route[],
  { verb, pathname }: { verb: string; pathname: string },
): { route: Route; params: Record<string, string> } | DiscordError {
  const [, version, rest = ''] = /^\/api\/v(\d+)(\/.*)$/.exec(pathname) ?? []
  if (version === undefined) return notFound()
  if (version !== '10') return invalidApiVersion()
  const given = rest.split('/').map(decodeURIComponent)
  const matching = routes.flatMap((route) => {
    const pattern = route.path.split('/')
    const fits =
      pattern.length === given.length && pattern.every((part, index) => part.startsWith(':') || part === given[index])
    if (!fits) return []
    const params = pattern.flatMap((part, index) => (part.startsWith(':') ? [[part.slice(1), given[index] ?? '']] : []))
    return [{ route, params: Object.fromEntries(params) as Record<string, string> }]
  })
  if (matching.length === 0) return notFound()
  return matching.find(({ route }) => route.verb === verb) ?? methodNotAllowed()
}

function run({ world }: ServerParts, { route, call }: { route: Route; call: Call }): Answer {
  const { bucket, auth, verb, path } = route
  const { channel = '', token = '', guild = '' } = call.params
  const name = `${verb}${path}`.toLowerCase().replaceAll(/[^a-z]+/g, '-')
  let headers = {}
  try {
    headers = world.limits.take({ bucket, name, major: channel || token || guild, isGlobal: auth === 'bot' })
    return { result: route.handle(world, call), headers }
  } catch (error) {
    const answer = failed(toError(error))
    return { ...answer, headers: { ...headers, ...answer.headers } }
  }
}

const failed = (error: DiscordError): Answer => ({ error, headers: { ...error.details.headers } })

function toError(error: unknown): DiscordError {
  if (error instanceof DiscordError) return error
  // A fault of this server, not of the bot: say so where a test will see it.
  const message = `500: Internal Server Error: ${error instanceof Error ? error.stack : String(error)}`
  return new DiscordError({ status: 500, code: 0, message })
}

function send(response: ServerResponse, { result, error, headers }: Answer) {
  if (response.destroyed) return
  // An empty answer must not say that it is JSON: discord.js would parse it.
  if (!error && result === undefined) return response.writeHead(204, headers).end()
  const body = JSON.stringify(error ? errorBody(error) : result)
  response.writeHead(error?.status ?? 200, { ...headers, 'content-type': 'application/json' }).end(body)
}
