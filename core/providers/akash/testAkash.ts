// For tests: Akash's Console and two chain hosts on one loopback server, misbehaving as told.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Fault } from '../providerSuite.ts'
import { brokenBids, HEIGHT, healthyBids } from './testBids.ts'
import { emptyReply, healthyReply, rowsReply } from './testReply.ts'

/** What a chain host does; healthy, it serves v1beta5 with keys to the next page. */
interface TestHost {
  /** Answers everything with this status, or 'silent': not at all. */
  readonly out?: number | 'silent'
  readonly versions?: readonly string[]
  /** Rows on a page at most. */
  readonly pageSize?: number
  /** As one line of releases: no keys, pages by offset. */
  readonly offsetsOnly?: boolean
  /** Pages from this one on fail; the first is 1. */
  readonly failsFromPage?: number
  /** When its latest block was made. */
  readonly blockTimeMs?: number
}

/** `console` and `hosts` are base URLs; the requests are told as "one /path?query", in order. */
export async function startTestAkash(options: { nowMs: number; bids?: readonly unknown[] }) {
  let fault: Fault | undefined
  let reached = Promise.withResolvers<void>()
  let requests: string[] = []
  let consoleOut: number | 'silent' | undefined
  const hosts = new Map<string, TestHost>()
  const server = createServer((request, response) => {
    const [, name = '', path = ''] = /^\/([a-z]+)(\/.*)$/.exec(request.url ?? '') ?? []
    requests.push(`${name} ${path}`)
    reached.resolve()
    if (!misbehave(response)) answer(name, path, response)
  })

  function misbehave(response: ServerResponse): boolean {
    if (fault === 'slow') return true
    if (fault === 'down') response.destroy()
    else if (fault === 'busy') response.writeHead(429, { 'retry-after': '7' }).end('{"error":"rate_limited"}')
    else if (fault === 'page') response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>hi')
    else if (fault === 'broken') response.end('{"status":"failed"}')
    else if (fault === 'cut') response.end('{"models":[{"vendor":"nvi')
    else return false
    return true
  }

  function answer(name: string, path: string, response: ServerResponse) {
    const json = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    if (name === 'console') {
      if (consoleOut === 'silent') return
      if (consoleOut !== undefined) return json(consoleOut, { error: 'InternalServerError' })
      if (path === '/v1/market-data') return json(200, { price: 0.5434716, volume: 0, marketCap: 0 })
      return json(200, fault === 'empty' ? emptyReply : fault === 'rows' ? rowsReply : healthyReply)
    }
    const host = hosts.get(name) ?? {}
    if (host.out === 'silent') return
    if (host.out !== undefined || fault === 'part')
      return json(host.out ?? 500, { code: 2, message: 'out', details: [] })
    const url = new URL(path, 'http://host')
    if (url.pathname === '/cosmos/base/tendermint/v1beta1/blocks/latest') {
      const time = new Date(host.blockTimeMs ?? options.nowMs).toISOString()
      return json(200, { block_id: {}, block: { header: { height: String(HEIGHT), time } } })
    }
    const version = /^\/akash\/market\/(\w+)\/bids\/list$/.exec(url.pathname)?.[1]
    if (!version || !(host.versions ?? ['v1beta5']).includes(version)) {
      return json(501, { code: 12, message: 'Not Implemented', details: [] })
    }
    return page(host, url.searchParams, json)
  }

  function page(host: TestHost, query: URLSearchParams, json: (status: number, value: unknown) => unknown) {
    const all = fault === 'empty' ? [] : fault === 'rows' ? brokenBids : (options.bids ?? healthyBids)
    // A plus sign that came unencoded is read as a space, as every server does.
    const key = query.get('pagination.key')
    if (key && !/^\+\/k\d+=$/.test(key)) return json(400, { code: 3, message: 'illegal base64 data', details: [] })
    const from = Number(key?.slice(3, -1) ?? query.get('pagination.offset') ?? 0)
    const limit = Math.min(Number(query.get('pagination.limit') ?? 100), host.pageSize ?? 1000)
    if (from / limit + 1 >= (host.failsFromPage ?? Number.POSITIVE_INFINITY)) return json(502, {})
    const more = from + limit < all.length && !host.offsetsOnly
    const pagination = { next_key: more ? `+/k${from + limit}=` : null, total: '0' }
    return json(200, { bids: all.slice(from, from + limit), pagination })
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    console: `${url}/console/`,
    hosts: [`${url}/one/`, `${url}/two`],
    requests: () => requests,
    setHost(name: 'one' | 'two', host: TestHost) {
      hosts.set(name, host)
    },
    setConsole(out: number | 'silent') {
      consoleOut = out
    },
    setFault(next: Fault) {
      fault = next
      requests = []
      reached = Promise.withResolvers<void>()
    },
    reached: () => reached.promise,
    /** Resolves when the next request comes. */
    nextRequest() {
      reached = Promise.withResolvers<void>()
      return reached.promise
    },
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
