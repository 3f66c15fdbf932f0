// The REST interface that sellers' runners and rented machines call: each sees its own jobs and moves them along.
import { type Context, Hono } from 'hono'
import type { Address, Hex } from 'viem'
import { z } from 'zod'
import type { Clock } from '../../core/clock.ts'
import { bytes32 } from '../../core/codecs.ts'
import { errorText, NectoError } from '../../core/errors.ts'
import type { MachineDesk } from '../../core/jobs/createMachineDesk.ts'
import { type DeskAnswer, handedReceiptSchema, type RunnerDesk } from '../../core/jobs/runnerDesk.ts'
import type { Log } from '../../core/log.ts'
import { type Authenticated, createAuthenticate } from './authenticate.ts'
import { createMachineApi, withoutToken } from './createMachineApi.ts'
import {
  type ErrorEnvelope,
  MAX_LOG_CHUNK_BYTES,
  MAX_OUTPUT_BYTES,
  MAX_WAIT_SECONDS,
  offsetSchema,
} from './messages.ts'
import type { Nonces } from './nonces.ts'
import { refuse } from './refuse.ts'

export interface SellerApiOptions {
  readonly desk: RunnerDesk
  /** For machines that Necto rents elsewhere. */
  readonly machines?: MachineDesk
  readonly nonces: Nonces
  readonly clock: Clock
  readonly log: Log
  /** The escrow's chain: part of what runners sign. */
  readonly chainId: number
  /**
   * Resolves when there may be work for the runner, after `ms`, or when the signal aborts. Without it `next` answers
   * at once and the runner asks again by itself.
   */
  readonly waitForWork?: (runner: Address, ms: number, signal: AbortSignal) => Promise<void>
}

const waitSchema = z
  .string()
  .regex(/^\d{1,4}$/)
  .transform(Number)
const SMALL_BODY = 16 * 1024

/** The app; `serveSellerApi` puts it on a port. Metrics are not here: this port is public. */
export function createSellerApi(options: SellerApiOptions): Hono<Authenticated> {
  const { desk, machines, clock, log, chainId, waitForWork } = options
  const signed = createAuthenticate(options)
  const app = new Hono<Authenticated>()

  app.get('/health', (c) => c.json({ ok: true, chainId, nowMs: clock.now() }))

  app.get('/v1/jobs/next', signed(0), async (c) => {
    const runner = c.get('runner')
    const seconds = waitSchema.catch(0).parse(c.req.query('wait') ?? '0')
    let job = await desk.next(runner)
    if (!job && waitForWork && seconds > 0) {
      await waitForWork(runner, Math.min(seconds, MAX_WAIT_SECONDS) * 1000, c.req.raw.signal)
      job = await desk.next(runner)
    }
    return c.json({ job: job ?? null })
  })

  app.post('/v1/jobs/:id/accept', signed(SMALL_BODY), (c) =>
    withJob(c, async (runner, jobId) => answer(c, await desk.accept(runner, jobId), (job) => ({ job }))),
  )

  app.post('/v1/jobs/:id/heartbeat', signed(SMALL_BODY), (c) =>
    withJob(c, async (runner, jobId) => answer(c, await desk.heartbeat(runner, jobId))),
  )

  app.put('/v1/jobs/:id/log', signed(MAX_LOG_CHUNK_BYTES), (c) =>
    withJob(c, async (runner, jobId) => {
      const offset = offsetSchema.safeParse(c.req.query('offset')).data
      if (offset === undefined) return refuse(c, 'bad-request', 'The query needs offset=<bytes sent so far>.')
      return answer(c, await desk.log(runner, jobId, { offset, bytes: c.get('body') }))
    }),
  )

  app.put('/v1/jobs/:id/output', signed(MAX_OUTPUT_BYTES), (c) =>
    withJob(c, async (runner, jobId) => answer(c, await desk.output(runner, jobId, c.get('body')))),
  )

  app.post('/v1/jobs/:id/receipt', signed(SMALL_BODY), (c) =>
    withJob(c, async (runner, jobId) => {
      const receipt = handedReceiptSchema.safeParse(parseJson(c.get('body'))).data
      if (!receipt) return refuse(c, 'bad-request', 'The body is not a signed receipt.')
      return answer(c, await desk.receipt(runner, jobId, receipt))
    }),
  )

  if (machines) app.route('/', createMachineApi(machines))
  app.notFound((c) => refuse(c, 'not-found', 'There is nothing here.'))
  app.onError((error, c) => {
    log.error({ msg: 'seller request failed', path: withoutToken(c.req.path), reason: errorText(error) })
    const known = error instanceof NectoError
    const body: ErrorEnvelope = {
      error: {
        code: known ? error.code : 'internal',
        message: known ? error.message : 'Something is broken here. Try again later.',
        retry: known ? error.retry : 'later',
      },
    }
    return c.json(body, 500)
  })
  return app
}

function withJob(
  c: Context<Authenticated>,
  handle: (runner: Address, jobId: Hex) => Promise<Response>,
): Promise<Response> | Response {
  const jobId = bytes32.safeParse(c.req.param('id')).data
  return jobId ? handle(c.get('runner'), jobId) : refuse(c, 'unknown-job', 'This runner has no such job.')
}

function answer<T extends object>(
  c: Context,
  result: DeskAnswer<T>,
  show: (value: T) => object = (value) => value,
): Response {
  return result.ok ? c.json(show(result.value)) : refuse(c, result.code, result.why)
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}
