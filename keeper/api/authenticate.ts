// Who is asking: headers first, then the body under its limit, then the signature over both, then the nonce.
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Address } from 'viem'
import type { Clock } from '../../core/clock.ts'
import type { RunnerDesk } from '../../core/jobs/runnerDesk.ts'
import { RUNNER_AUTH_WINDOW_MS, readAuthHeaders, verifyRunnerRequest } from '../../core/supply/runnerAuth.ts'
import type { Nonces } from './nonces.ts'
import { refuse } from './refuse.ts'

/** What an authenticated handler finds in its context. */
export interface Authenticated {
  Variables: { runner: Address; body: Uint8Array }
}

/**
 * Lets a request through with `runner` and `body` set, or answers why not. A stranger is turned away before a byte of
 * body is read, so that nobody fills the memory with what will be refused anyway.
 */
export function createAuthenticate(options: {
  desk: Pick<RunnerDesk, 'knows'>
  nonces: Nonces
  clock: Clock
  chainId: number
}) {
  const { desk, nonces, clock, chainId } = options

  return (maxBytes: number): MiddlewareHandler<Authenticated> => {
    const limit = bodyLimit({
      maxSize: maxBytes,
      onError: (c) => refuse(c, 'too-large', `A request here may have ${maxBytes} bytes of body.`),
    })
    return async (c, next) => {
      const auth = readAuthHeaders((name) => c.req.header(name))
      if (!auth)
        return refuse(c, 'not-signed', 'This request is not signed: the x-necto headers are missing or malformed.')
      if (Math.abs(clock.now() - auth.timestampMs) > RUNNER_AUTH_WINDOW_MS) return refuseStale(c, clock)
      if (!(await desk.knows(auth.runner))) {
        return refuse(
          c,
          'unknown-runner',
          'No approved listing has this runner key. List it with /sell and wait for the approval.',
        )
      }
      return await limit(c, async () => {
        const body = new Uint8Array(await c.req.arrayBuffer())
        const { pathname, search } = new URL(c.req.url)
        const request = { method: c.req.method, path: pathname + search, body }
        const fault = await verifyRunnerRequest({ chainId, request, auth, nowMs: clock.now() })
        const response = fault === 'stale-timestamp' ? refuseStale(c, clock) : fault && refuseSignature(c)
        if (response) {
          c.res = response
          return
        }
        if (!nonces.use(auth)) {
          c.res = refuse(c, 'replayed', 'This signed request was used before. Sign it anew.')
          return
        }
        c.set('runner', auth.runner)
        c.set('body', body)
        await next()
      })
    }
  }
}

function refuseStale(c: Context, clock: Clock): Response {
  const now = new Date(clock.now()).toISOString()
  return refuse(c, 'stale-timestamp', `The request's time is more than a minute off; here it is ${now}. Set the clock.`)
}

const refuseSignature = (c: Context): Response =>
  refuse(c, 'bad-signature', 'The signature does not fit this request and this runner.')
