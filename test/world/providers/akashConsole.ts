// Akash's Console API for one account with a key: deployments, bids and leases; a leased container really runs its command.
import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import type { Clock } from '../../../core/clock.ts'
import { AKASH_MODELS } from './catalog.ts'
import { type Container, startContainer } from './containers.ts'
import type { MarketPrices } from './marketPrices.ts'
import type { Reply } from './standInServer.ts'

export const AKASH_KEY = 'ac.sk.test.stand-in'
const BLOCKS_PER_HOUR = 600
/** As providers' price script asks by default, in dollars a month: for a CPU, a GiB of memory, one of disk, a port. */
const USD_PER_MONTH = { cpu: 1.6, memoryGib: 0.8, diskGib: 0.02, port: 0.05 }
const HOURS_PER_MONTH = 730.5
const gib = z
  .string()
  .regex(/^\d+Gi$/)
  .transform((text) => Number.parseInt(text, 10))
const gpu = z.object({ model: z.string(), ram: z.string().optional(), interface: z.string().optional() })
const sdlSchema = z.object({
  services: z.object({
    job: z.object({
      image: z.string(),
      command: z.array(z.string()),
      args: z.array(z.string()),
      env: z.array(z.string()),
    }),
  }),
  profiles: z.object({
    compute: z.object({
      job: z.object({
        resources: z.object({
          cpu: z.object({ units: z.number() }),
          memory: z.object({ size: gib }),
          storage: z.tuple([z.object({ size: gib })]),
          gpu: z.object({
            units: z.int(),
            attributes: z.object({ vendor: z.record(z.string(), z.tuple([gpu])) }),
          }),
        }),
      }),
    }),
    placement: z.object({
      any: z.object({
        pricing: z.object({
          job: z.object({ denom: z.literal('uact'), amount: z.string().regex(/^[0-9]+(\.[0-9]+)?$/) }),
        }),
      }),
    }),
  }),
})
const createSchema = z.object({
  data: z.object({
    sdl: z.string().transform((text) => sdlSchema.parse(JSON.parse(text))),
    name: z.string().max(256),
    runtimeLimitHours: z.int().min(1).max(48).optional(),
  }),
})
const leaseSchema = z.object({
  leases: z.tuple([z.object({ dseq: z.string(), gseq: z.int(), oseq: z.int(), provider: z.string() })]),
})

export interface AkashDeployment {
  readonly dseq: string
  readonly name: string
  readonly sdl: z.output<typeof sdlSchema>
  readonly runtimeLimitHours: number | undefined
  state: 'active' | 'closed'
  lease?: { readonly provider: string; readonly amount: string; state: string; reachable: boolean }
  container?: Container
}

type Route = 'create' | 'list' | 'get' | 'bids' | 'lease' | 'close'
interface Failure {
  readonly status: number
  readonly code?: string
  /** What was asked for is done all the same, and only the answer is bad. */
  readonly isDone?: boolean
}

const json = (status: number, value: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json; charset=UTF-8' },
  body: JSON.stringify(value),
})
const failure = (status: number, code: string) => json(status, { error: 'Error', message: code, code })

export type AkashConsole = ReturnType<typeof createAkashConsole>

