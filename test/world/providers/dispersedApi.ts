// The API of Dispersed, Render's compute network: GET /v1/compute/offers with its signature, filters, pages and errors.
import { createHash } from 'node:crypto'
import { type AssignNode, createDispersedJobs, type DispersedJobs, type DispersedOrder } from './dispersedJobs.ts'
import { DISPERSED_NODES, type DispersedNode } from './dispersedNodes.ts'
import { refusedSignature } from './dispersedSignature.ts'
import { walk } from './priceWalk.ts'
import type { StandIn, StandInContext } from './standIn.ts'
import { type Reply, startStandInServer } from './standInServer.ts'

export const DISPERSED_KEYS = { publicKey: 'pk_standin', secretKey: 'sk_not-a-secret' }
const STEP_MS = 60_000

const json = (status: number, value: unknown, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(value),
})
const failure = (statusCode: number, error: string, message: string, headers: Record<string, string> = {}) =>
  json(statusCode, { statusCode, error, message }, headers)
const badRequest = (message: string) => failure(400, 'Bad Request', message)

/** Starts it on a free port. `pageRows` is the most on one page, whatever was asked for. */
export async function startDispersed(
  context: StandInContext & { readonly pageRows?: number; readonly jobs?: DispersedJobs },
): Promise<StandIn> {
  const { clock, pageRows = 50 } = context
  const jobs = context.jobs ?? createDispersedJobs(context)
  const usedNonces = new Set<string>()
  const price = (node: DispersedNode) => usdNow(node, context)
  const server = await startStandInServer({
    delayMs: context.delay('dispersed', [200, 400]),
    answer(request, body) {
      const url = new URL(request.url ?? '/', 'http://dispersed')
      const refused = refusedSignature({ request, url, body, keys: DISPERSED_KEYS, nowMs: clock.now(), usedNonces })
      if (refused !== undefined) return failure(401, 'Unauthorized', refused)
      const assign: AssignNode = (order) => largestNode(order, price)
      const answered = jobs.answer({ method: request.method ?? '', url, body, assign })
      if (answered) return answered
      if (request.method !== 'GET' || url.pathname !== '/v1/compute/offers')
        return failure(404, 'Not Found', 'Not Found')
      return offersReply({ query: url.searchParams, pageRows, price, nowMs: clock.now() })
    },
    busy: (seconds) =>
      failure(
        429,
        'Too Many Requests',
        'Rate limit exceeded',
        seconds === undefined ? {} : { 'retry-after': `${seconds}` },
      ),
  })
  return {
    name: 'dispersed',
    server,
    env: {
      DISPERSED_API_URL: server.url,
      DISPERSED_PUBLIC_KEY: DISPERSED_KEYS.publicKey,
      DISPERSED_SECRET_KEY: DISPERSED_KEYS.secretKey,
    },
    prices: () => Object.fromEntries(DISPERSED_NODES.map((node) => [seriesOf(node), price(node)])),
  }
}

const seriesOf = ({ offerId }: DispersedNode) => `dispersed/${offerId}`

function usdNow(node: DispersedNode, { seed, clock, originMs, pinned }: StandInContext): number {
  const series = seriesOf(node)
  const step = Math.floor((clock.now() - originMs) / STEP_MS)
  return pinned(series)?.usd ?? Number((node.usd * walk({ seed, series, step, amplitude: 0.05 })).toFixed(4))
}

/** Of the nodes that are large enough the dearest: as somebody saw who asked for one GPU and got six. */
function largestNode(order: DispersedOrder, price: (node: DispersedNode) => number) {
  const { gpu_registry_uuid: uuid, gpu_count, allowed_region_codes: regions } = order
  const fitting = DISPERSED_NODES.filter(
    (node) =>
      node.models.some(({ name }) => registryUuid(name) === uuid) &&
      gpusOf(node) >= gpu_count &&
      (regions.length === 0 || regions.includes(node.region)),
  )
  return fitting
    .map((node) => ({ offerId: node.offerId, usd: price(node) }))
    .sort((a, b) => b.usd - a.usd)
    .at(0)
}

const FILTERS: Record<string, ((node: DispersedNode, wanted: string) => boolean) | undefined> = {
  'filter[gpu_name]': ({ models }, wanted) => models.some(({ name }) => name === wanted),
  'filter[gpu_count]': (node, wanted) => gpusOf(node) === Number(wanted),
  'filter[min_vram_gb]': (node, wanted) => leastVram(node) >= Number(wanted),
  'filter[allowed_region_codes]': ({ region }, wanted) => wanted.split(',').includes(region),
}

function offersReply(options: {
  query: URLSearchParams
  pageRows: number
  price: (node: DispersedNode) => number
  nowMs: number
}): Reply {
  const { query, pageRows, price, nowMs } = options
  const [page, limit] = [query.get('page') ?? '1', query.get('limit') ?? '20']
  if (!/^[1-9]\d*$/.test(page)) return badRequest('page must be a positive integer')
  if (!/^[1-9]\d?$/.test(limit) || Number(limit) > 50) return badRequest('limit must be between 1 and 50')
  const filters = [...query].filter(([name]) => name !== 'page' && name !== 'limit')
  const unknown = filters.find(([name]) => !FILTERS[name])
  if (unknown) return badRequest(`${unknown[0]} is not known`)
  const nodes = DISPERSED_NODES.filter((node) => filters.every(([name, wanted]) => FILTERS[name]?.(node, wanted)))
  const rows = Math.min(Number(limit), pageRows)
  const from = (Number(page) - 1) * rows
  const data = nodes.slice(from, from + rows).map((node) => offerRow(node, price(node), nowMs))
  return json(200, { data, limit: rows, page: Number(page), total: nodes.length })
}

function offerRow(node: DispersedNode, usd: number, nowMs: number) {
  const { offerId, models, cpuCores, ramGib, storageGib, region } = node
  const gpus = models.map(({ name, count, vramGib }) => ({
    name,
    count,
    min_vram_gib: vramGib,
    gpu_registry_uuid: registryUuid(name),
  }))
  return {
    offer_id: offerId,
    availability: {},
    hardware_summary: {
      gpu_count: gpusOf(node),
      gpu_model_label: models.map(({ name }) => name).join(', '),
      gpu_models: gpus,
      gpu_registry_uuid: gpus[0]?.gpu_registry_uuid ?? null,
      min_gpu_vram_gib: leastVram(node),
      cpu_cores: cpuCores,
      ram_gib: ramGib,
      storage_gib: storageGib,
    },
    // Quoted afresh every minute.
    pricing: { hourly_rate_usd: usd, quoted_at: new Date(nowMs - (nowMs % STEP_MS)).toISOString() },
    region_code: region,
  }
}

const gpusOf = ({ models }: DispersedNode) => models.reduce((sum, { count }) => sum + count, 0)
const leastVram = ({ models }: DispersedNode) =>
  models.length === 0 ? 0 : Math.min(...models.map(({ vramGib }) => vramGib))

/** A UUID that is always the same for the same GPU. */
function registryUuid(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `7${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}
