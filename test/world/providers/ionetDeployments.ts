// io.net's container deployments for one account: paid ahead, and what is deployed really runs, as a process of this machine.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../../../core/clock.ts'
import { type Container, startContainer } from './containers.ts'
import { detail, json } from './ionetReplies.ts'
import type { Reply } from './standInServer.ts'

const HOUR_MS = 3_600_000
const deployBody = z.strictObject({
  resource_private_name: z.string(),
  duration_hours: z.int().positive().max(8760),
  gpus_per_container: z.int().min(1).max(8),
  hardware_id: z.int(),
  location_ids: z.tuple([z.int()]),
  container_config: z.strictObject({
    replica_count: z.int(),
    traffic_port: z.int(),
    env_variables: z.record(z.string(), z.string()).optional(),
    secret_env_variables: z.record(z.string(), z.string()).optional(),
    entrypoint: z.array(z.string()).min(1).optional(),
    args: z.array(z.string()).min(1).optional(),
  }),
  registry_config: z.strictObject({ image_url: z.string() }),
})
export type IonetOrder = z.output<typeof deployBody>
/** What an order costs now and how many such containers are free; or why there is no such thing. */
export type PriceIonetOrder = (order: IonetOrder) => { usd: number; free: number } | Reply

export interface IonetDeployment {
  readonly id: string
  readonly order: IonetOrder
  readonly startedAtMs: number
  /** For all its hours. */
  readonly usd: number
  status: string
  paidUsd: number
  finishedAtMs?: number
  container?: Container
}
/** The words that its list is asked by. */
const STATUSES = ['deployment requested', 'running', 'completed', 'failed', 'termination requested', 'destroyed']
type Route = 'deploy' | 'list' | 'get' | 'destroy'
interface Failure {
  readonly status: number
  readonly detail?: string
  /** What was asked for is done all the same, and only the answer is bad. */
  readonly isDone?: boolean
}
export type IonetDeployments = ReturnType<typeof createIonetDeployments>