export function createAkashConsole({ clock }: { clock: Clock }) {
  const deployments: AkashDeployment[] = []
  const failures = new Map<Route, Failure[]>()
  let isStarting = true
  const find = (dseq: string) => deployments.find((one) => one.dseq === dseq)
  const hidden = new Set<string>()

  function end(deployment: AkashDeployment): void {
    deployment.state = 'closed'
    if (deployment.lease?.state === 'active') deployment.lease.state = 'closed'
    deployment.container?.stop()
  }

  function act(route: Route, request: { dseq: string; body: string; market: MarketPrices }): Reply {
    const { body, market } = request
    const deployment = find(request.dseq)
    if (route === 'create') {
      const parsed = createSchema.safeParse(JSON.parse(body))
      if (!parsed.success) return failure(400, 'bad_request')
      const dseq = String(clock.now() * 100 + deployments.length)
      const { sdl, name, runtimeLimitHours } = parsed.data.data
      deployments.push({ dseq, name, sdl, runtimeLimitHours, state: 'active' })
      return json(201, { data: { dseq, manifest: '[]', signTx: { code: 0, transactionHash: 'AB', rawLog: '' } } })
    }
    if (route === 'list') {
      const rows = deployments.filter(({ dseq }) => !hidden.has(dseq)).map(shown)
      const pagination = { total: rows.length, skip: 0, limit: 100, hasMore: false }
      return json(200, { data: { deployments: rows, pagination } })
    }
    if (route === 'lease') {
      const [wanted] = leaseSchema.parse(JSON.parse(body)).leases
      const of = find(wanted.dseq)
      const bid = of && bidsFor(of, market, clock.now()).find(({ bid: { id } }) => id.provider === wanted.provider)
      if (!of || !bid) return failure(404, 'not_found')
      of.lease ??= { provider: wanted.provider, amount: bid.bid.price.amount, state: 'active', reachable: true }
      const { args, command, env } = of.sdl.services.job
      if (isStarting)
        of.container ??= startContainer({ argv: [...command, ...args], env: variables(env), isRestarted: true })
      return json(201, { data: shown(of) })
    }
    if (!deployment) return failure(404, 'not_found')
    if (route === 'bids') return json(200, { data: bidsFor(deployment, market, clock.now()) })
    if (route === 'close') end(deployment)
    return json(200, { data: route === 'close' ? { success: true } : shown(deployment) })
  }

  return {
    answer(request: IncomingMessage, body: string, market: MarketPrices): Reply | undefined {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://akash')
      const match = /^\/v1\/(deployments|bids|leases)(?:\/(\d+))?$/.exec(pathname)
      if (!match) return undefined
      const route = routeOf(request.method ?? '', match[1] ?? '', match[2] !== undefined)
      if (!route) return undefined
      if (request.headers['x-api-key'] !== AKASH_KEY) return failure(401, 'unauthorized')
      const dseq = match[2] ?? searchParams.get('dseq') ?? ''
      const fault = failures.get(route)?.shift()
      if (fault && !fault.isDone) return failure(fault.status, fault.code ?? 'error')
      const reply = act(route, { dseq, body, market })
      return fault ? failure(fault.status, fault.code ?? 'error') : reply
    },
    stop(): void {
      for (const deployment of deployments) end(deployment)
    },
    /** What a test does to it. */
    control: {
      all: (): readonly AkashDeployment[] => deployments,
      open: () => deployments.filter(({ state }) => state === 'active'),
      /** The next calls fail so, one after the other. */
      fail: (route: Route, ...list: Failure[]) => void failures.set(route, list),
      /** The provider ends the lease, which leaves its deployment open; or the escrow is empty, which does not. */
      endLease(deployment: AkashDeployment, state: 'closed' | 'insufficient_funds'): void {
        if (deployment.lease) deployment.lease.state = state
        if (state === 'closed') deployment.container?.stop()
        else end(deployment)
      },
      /** The list does not have it yet. */
      hide: (dseq: string, isHidden: boolean) => void (isHidden ? hidden.add(dseq) : hidden.delete(dseq)),
      /** From now on leases are made, but no container starts. */
      setStarting(isOn: boolean): void {
        isStarting = isOn
      },
    },
  }
}

const variables = (lines: readonly string[]): Record<string, string> =>
  Object.fromEntries(lines.map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]))

function routeOf(method: string, what: string, isOne: boolean): Route | undefined {
  if (what === 'bids') return method === 'GET' ? 'bids' : undefined
  if (what === 'leases') return method === 'POST' ? 'lease' : undefined
  if (isOne) return method === 'GET' ? 'get' : method === 'DELETE' ? 'close' : undefined
  return method === 'GET' ? 'list' : method === 'POST' ? 'create' : undefined
}

function shown({ dseq, name, state, lease, container }: AkashDeployment) {
  const services = { job: { available: 1, ready_replicas: container ? 1 : 0 } }
  const price = lease && { denom: 'uact', amount: lease.amount }
  return {
    name,
    deployment: { id: { owner: 'akash1necto', dseq }, state },
    leases: lease
      ? [{ id: { provider: lease.provider }, state: lease.state, price, status: lease.reachable ? { services } : null }]
      : [],
    // As if every lease had lasted a hundred blocks.
    escrow_account: {
      state: { transferred: lease ? [{ denom: 'uact', amount: String(Number(lease.amount) * 100) }] : [] },
    },
  }
}

/** Providers with such a GPU bid what they ask for, unless that is above what the order allows. */
function bidsFor({ dseq, sdl, lease }: AkashDeployment, market: MarketPrices, nowMs: number) {
  const { gpu, cpu, memory, storage } = sdl.profiles.compute.job.resources
  const { units, attributes } = gpu
  const { cpu: perCpu, memoryGib, diskGib, port } = USD_PER_MONTH
  const month = cpu.units * perCpu + memory.size * memoryGib + storage[0].size * diskGib + port
  const ceiling = sdl.profiles.placement.any.pricing.job.amount
  const [[vendor, [wanted]] = ['', [undefined]]] = Object.entries(attributes.vendor)
  const model = AKASH_MODELS.find(
    (one) => one.model === wanted?.model && (wanted?.ram === undefined || one.ram === wanted.ram),
  )
  if (!model || !wanted) return []
  return market.akashBids(model, nowMs).flatMap((usd, bidder) => {
    // Whole millionths, so that a provider that asks for a price does not bid above it.
    const amount = Math.floor(((usd * units + month / HOURS_PER_MONTH) * 1e12) / BLOCKS_PER_HOUR) / 1e6
    if (amount > Number(ceiling)) return []
    const provider = `akash1bidder${bidder}`
    const key = `vendor/${vendor}/model/${wanted.model}/ram/${model.ram}`
    const gpus = { units: { val: String(units) }, attributes: [{ key, value: 'true' }] }
    const bid = {
      id: { owner: 'akash1necto', dseq, gseq: 1, oseq: 1, provider, bseq: 0 },
      state: lease ? (lease.provider === provider ? 'active' : 'lost') : 'open',
      price: { denom: 'uact', amount: amount.toFixed(6) },
      created_at: '25930090',
      resources_offer: [{ resources: { gpu: gpus }, count: 1 }],
    }
    return [{ bid, escrow_account: {} }]
  })
}
