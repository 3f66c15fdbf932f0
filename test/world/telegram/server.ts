// The HTTP side: finds the method behind /bot<token>/<method>, applies faults, logs the call, answers in Telegram's shape.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { ApiError, badRequest, errorBody } from './apiError.ts'
import type { CallLog } from './callLog.ts'
import { type Faults, faultError } from './faults.ts'
import type { Method } from './methods/method.ts'
import { findMethod } from './methods/table.ts'
import { type Call, readCall } from './readCall.ts'

export interface ServerParts {
  readonly world: Parameters<Method>[0]
  readonly token: string
  readonly faults: Faults
  readonly log: CallLog
}

/** Listens on loopback; port 0 takes a free one. */
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
  return {
    apiRoot: `http://127.0.0.1:${address.port}`,
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

async function serve(parts: ServerParts, { request, response }: Exchange) {
  const hangUp = new AbortController()
  response.on('close', () => hangUp.abort())
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const [, token = '', method = ''] = /^\/bot([^/]*)\/([^/]+)$/.exec(decodeURIComponent(pathname)) ?? []
  const refusal = checkToken(token, parts.token)
  if (refusal) return send(response, refusal)
  const call = await readCall(request, { query: searchParams, signal: hangUp.signal }).catch(toBodyError)
  if (call instanceof ApiError) return send(response, call)

  const { clock } = parts.world
  const files = Object.fromEntries(
    [...call.files].map(([field, { name, bytes }]) => [field, `${name}, ${bytes.length} bytes`]),
  )
  const record = parts.log.begin({ at: clock.now(), method, params: { ...call.params, ...files } })
  const fault = parts.faults.take({ method, chatId: call.params.chat_id })
  if (fault?.kind === 'slow') await clock.sleep(fault.delayMs, hangUp.signal).catch(() => undefined)
  const isDropped = fault?.kind === 'drop'
  const outcome =
    faultError(fault) ?? (isDropped && fault.when === 'before' ? undefined : await run(parts, { method, call }))
  if (isDropped) {
    record.status = 0
    return response.destroy()
  }
  record.status = outcome instanceof ApiError ? outcome.code : 200
  if (outcome instanceof ApiError) record.description = outcome.message
  return send(response, outcome)
}

/** A token that looks like one is merely unknown. */
function checkToken(given: string, expected: string): ApiError | undefined {
  if (given === expected) return undefined
  if (given === '') return new ApiError(404, 'Not Found')
  return new ApiError(401, /^\d+:[\w-]+$/.test(given) ? 'Unauthorized' : 'Unauthorized: invalid token specified')
}

async function run({ world }: ServerParts, { method, call }: { method: string; call: Call }): Promise<unknown> {
  const handler = findMethod(method)
  if (!handler) return new ApiError(404, 'Not Found: method not found')
  try {
    return await handler(world, call)
  } catch (error) {
    return toApiError(error)
  }
}

/** Whatever a body parser throws is the sender's doing. */
function toBodyError(error: unknown): ApiError {
  return error instanceof ApiError ? error : badRequest('invalid request body')
}

function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  // A fault of this server, not of the bot: say so where a test will see it.
  return new ApiError(500, `Internal Server Error: ${error instanceof Error ? error.stack : String(error)}`)
}

function send(response: ServerResponse, outcome: unknown) {
  if (response.destroyed) return
  const failed = outcome instanceof ApiError
  const body = JSON.stringify(failed ? errorBody(outcome) : { ok: true, result: outcome })
  response.writeHead(failed ? outcome.code : 200, { 'content-type': 'application/json' }).end(body)
}
