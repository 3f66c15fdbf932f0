// The sellers' interface over its port: who gets in, how much of what, and what is said to the rest.
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createManualClock, systemClock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import type { RunnerDesk } from '../../core/jobs/runnerDesk.ts'
import { silentLog } from '../../core/log.ts'
import { signRunnerRequest, toAuthHeaders } from '../../core/supply/runnerAuth.ts'
import { createTestDesk, DESK_CHAIN_ID, serveTestDesk } from '../seller/testDesk.ts'
import { createSellerApi } from './createSellerApi.ts'
import { createNonces } from './nonces.ts'
import type { SellerApiServer } from './serveSellerApi.ts'

const account = privateKeyToAccount(generatePrivateKey())
const stranger = privateKeyToAccount(generatePrivateKey())
const desk = createTestDesk()
let server: SellerApiServer

beforeAll(async () => {
  desk.addRunner(account)
  server = await serveTestDesk(desk.desk)
})
afterAll(() => server.stop())

interface Ask {
  method?: string
  path: string
  body?: Uint8Array<ArrayBuffer>
  /** What is signed when it is not what is sent. */
  signed?: Partial<{ method: string; path: string; body: Uint8Array<ArrayBuffer> }>
  by?: typeof account
  chainId?: number
  nowMs?: number
}
async function headersOf({ method = 'GET', path, body = new Uint8Array(), signed, by = account, chainId, nowMs }: Ask) {
  return toAuthHeaders(
    await signRunnerRequest({
      account: by,
      chainId: chainId ?? DESK_CHAIN_ID,
      request: { method, path, body, ...signed },
      nowMs: nowMs ?? Date.now(),
    }),
  )
}
async function send(ask: Ask, headers?: Record<string, string>) {
  const { method = 'GET', path, body } = ask
  const response = await fetch(server.url + path, {
    method,
    headers: headers ?? (await headersOf(ask)),
    ...(body ? { body } : {}),
  })
  return { status: response.status, body: await response.json() }
}
const refusal = (status: number, code: string, retry: string) => ({
  status,
  body: { error: { code, retry, message: expect.any(String) } },
})
const next = { path: '/v1/jobs/next' }
const jobPath = (verb: string) => `/v1/jobs/${desk.addJob(account, { command: ['true'] }).job.jobId}/${verb}`

describe('who gets in', () => {
  test('health is open and says chain and time', async () => {
    expect(await send({ path: '/health' }, {})).toMatchObject({
      status: 200,
      body: { ok: true, chainId: DESK_CHAIN_ID },
    })
  })

  test('a signed request of an approved runner', async () => {
    expect((await send(next)).status).toBe(200)
  })

  test('no unsigned request, no half-signed one', async () => {
    expect(await send(next, {})).toEqual(refusal(401, 'not-signed', 'never'))
    const headers = await headersOf(next)
    delete headers['x-necto-nonce']
    expect(await send(next, headers)).toEqual(refusal(401, 'not-signed', 'never'))
  })

  test('no runner of no listing, which may yet be approved', async () => {
    expect(await send({ ...next, by: stranger })).toEqual(refusal(403, 'unknown-runner', 'later'))
    const headers = { ...(await headersOf({ ...next, by: stranger })), 'x-necto-runner': account.address }
    expect(await send(next, headers)).toEqual(refusal(401, 'bad-signature', 'never'))
  })

  test('no altered request', async () => {
    const bad = refusal(401, 'bad-signature', 'never')
    const path = `${jobPath('log')}?offset=0`
    const body = new Uint8Array([1, 2, 3])
    expect(await send({ method: 'PUT', path, body, signed: { body: new Uint8Array([1, 2, 4]) } })).toEqual(bad)
    expect(await send({ method: 'PUT', path, body, signed: { method: 'POST' } })).toEqual(bad)
    expect(await send({ method: 'PUT', path, body, signed: { path: path.replace('offset=0', 'offset=1') } })).toEqual(
      bad,
    )
    expect(await send({ ...next, chainId: 1 })).toEqual(bad)
  })

  test('no old one, no early one', async () => {
    for (const offMs of [-61_000, 62_000]) {
      expect(await send({ ...next, nowMs: Date.now() + offMs })).toEqual(refusal(401, 'stale-timestamp', 'later'))
    }
  })

  test('none a second time, nor one from before this process began', async () => {
    const headers = await headersOf(next)
    expect((await send(next, headers)).status).toBe(200)
    expect(await send(next, headers)).toEqual(refusal(401, 'replayed', 'later'))
    const before = await headersOf({ ...next, nowMs: Date.now() - 50_000 })
    expect(await send(next, before)).toEqual(refusal(401, 'replayed', 'later'))
  })

  test('a nonce is remembered for as long as its timestamp is good', async () => {
    const clock = createManualClock(1_000_000)
    const nonces = createNonces(clock)
    const use = { runner: account.address, nonce: `0x${'01'.repeat(32)}`, timestampMs: 1_060_000 } as const
    expect(nonces.use(use)).toBe(true)
    await clock.tick(119_999)
    expect(nonces.use({ ...use, nonce: `0x${'02'.repeat(32)}` })).toBe(true)
    expect(nonces.use(use)).toBe(false)
  })
})

