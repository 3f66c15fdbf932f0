// io.net's API in its own shapes: the keyless explorer and cluster lists, and the container service beside them.
import type { IncomingMessage } from 'node:http'
import { answerContainers } from './ionetContainers.ts'
import { createIonetDeployments, type IonetDeployments } from './ionetDeployments.ts'
import { createIonetMarket, IONET_HARDWARE, type IonetHardware, type IonetMarket, ionetSeries } from './ionetMarket.ts'
import { detail, json } from './ionetReplies.ts'
import type { StandIn, StandInContext } from './standIn.ts'
import { type Reply, startStandInServer } from './standInServer.ts'

const EXPLORER = '/v1/io-explorer/'
const CONTAINERS = '/enterprise/v1/io-cloud/caas'
// As published for the explorer as a whole.
const BUDGET = { requests: 150, perMs: 10_000 }

/** Starts it on a free port. `failing` paths answer with that status, or with 200 and a status that is no success. */
export async function startIonet(
  context: StandInContext & {
    readonly failing?: ReadonlyMap<string, number | 'failed'>
    readonly deployments?: IonetDeployments
  },
): Promise<StandIn> {
  const { clock, failing } = context
  const deployments = context.deployments ?? createIonetDeployments(context)
  const market = createIonetMarket(context)
  const budget = createBudget()

  function answer(request: IncomingMessage, body: string): Reply {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://ionet')
    const fault = failing?.get(pathname)
    if (fault === 'failed') return json(200, { status: 'failed', data: [] })
    if (fault !== undefined) return detail(fault, 'Internal Server Error')
    if (pathname.startsWith(EXPLORER) && !budget(clock.now())) return ionetBusy(undefined)
    const list = LISTS[pathname]
    if (!list && !pathname.startsWith(CONTAINERS)) return detail(404, 'Not Found')
    const { method = '' } = request
    if (list && method !== 'GET') return detail(405, 'Method Not Allowed')
    if (list) return json(200, { data: list(query, market), status: 'succeeded' })
    const header = request.headers['x-api-key']
    const key = typeof header === 'string' ? header : undefined
    const path = pathname.slice(CONTAINERS.length)
    return answerContainers({ method, path, query, key, body }, { market, deployments })
  }

  const server = await startStandInServer({ delayMs: context.delay('ionet', [150, 400]), answer, busy: ionetBusy })
  return {
    name: 'ionet',
    server,
    env: { IONET_API_URL: server.url },
    prices: () =>
      Object.fromEntries(
        IONET_HARDWARE.filter(({ type }) => type === 'GPU').flatMap((row) => {
          const usd = market.containerUsd(row) ?? market.rayUsd(row)
          return usd === undefined ? [] : [[ionetSeries(row), usd]]
        }),
      ),
  }
}

const LISTS: Record<string, ((query: URLSearchParams, market: IonetMarket) => unknown) | undefined> = {
  '/v1/io-explorer/network/market-snapshot': marketSnapshot,
  '/v1/io-cloud/clusters/create-cluster-data': clusterData,
  '/v1/io-cloud/clusters/hardware-supply': hardwareSupply,
}

function marketSnapshot(query: URLSearchParams, market: IonetMarket) {
  const [type, brand] = [query.get('hardware_type'), query.get('brand_name')]
  return IONET_HARDWARE.filter((row) => type === null || row.type === type.toUpperCase())
    .filter((row) => brand === null || row.brand === brand)
    .map((row) => ({
      ...quantities(row, market),
      type: row.type,
      price: market.rayUsd(row) ?? null,
      baremetal_price: null,
      kubernetes_price: null,
      caas_price: market.containerUsd(row) ?? null,
      vmaas_price: null,
    }))
}

function clusterData(_query: URLSearchParams, market: IonetMarket) {
  const rows = (type: IonetHardware['type']) =>
    Object.groupBy(
      IONET_HARDWARE.filter((row) => row.type === type && row.rayUsd !== undefined).map((row) => {
        const { hired: _hired, idle: _idle, is_trending: _trending, ...own } = quantities(row, market)
        return { ...own, price: market.rayUsd(row) }
      }),
      ({ brand_name }) => brand_name,
    )
  return {
    connectivity_tiers: [{ connectivity_tier: 1, download_speed_mbps: 100, name: 'Low Speed', upload_speed_mbps: 75 }],
    durations: [{ duration: 'Hourly', percent: 1 }],
    hardwares: { cpu: rows('CPU'), gpu: rows('GPU') },
    locations: [{ busy_percent: 0, description: null, icon: null, id: 41, name: 'Canada' }],
    services: [{ description: '', icon: '', id: 3, name: 'Ray App' }],
  }
}

function hardwareSupply(_query: URLSearchParams, market: IonetMarket) {
  return IONET_HARDWARE.map((row) => ({
    hardware_id: row.id,
    quantity: row.total,
    quantity_available: market.idle(row),
  }))
}

function quantities(row: IonetHardware, market: IonetMarket) {
  const idle = market.idle(row)
  const hired = row.total - idle
  return {
    id: row.id,
    brand_name: row.brand,
    hardware_name: row.name,
    icon: '',
    is_trending: false,
    total: row.total,
    hired,
    idle,
    available: idle,
    busy_percent: Math.round((hired * 100) / row.total),
  }
}

const ionetBusy = (retryAfterSeconds: number | undefined): Reply =>
  json(
    429,
    { detail: 'Too Many Requests' },
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
  )

/** Whether one more request is within the budget of the window it falls into. */
function createBudget(): (nowMs: number) => boolean {
  let window = 0
  let used = 0
  return (nowMs) => {
    const now = Math.floor(nowMs / BUDGET.perMs)
    used = now === window ? used + 1 : 1
    window = now
    return used <= BUDGET.requests
  }
}
