// What a machine that Necto rents elsewhere calls with nothing but curl: its job as shell variables, all else in plain text.
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import type { MachineDesk } from '../../core/jobs/createMachineDesk.ts'
import type { DeskAnswer } from '../../core/jobs/runnerDesk.ts'
import { jobScript } from './jobScript.ts'
import { MAX_LOG_CHUNK_BYTES, MAX_OUTPUT_BYTES, offsetSchema } from './messages.ts'
import { refuse } from './refuse.ts'

const SMALL_BODY = 1024
const tokenSchema = z.string().regex(/^[0-9a-f]{64}$/)
const bootSchema = z.string().regex(/^[\w-]{1,64}$/)
const exitSchema = z
  .string()
  .regex(/^-?\d{1,3}$/)
  .transform(Number)

const MACHINES = '/machines/v1'

/** The address that one machine is given. */
export const machineUrl = (baseUrl: string, token: string): string =>
  `${baseUrl.replace(/\/+$/, '')}${MACHINES}/${token}`

/** A path as a log may show it. */
export const withoutToken = (path: string): string => path.replace(/(\/machines\/v\d+\/)[^/]+/, '$1…')

/** Routes to be hung into the sellers' interface. A stranger's token looks like one whose job is over. */
export function createMachineApi(desk: MachineDesk): Hono {
  const app = new Hono().basePath(`${MACHINES}/:token`)

  /** The machine first, then its body: a stranger's is not read. */
  const body = (maxBytes: number): MiddlewareHandler => {
    const limitTo = (maxSize: number) => bodyLimit({ maxSize, onError: (c) => tooLarge(c, maxBytes) })
    const [plain, text] = [limitTo(maxBytes), limitTo(base64Length(maxBytes))]
    return async (c, next) => {
      const token = tokenOf(c)
      if (token === undefined || !(await desk.knows(token))) return refuse(c, 'gone', 'There is nothing here.')
      return isBase64(c) ? text(c, next) : plain(c, next)
    }
  }

  app.get('/job', body(0), async (c) => answer(c, await desk.job(tokenOf(c) ?? ''), jobScript))

  app.post('/started', body(SMALL_BODY), async (c) => {
    const boot = bootSchema.safeParse(c.req.query('boot')).data
    if (boot === undefined)
      return refuse(c, 'bad-request', 'The query needs boot=<the same for one boot, else another>.')
    return answer(c, await desk.started(tokenOf(c) ?? '', boot))
  })

  app.post('/heartbeat', body(SMALL_BODY), async (c) =>
    answer(c, await desk.heartbeat(tokenOf(c) ?? ''), ({ stop }) => (stop ? 'stop' : 'go on')),
  )

  app.post('/log', body(MAX_LOG_CHUNK_BYTES), async (c) => {
    const offset = offsetSchema.safeParse(c.req.query('offset')).data
    if (offset === undefined) return refuse(c, 'bad-request', 'The query needs offset=<bytes sent so far>.')
    const bytes = await bytesOf(c, MAX_LOG_CHUNK_BYTES)
    if (bytes instanceof Response) return bytes
    return answer(c, await desk.log(tokenOf(c) ?? '', { offset, bytes }), ({ nextOffset }) => String(nextOffset))
  })

  app.post('/output', body(MAX_OUTPUT_BYTES), async (c) => {
    const bytes = await bytesOf(c, MAX_OUTPUT_BYTES)
    if (bytes instanceof Response) return bytes
    return answer(c, await desk.output(tokenOf(c) ?? '', bytes))
  })

  app.post('/ended', body(SMALL_BODY), async (c) => {
    const exitCode = exitSchema.safeParse(c.req.query('exitCode')).data
    if (exitCode === undefined) return refuse(c, 'bad-request', 'The query needs exitCode=<of the program>.')
    const isReclaimed = c.req.query('reclaimed') === '1'
    return answer(c, await desk.ended(tokenOf(c) ?? '', { exitCode, isReclaimed }))
  })
  return app
}

const tokenOf = (c: Context): string | undefined => tokenSchema.safeParse(c.req.param('token')).data

const tooLarge = (c: Context, maxBytes: number) =>
  refuse(c, 'too-large', `A request here may have ${maxBytes} bytes of body.`)

/** A body in letters, from a client that sends no zero bytes. */
const isBase64 = (c: Context): boolean => c.req.query('as') === 'base64'
/** With a line's end after every fourth character it is still long enough. */
const base64Length = (bytes: number): number => 5 * Math.ceil(bytes / 3)

/** What was sent, or the refusal. */
async function bytesOf(c: Context, maxBytes: number): Promise<Uint8Array | Response> {
  if (!isBase64(c)) return new Uint8Array(await c.req.arrayBuffer())
  const text = z.base64().safeParse((await c.req.text()).replace(/\s/g, '')).data
  if (text === undefined) return refuse(c, 'bad-request', 'The body is not base64, as the query says it is.')
  const bytes = new Uint8Array(Buffer.from(text, 'base64'))
  return bytes.length > maxBytes ? tooLarge(c, maxBytes) : bytes
}

function answer<T>(c: Context, result: DeskAnswer<T>, show: (value: T) => string = () => 'ok'): Response {
  if (result.ok) return c.text(`${show(result.value)}\n`)
  return refuse(c, result.code === 'unknown-job' ? 'gone' : result.code, result.why)
}
