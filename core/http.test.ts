// Reading URLs over real sockets: limits, failures and evidence.
import { createHash } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createManualClock, systemClock } from './clock.ts'
import { BusyError, fetchBytes, jsonOf, publicUrl } from './http.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`
}

const read = (url: string, more: Partial<Parameters<typeof fetchBytes>[0]> = {}) =>
  fetchBytes({ url, signal: new AbortController().signal, clock: systemClock, timeoutMs: 60_000, ...more })

test('the bytes come with their digest, length, status and time', async () => {
  const body = '{"price": 1.07}'
  const url = await serve((_request, response) => response.setHeader('content-type', 'application/json').end(body))
  const clock = createManualClock(1_700_000_000_000)
  const fetched = await read(`${url}?ids=akash&api_key=hush`, { clock, headers: { 'x-api-key': 'hush' } })
  expect(jsonOf(fetched)).toEqual({ price: 1.07 })
  expect(fetched.evidence).toEqual({
    url: `${url}?ids=akash&api_key=hidden`,
    status: 200,
    fetchedAtMs: 1_700_000_000_000,
    byteLength: body.length,
    sha256: createHash('sha256').update(body).digest('hex'),
  })
})

test('a URL loses user info, fragment and key-like parameters', () => {
  expect(publicUrl('https://me:word@host.example/a?x-api-key=1&accessToken=2&page=3#frag')).toBe(
    'https://host.example/a?x-api-key=hidden&accessToken=hidden&page=3',
  )
})

describe('failures', () => {
  const answer = (status: number, headers: Record<string, string>, body: string) =>
    serve((_request, response) => response.writeHead(status, headers).end(body))

  test('429 carries the wait in seconds', async () => {
    const error = await read(await answer(429, { 'retry-after': '30' }, '{}')).catch((e) => e)
    expect(error).toBeInstanceOf(BusyError)
    expect(error).toMatchObject({ code: 'http.busy', retry: 'later', retryAfterMs: 30_000 })
  })

  test('503 with an HTTP date is busy until then', async () => {
    const clock = createManualClock(Date.parse('2026-11-22T10:00:00Z'))
    const url = await answer(503, { 'retry-after': 'Sun, 22 Nov 2026 10:01:00 GMT' }, '')
    await expect(read(url, { clock })).rejects.toMatchObject({ code: 'http.busy', retryAfterMs: 60_000 })
  })

  test.each([
    [429, {}, '{}', { code: 'http.busy', retry: 'later', retryAfterMs: undefined }],
    [500, {}, 'oops', { code: 'http.status', retry: 'later' }],
    [503, {}, 'oops', { code: 'http.status', retry: 'later' }],
    [403, {}, 'no', { code: 'http.status', retry: 'never', status: 403, body: 'no' }],
    [302, { location: 'http://127.0.0.1:1/' }, '', { code: 'http.status', retry: 'never' }],
    [200, { 'content-type': 'text/html' }, '<!doctype html>', { code: 'http.not-json', retry: 'later' }],
    [200, {}, '<html>', { code: 'http.not-json', retry: 'later' }],
  ])('%i %j %s', async (status, headers, body, expected) => {
    await expect(read(await answer(status, headers, body))).rejects.toMatchObject(expected)
  })

  test('truncated JSON and bytes that are no UTF-8 are not data', async () => {
    const cut = await read(await answer(200, {}, '{"models": [{"mo'))
    expect(() => jsonOf(cut)).toThrow(expect.objectContaining({ code: 'http.not-json', retry: 'later' }))
    expect(() => jsonOf({ ...cut, bytes: new Uint8Array([34, 255, 34]) })).toThrow('not data')
  })

  test('a body that breaks off is unreachable, not an answer', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{')
      setImmediate(() => response.destroy())
    })
    await expect(read(url)).rejects.toMatchObject({ code: 'http.unreachable', retry: 'later' })
  })

  test('nobody listening', async () => {
    await expect(read('http://127.0.0.1:1/')).rejects.toMatchObject({ code: 'http.unreachable', retry: 'later' })
  })

  test('an endless body is cut at the limit', async () => {
    const url = await serve((_request, response) => {
      const more = () => response.write('x'.repeat(1024), () => response.writable && setImmediate(more))
      more()
    })
    await expect(read(url, { maxBytes: 10_000 })).rejects.toMatchObject({ code: 'http.too-large' })
  })

  test('the time limit covers the body too, and the caller can give up sooner', async () => {
    const started = Promise.withResolvers<void>()
    const url = await serve((_request, response) => {
      response.writeHead(200).write('{')
      started.resolve()
    })
    const clock = createManualClock(0)
    const late = read(url, { clock, timeoutMs: 5_000 })
    const caught = late.catch((e) => e)
    await started.promise
    await clock.tick(5_000)
    expect(await caught).toMatchObject({ code: 'http.timeout', retry: 'later' })

    const stop = new AbortController()
    const given = read(url, { clock, signal: stop.signal }).catch((e) => e)
    stop.abort(new Error('enough'))
    expect(await given).toMatchObject({ message: 'enough' })
  })
})
