// For tests: io.net's routes on loopback, each with a reply of the test's own, or misbehaving as told.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Fault } from '../providerSuite.ts'
import {
  catalogueReply,
  emptyReply,
  hardwareReply,
  healthyReply,
  placesReply,
  priceReply,
  rowsReply,
} from './testReply.ts'

const LISTS = {
  snapshot: '/v1/io-explorer/network/market-snapshot',
  catalogue: '/v1/io-cloud/clusters/create-cluster-data',
}
const CAAS = '/enterprise/v1/io-cloud/caas'
export const PATHS = {
  ...LISTS,
  hardware: `${CAAS}/hardware/max-gpus-per-container`,
  places: `${CAAS}/available-replicas`,
  price: `${CAAS}/price`,
}

/** The reply to a request with these parameters; never: it does not answer. */
export type Answer = (
  query: URLSearchParams,
) => { status?: number; headers?: Record<string, string>; body: unknown } | 'never'

/** Everything healthy; a container costs 2.5 USD an hour in place 1 and 2.25 elsewhere, for each GPU. */
const HEALTHY: Record<string, Answer> = {
  [PATHS.snapshot]: () => ({ body: healthyReply }),
  [PATHS.catalogue]: () => ({ body: catalogueReply }),
  [PATHS.hardware]: () => ({ body: hardwareReply() }),
  [PATHS.places]: () => ({ body: placesReply() }),
  [PATHS.price]: (query) => {
    const [gpus, hours] = [Number(query.get('gpus_per_container')), Number(query.get('duration_hours'))]
    return { body: priceReply((query.get('location_ids') === '[1]' ? 2.5 : 2.25) * gpus * hours, gpus) }
  },
}

export async function startTestIonet(apiKey: string) {
  const answers = { ...HEALTHY }
  let fault: Fault | undefined
  let requests: string[] = []
  let reached = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    reached.resolve()
    misbehave(response) || answer(request, response)
  })

  /** Whether the fault is of the connection or of everything it serves. */
  function misbehave(response: ServerResponse): boolean {
    const send = (status: number, body: string, headers: Record<string, string> = {}) =>
      response.writeHead(status, headers).end(body)
    if (fault === 'slow') return true
    if (fault === 'down') return Boolean(response.destroy())
    if (fault === 'busy') return Boolean(send(429, '{"detail":"Too Many Requests"}', { 'retry-after': '7' }))
    if (fault === 'page') return Boolean(send(200, '<!doctype html><p>hi', { 'content-type': 'text/html' }))
    if (fault === 'cut') return Boolean(send(200, JSON.stringify(healthyReply).slice(0, -20)))
    if (fault === 'broken') return Boolean(send(200, '{"status":"failed","data":[]}'))
    return false
  }

  function answer(request: IncomingMessage, response: ServerResponse) {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://ionet')
    const isRefused = pathname.startsWith(CAAS) && request.headers['x-api-key'] !== apiKey
    const found = isRefused ? { status: 401, body: { detail: 'Unauthorized' } } : answers[pathname]?.(searchParams)
    if (found === 'never') return
    const { status = 200, headers = {}, body } = found ?? { status: 404, body: { detail: 'Not Found' } }
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** "path?query" of every request so far. */
    requests: () => requests,
    answer(path: string, next: Answer) {
      answers[path] = next
    },
    setFault(next: Fault) {
      fault = next
      requests = []
      reached = Promise.withResolvers<void>()
      if (next === 'empty') answers[PATHS.snapshot] = () => ({ body: emptyReply })
      if (next === 'empty') answers[PATHS.hardware] = () => ({ body: hardwareReply([]) })
      if (next === 'rows') answers[PATHS.snapshot] = () => ({ body: rowsReply })
      if (next === 'part') failPrices(answers)
    },
    reached: () => reached.promise,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Prices can be had in place 2 alone. */
function failPrices(answers: Record<string, Answer>) {
  const healthy = HEALTHY[PATHS.price]
  answers[PATHS.price] = (query) =>
    query.get('location_ids') === '[2]' && healthy ? healthy(query) : { status: 500, body: { detail: 'oops' } }
}
