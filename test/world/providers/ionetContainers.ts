// io.net's container service (CaaS) for those with a key: how large, where, and what an order costs.
import type { IonetDeployments, IonetOrder, PriceIonetOrder } from './ionetDeployments.ts'
import { IONET_HARDWARE, IONET_PLACES, type IonetHardware, type IonetMarket } from './ionetMarket.ts'
import { detail, isReply, json, wholeNumbers } from './ionetReplies.ts'
import type { Reply } from './standInServer.ts'

/** A key that containers are let to, and one of another of io.net's products. */
export const IONET_KEY = 'io-v2-stand-in'
export const IONET_OTHER_KEY = 'io-v2-of-intelligence'

const FEE_PERCENT = 2

/** `path` is what follows `/enterprise/v1/io-cloud/caas`. */
export function answerContainers(
  request: { method: string; path: string; query: URLSearchParams; key: string | undefined; body: string },
  from: { market: IonetMarket; deployments: IonetDeployments },
): Reply {
  const { method, path, query, key } = request
  const { market, deployments } = from
  const list = ROUTES[path]
  if (list && method !== 'GET') return detail(405, 'Method Not Allowed')
  if (!list && !/^\/deploy/.test(path)) return detail(404, 'Not Found')
  if (key === undefined) return detail(401, 'Unauthorized')
  if (key === IONET_OTHER_KEY) return json(400, { key_set: true })
  if (key !== IONET_KEY) return detail(403, 'Forbidden')
  if (list) return list(query, market)
  const priceOf: PriceIonetOrder = (order) => {
    const reply = priceOrder(queryOf(order), market)
    if (reply.status !== 200) return reply
    const { data } = JSON.parse(reply.body)
    return { usd: data.total_cost_usdc, free: data.available_replica_count[0] }
  }
  return deployments.answer({ ...request, priceOf }) ?? detail(404, 'Not Found')
}

const queryOf = (order: IonetOrder) =>
  new URLSearchParams({
    location_ids: JSON.stringify(order.location_ids),
    hardware_id: String(order.hardware_id),
    duration_hours: String(order.duration_hours),
    gpus_per_container: String(order.gpus_per_container),
    replica_count: String(order.container_config.replica_count),
  })

const ROUTES: Record<string, ((query: URLSearchParams, market: IonetMarket) => Reply) | undefined> = {
  '/hardware/max-gpus-per-container': listHardware,
  '/available-replicas': listPlaces,
  '/price': priceOrder,
}

function listHardware(_query: URLSearchParams, market: IonetMarket): Reply {
  const hardware = IONET_HARDWARE.filter((row) => row.maxGpus).map((row) => ({
    max_gpus_per_container: row.maxGpus,
    available: market.idle(row),
    hardware_id: row.id,
    hardware_name: row.name,
    brand_name: row.brand,
  }))
  return json(200, { data: { hardware, total: hardware.length } })
}

function listPlaces(query: URLSearchParams, market: IonetMarket): Reply {
  const asked = wholeNumbers(query, { hardware_id: 0, hardware_qty: 1 })
  if (isReply(asked)) return asked
  const row = ofId(asked.hardware_id)
  if (!row) return detail(404, 'Hardware not found')
  const fits = asked.hardware_qty <= (row.maxGpus ?? 0)
  const data = IONET_PLACES.map(({ id, iso2, name }) => {
    return { id, iso2, name, available_replicas: fits ? replicas(market, row, { id, gpus: asked.hardware_qty }) : 0 }
  })
  return json(200, { data })
}

function priceOrder(query: URLSearchParams, market: IonetMarket): Reply {
  const asked = wholeNumbers(query, { hardware_id: 0, duration_hours: 1, gpus_per_container: 1, replica_count: 1 })
  if (isReply(asked)) return asked
  const ids = placeIds(query.get('location_ids'))
  const row = ofId(asked.hardware_id)
  const usd = row && market.containerUsd(row)
  if (!ids) return detail(400, 'location_ids must be a JSON array of known ids')
  if (!row || usd === undefined) return detail(404, 'Hardware not found')
  const { gpus_per_container: gpus, replica_count, duration_hours: hours } = asked
  if (gpus > (row.maxGpus ?? 0)) return detail(400, `Hardware has at most ${row.maxGpus} GPUs per container`)
  const dearest = Math.max(...ids.map((id) => IONET_PLACES.find((place) => place.id === id)?.factor ?? 1))
  const cost = usd * dearest * gpus * replica_count * hours
  const fee = (cost * FEE_PERCENT) / 100
  return json(200, {
    data: {
      replica_count,
      gpus_per_container: gpus,
      available_replica_count: ids.map((id) => replicas(market, row, { id, gpus })),
      discount: 0,
      ionet_fee: rounded(fee),
      ionet_fee_percent: FEE_PERCENT,
      currency_conversion_fee: 0,
      currency_conversion_fee_percent: 0,
      total_cost_usdc: rounded(cost + fee),
    },
  })
}

const ofId = (id: number) => IONET_HARDWARE.find((row) => row.id === id && row.maxGpus)
const rounded = (usd: number) => Number(usd.toFixed(6))

function replicas(market: IonetMarket, row: IonetHardware, at: { id: number; gpus: number }): number {
  const share = IONET_PLACES.find(({ id }) => id === at.id)?.share ?? 0
  return Math.floor((market.idle(row) * share) / at.gpus)
}

function placeIds(text: string | null): number[] | undefined {
  try {
    const ids: unknown = JSON.parse(text ?? '')
    const isKnown = (id: unknown): id is number => IONET_PLACES.some((place) => place.id === id)
    return Array.isArray(ids) && ids.length > 0 && ids.every(isKnown) ? ids : undefined
  } catch {
    return undefined
  }
}
