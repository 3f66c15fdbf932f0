// Akash's chain over REST ("LCD"): the latest block and the list of bids, with the gateway's paging, versions and errors.
import { bidKey, type ChainBid, heightAt, openBidsAt } from './akashBids.ts'
import type { MarketPrices } from './marketPrices.ts'
import type { Reply } from './standInServer.ts'

/** How a host is worse than a healthy one, which serves v1beta5 of the market. */
export interface LcdHost {
  /** Answers everything with this status. */
  readonly status?: number
  /** The versions of the market it serves; none: 501 for all. */
  readonly versions?: readonly string[]
}

/** The hosts, each a path of the stand-in's server. */
export const LCD_HOSTS = ['lcd-1', 'lcd-2'] as const

const DEFAULT_LIMIT = 100
// Keys are bytes; these two make the text hold a "+" and a "/", which a client has to encode.
const KEY_PREFIX = Buffer.from([0xfb, 0xff])
const STATES = ['open', 'active', 'lost', 'closed']

const json = (status: number, value: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
})
const failure = (status: number, code: number, message: string) => json(status, { code, message, details: [] })

/** `pageSize` cuts pages short, whatever was asked for. */
export function answerLcd(call: {
  path: string
  query: URLSearchParams
  host: LcdHost
  market: MarketPrices
  nowMs: number
  pageSize: number
}): Reply {
  const { path, host, market, nowMs } = call
  if (host.status !== undefined) return failure(host.status, 13, 'internal error')
  if (path === '/cosmos/base/tendermint/v1beta1/blocks/latest') return latestBlock(nowMs)
  const version = /^\/akash\/market\/(v\w+)\/bids\/list$/.exec(path)?.[1]
  if (!version || !(host.versions ?? ['v1beta5']).includes(version)) return failure(501, 12, 'Not Implemented')
  return bidList({ ...call, version, bids: openBidsAt(market, nowMs) })
}

function latestBlock(nowMs: number): Reply {
  const header = {
    chain_id: 'akashnet-2',
    height: String(heightAt(nowMs)),
    time: new Date(nowMs - (nowMs % 6_000)).toISOString(),
  }
  return json(200, { block_id: { hash: '' }, block: { header, data: { txs: [] } }, sdk_block: null })
}

function bidList(call: { query: URLSearchParams; pageSize: number; version: string; bids: ChainBid[] }): Reply {
  const { query, bids, version } = call
  const state = query.get('filters.state')
  if (state && !STATES.includes(state)) return failure(400, 3, 'invalid state value')
  const [key, offset] = [query.get('pagination.key'), query.get('pagination.offset')]
  if (query.get('pagination.reverse') === 'true') return failure(400, 3, 'reverse pagination is not supported')
  if (key && offset) return failure(400, 3, 'paginate: either offset or key is expected, got both')
  const found = state && state !== 'open' ? [] : bids
  const from = key ? placeOf(key, found) : Number(offset ?? 0)
  if (from === undefined) return failure(400, 3, 'illegal base64 data at input byte 0')
  const limit = Math.min(Number(query.get('pagination.limit') ?? DEFAULT_LIMIT), call.pageSize)
  const next = found[from + limit]
  const rows = found.slice(from, from + limit)
  return json(200, {
    bids: rows.map((bid) => bidJson(bid, version)),
    pagination: { next_key: next ? keyOf(next) : null, total: String(rows.length) },
  })
}

const keyOf = (bid: ChainBid) => Buffer.concat([KEY_PREFIX, Buffer.from(bidKey(bid))]).toString('base64')

/** Where the page begins; undefined when the key is none. A bid that is gone by then gives its place to the next. */
function placeOf(key: string, bids: readonly ChainBid[]): number | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(key)) return undefined
  const wanted = Buffer.from(key, 'base64').subarray(KEY_PREFIX.length).toString()
  const place = bids.findIndex((bid) => bidKey(bid) >= wanted)
  return place < 0 ? bids.length : place
}

function bidJson(bid: ChainBid, version: string) {
  const { owner, dseq, provider, denom, amount, createdAt } = bid
  const id = { owner, dseq, gseq: 1, oseq: 1, provider }
  return {
    bid: {
      ...(version === 'v1beta5' ? { id: { ...id, bseq: 0 } } : { bid_id: id }),
      state: 'open',
      price: { denom, amount },
      created_at: String(createdAt),
      resources_offer: [{ resources: resourcesJson(bid), count: 1, ...(version === 'v1beta5' && { prices: null }) }],
      ...(version === 'v1beta5' && { reclamation_window: null }),
    },
    escrow_account: { id: { scope: 'bid', xid: `${owner}/${dseq}/1/1/${provider}` }, state: { owner: provider } },
  }
}

const resourcesJson = ({ gpus, attribute }: ChainBid) => ({
  id: 1,
  cpu: { units: { val: '100' }, attributes: [] },
  memory: { quantity: { val: '268435456' }, attributes: [] },
  storage: [{ name: 'default', quantity: { val: '536870912' }, attributes: [] }],
  gpu: { units: { val: String(gpus) }, attributes: attribute ? [{ key: attribute, value: 'true' }] : [] },
  endpoints: [{ kind: 'SHARED_HTTP', sequence_number: 0 }],
})