export function createIonetDeployments({ clock }: { clock: Clock }) {
  const all: IonetDeployment[] = []
  const failures = new Map<Route, Failure[]>()
  const state = { balanceUsd: 1_000, isListed: true, isStarting: true, looksToDestroy: 1 }

  function deploy(body: string, priceOf: PriceIonetOrder): Reply {
    const { data: order, error } = deployBody.safeParse(JSON.parse(body))
    if (!order)
      return json(422, {
        detail: error.issues.map(({ path, message }) => ({
          loc: ['body', ...path],
          msg: message,
          type: 'value_error',
        })),
      })
    const { resource_private_name: name, container_config: config } = order
    if (all.some((one) => one.order.resource_private_name === name))
      return detail(400, 'Resource private name already exists')
    const price = priceOf(order)
    if ('status' in price) return price
    if (price.free < 1) return detail(400, 'Not enough available replicas in the location')
    if (price.usd > state.balanceUsd) return detail(400, 'Insufficient balance')
    state.balanceUsd -= price.usd
    const { usd } = price
    const one: IonetDeployment = {
      ...{ id: randomUUID(), order, startedAtMs: clock.now(), usd, paidUsd: usd },
      status: 'deployment requested',
    }
    all.push(one)
    if (state.isStarting) {
      one.status = 'running'
      one.container = startContainer({
        argv: [...(config.entrypoint ?? ['/bin/true']), ...(config.args ?? [])],
        env: { ...config.env_variables, ...config.secret_env_variables },
        isRestarted: true,
      })
    }
    return json(200, { status: 'succeeded', deployment_id: one.id })
  }

  function end(one: IonetDeployment, status: string): void {
    one.container?.stop()
    one.status = status
    one.finishedAtMs = clock.now()
  }

  /** The first hour is paid in any case, after it the time to the minute; the rest comes back. */
  function destroy(one: IonetDeployment): void {
    const usedMs = Math.max(HOUR_MS, clock.now() - one.startedAtMs)
    const owedUsd = Math.min(one.usd, (one.usd * usedMs) / (one.order.duration_hours * HOUR_MS))
    state.balanceUsd += one.paidUsd - owedUsd
    one.paidUsd = Number(owedUsd.toFixed(6))
    end(one, 'termination requested')
  }

  /** What it is by now. */
  function seen(one: IonetDeployment): IonetDeployment {
    if (one.status === 'running' && clock.now() >= one.startedAtMs + one.order.duration_hours * HOUR_MS)
      end(one, 'completed')
    return one
  }

  function list(query: URLSearchParams): Reply {
    const [page, size] = [Number(query.get('page') ?? 0), Number(query.get('page_size') ?? 10)]
    if (size < 1 || size > 100) return json(422, { detail: [{ loc: ['query', 'page_size'], msg: 'up to 100' }] })
    const status = query.get('status')
    if (status !== null && !STATUSES.includes(status))
      return json(422, { detail: [{ loc: ['query', 'status'], msg: 'not a valid enumeration member' }] })
    const listed = state.isListed ? all.filter((one) => status === null || seen(one).status === status) : []
    const deployments = listed.slice(page * size, (page + 1) * size).map((one) => ({
      ...shown(seen(one)),
      name: one.order.resource_private_name,
    }))
    return json(200, { data: { deployments, total: listed.length, statuses: [] } })
  }

  function act(
    route: Route,
    of: { id: string; body: string; query: URLSearchParams; priceOf: PriceIonetOrder },
  ): Reply {
    if (route === 'deploy') return deploy(of.body, of.priceOf)
    if (route === 'list') return list(of.query)
    const one = all.find(({ id }) => id === of.id)
    if (!one) return detail(404, 'Deployment not found')
    if (route === 'destroy') {
      if (!['running', 'deployment requested'].includes(one.status)) return detail(400, 'Deployment is not active')
      destroy(one)
      return json(200, { status: 'succeeded', deployment_id: one.id })
    }
    return json(200, { data: details(seen(one)) })
  }

  function shown(one: IonetDeployment) {
    if (one.status === 'termination requested' && state.looksToDestroy <= 0) one.status = 'destroyed'
    else if (one.status === 'termination requested') state.looksToDestroy -= 1
    const { id, status, startedAtMs, finishedAtMs } = one
    const minutes = Math.floor(((finishedAtMs ?? clock.now()) - startedAtMs) / 60_000)
    return { id, status, compute_minutes_served: minutes, created_at: at(startedAtMs) }
  }
  function details(one: IonetDeployment) {
    const { order, paidUsd, startedAtMs, finishedAtMs } = one
    const { container_config: config, registry_config: registry } = order
    return {
      ...shown(one),
      started_at: at(startedAtMs),
      finished_at: finishedAtMs === undefined ? null : at(finishedAtMs),
      amount_paid: paidUsd,
      gpus_per_container: order.gpus_per_container,
      container_config: {
        entrypoint: config.entrypoint ?? null,
        env_variables: config.env_variables ?? null,
        secret_env_keys: Object.keys(config.secret_env_variables ?? {}),
        traffic_port: config.traffic_port,
        image_url: registry.image_url,
      },
    }
  }

  return {
    /** `path` is what follows `/enterprise/v1/io-cloud/caas`; undefined: no route of these. */
    answer(of: { method: string; path: string; query: URLSearchParams; body: string; priceOf: PriceIonetOrder }) {
      const [, first, id = ''] = of.path.split('/')
      const route = ROUTES[`${of.method} ${first}`]
      if (!route) return undefined
      const fault = failures.get(route)?.shift()
      const reply = fault && !fault.isDone ? undefined : act(route, { ...of, id })
      return fault ? detail(fault.status, fault.detail ?? 'error') : reply
    },
    stop(): void {
      for (const { container } of all) container?.stop()
    },
    /** What a test does to it. */
    control: {
      all: (): readonly IonetDeployment[] => all,
      /** The next calls fail so, one after the other. */
      fail: (route: Route, ...list: Failure[]) => void failures.set(route, list),
      set: (next: Partial<typeof state>) => void Object.assign(state, next),
      /** So many that ended long ago, before all others in the list. */
      remember(like: IonetDeployment, count: number): void {
        const old = Array.from({ length: count }, (_, at) => ({
          ...like,
          ...{ id: randomUUID(), status: 'destroyed', order: { ...like.order, resource_private_name: `old-${at}` } },
        }))
        all.unshift(...old)
      },
      balanceUsd: () => state.balanceUsd,
      /** io.net itself brings it to this end. */
      end: (one: IonetDeployment, status: string) => end(one, status),
    },
  }
}

const ROUTES: Readonly<Record<string, Route>> = {
  'POST deploy': 'deploy',
  'GET deployments': 'list',
  'GET deployment': 'get',
  'DELETE deployment': 'destroy',
}
/** As io.net writes times: without a zone. */
const at = (ms: number) => new Date(ms).toISOString().slice(0, 19)