describe('what it takes', () => {
  test('bodies up to their limits, also of unknown length', async () => {
    const tooLarge = refusal(413, 'too-large', 'never')
    const chunk = new Uint8Array(256 * 1024)
    const log = `${jobPath('log')}?offset=5`
    // Taken in, and only then found to be of a job that does not run yet.
    expect(await send({ method: 'PUT', path: log, body: chunk })).toEqual(refusal(409, 'wrong-state', 'never'))
    expect(await send({ method: 'PUT', path: log, body: new Uint8Array(chunk.length + 1) })).toEqual(tooLarge)
    expect(await send({ method: 'PUT', path: jobPath('output'), body: new Uint8Array(8 * 1024 * 1024 + 1) })).toEqual(
      tooLarge,
    )

    const path = jobPath('output')
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(1024 * 1024))
      },
    })
    const headers = await headersOf({ method: 'PUT', path })
    const response = await fetch(server.url + path, {
      method: 'PUT',
      headers,
      body: stream,
      duplex: 'half',
    } as RequestInit)
    expect(response.status).toBe(413)
  })

  test('no other shape', async () => {
    const put = { method: 'PUT', body: new Uint8Array([1]) }
    const job = desk.addJob(account, { command: ['true'] }).job.jobId
    expect(await send({ ...put, path: `/v1/jobs/${job}/log` })).toEqual(refusal(400, 'bad-request', 'never'))
    expect(await send({ ...put, path: `/v1/jobs/${job}/log?offset=-1` })).toEqual(refusal(400, 'bad-request', 'never'))
    expect(
      await send({ method: 'POST', path: `/v1/jobs/${job}/receipt`, body: new TextEncoder().encode('{"a":1}') }),
    ).toEqual(refusal(400, 'bad-request', 'never'))
    expect(await send({ method: 'POST', path: '/v1/jobs/0x12/accept' })).toEqual(refusal(404, 'unknown-job', 'never'))
    expect(await send({ path: '/v1/metrics' }, {})).toEqual(refusal(404, 'not-found', 'never'))
  })

  test('a job of one runner from nobody else', async () => {
    desk.addRunner(stranger)
    const path = jobPath('accept')
    expect(await send({ method: 'POST', path, by: stranger })).toEqual(refusal(404, 'unknown-job', 'never'))
    expect((await send({ method: 'POST', path })).status).toBe(200)
  })

  test('a question held open, answered as soon as there is work', async () => {
    const runner = privateKeyToAccount(generatePrivateKey())
    desk.addRunner(runner)
    const path = '/v1/jobs/next?wait=15'
    const asked = Date.now()
    const answer = send({ path, by: runner })
    await new Promise((resolve) => setTimeout(resolve, 100))
    const { jobId } = desk.addJob(runner, { command: ['true'] }).job
    expect(await answer).toMatchObject({ status: 200, body: { job: { jobId } } })
    expect(Date.now() - asked).toBeLessThan(10_000)
  })
})

test('what breaks inside is said without its details', async () => {
  const broken = async (): Promise<never> => {
    throw new NectoError('store.write', 'Necto could not save this.', { retry: 'unknown', details: '/secret/path' })
  }
  const parts: RunnerDesk = { ...desk.desk, next: broken, knows: async () => true }
  const app = createSellerApi({
    desk: parts,
    clock: systemClock,
    log: silentLog,
    chainId: DESK_CHAIN_ID,
    nonces: createNonces(systemClock),
  })
  const response = await app.request('/v1/jobs/next', { headers: await headersOf(next) })
  expect(response.status).toBe(500)
  expect(await response.json()).toEqual({
    error: { code: 'store.write', message: 'Necto could not save this.', retry: 'unknown' },
  })
})
