// A request's proof holds for that request, that runner, that chain and that minute.
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import {
  RUNNER_AUTH_WINDOW_MS,
  type RunnerAuth,
  type RunnerRequest,
  readAuthHeaders,
  signRunnerRequest,
  toAuthHeaders,
  verifyRunnerRequest,
} from './runnerAuth.ts'

const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const other = privateKeyToAccount(`0x${'22'.repeat(32)}`)
const chainId = 84_532
const nowMs = 1_800_000_000_000
const request: RunnerRequest = {
  method: 'PUT',
  path: '/v1/jobs/0x01/log?offset=5',
  body: new TextEncoder().encode('hello'),
}
const sign = () => signRunnerRequest({ account, chainId, request, nowMs })
const verify = (auth: RunnerAuth, change: Partial<RunnerRequest> = {}, at = nowMs) =>
  verifyRunnerRequest({ chainId, request: { ...request, ...change }, auth, nowMs: at })

describe('runner authentication', () => {
  test('what was signed verifies, through headers too', async () => {
    const auth = await sign()
    expect(await verify(auth)).toBeUndefined()
    const headers = new Headers(toAuthHeaders(auth))
    const read = readAuthHeaders((name) => headers.get(name) ?? undefined)
    expect(read).toEqual(auth)
  })

  test('another method, path, query, body, runner, time, nonce or chain does not', async () => {
    const auth = await sign()
    expect(await verify(auth, { method: 'POST' })).toBe('bad-signature')
    expect(await verify(auth, { path: '/v1/jobs/0x02/log?offset=5' })).toBe('bad-signature')
    expect(await verify(auth, { path: '/v1/jobs/0x01/log?offset=6' })).toBe('bad-signature')
    expect(await verify(auth, { body: new Uint8Array() })).toBe('bad-signature')
    expect(await verify({ ...auth, runner: other.address })).toBe('bad-signature')
    expect(await verify({ ...auth, timestampMs: nowMs + 1 })).toBe('bad-signature')
    expect(await verify({ ...auth, nonce: `0x${'00'.repeat(32)}` })).toBe('bad-signature')
    expect(await verify({ ...auth, signature: '0x' })).toBe('bad-signature')
    expect(await verifyRunnerRequest({ chainId: 8453, request, auth, nowMs })).toBe('bad-signature')
  })

  test('a minute early or late is fine, a millisecond more is not', async () => {
    const auth = await sign()
    for (const sign of [1, -1]) {
      expect(await verify(auth, {}, nowMs + sign * RUNNER_AUTH_WINDOW_MS)).toBeUndefined()
      expect(await verify(auth, {}, nowMs + sign * (RUNNER_AUTH_WINDOW_MS + 1))).toBe('stale-timestamp')
    }
  })

  test('missing or malformed headers are no proof', async () => {
    const whole = toAuthHeaders(await sign())
    for (const name of Object.keys(whole)) {
      expect(readAuthHeaders((asked) => (asked === name ? undefined : whole[asked]))).toBeUndefined()
      expect(readAuthHeaders((asked) => (asked === name ? 'x' : whole[asked]))).toBeUndefined()
    }
  })
})
