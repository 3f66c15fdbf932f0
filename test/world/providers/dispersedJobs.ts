// Dispersed's jobs, their runs and its ledger for one account: what is assigned really runs, as a process of this machine.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../../../core/clock.ts'
import { type Container, startContainer } from './containers.ts'
import type { Reply } from './standInServer.ts'

const uuids = z.uuid()
const jobBody = z.strictObject({
  title: z.string(),
  task: z.literal('BATCH'),
  gpu_count: z.int().nonnegative(),
  gpu_registry_uuid: z.uuid(),
  allowed_region_codes: z.array(z.string()),
  max_node_count: z.int().positive(),
  max_retry_count: z.int().nonnegative(),
  max_timeout_assign_ms: z.int().min(300_000),
  max_timeout_start_ms: z.int().min(120_000),
  max_timeout_run_ms: z.int().min(60_000),
  parameters: z.strictObject({
    type: z.literal('docker'),
    parameters: z.strictObject({ image: z.string(), tag: z.string(), env: z.record(z.string(), z.string()) }),
  }),
})
export type DispersedOrder = z.output<typeof jobBody>
interface Assigned {
  readonly offerId: string
  /** Of the whole node. */
  readonly usd: number
}
/** The node that an order gets, if any is free. */
export type AssignNode = (order: DispersedOrder) => Assigned | undefined

export interface StandInJob {
  readonly uuid: string
  readonly runUuid: string
  readonly order: DispersedOrder
  readonly createdAtMs: number
  readonly node: Assigned | undefined
  status: string
  endedAtMs?: number
  container?: Container
}
type Route = 'create' | 'list' | 'get' | 'cancel' | 'runs' | 'ledger'
interface Failure {
  readonly status: number
  readonly message?: string
  /** What was asked for is done all the same, and only the answer is bad. */
  readonly isDone?: boolean
}
export type DispersedJobs = ReturnType<typeof createDispersedJobs>

const OVER = ['COMPLETED', 'FAILED', 'CANCELLED']
const json = (status: number, value: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(value),
})
const failed = (statusCode: number, message: string) => json(statusCode, { statusCode, error: 'Error', message })

export function createDispersedJobs({ clock }: { clock: Clock }) {
  const all: StandInJob[] = []
  const failures = new Map<Route, Failure[]>()
  const state = { hasCredit: true, isListed: true, isStarting: true, isCharged: true, looksToCancel: 1 }

  function end(job: StandInJob, status: string): void {
    if (OVER.includes(job.status)) return
    job.status = status
    job.endedAtMs = clock.now()
    job.container?.stop()
  }

  function create(body: string, assign: AssignNode): Reply {
    const { data: order, error } = jobBody.safeParse(JSON.parse(body))
    if (!order) return failed(400, z.prettifyError(error))
    if (!state.hasCredit) return failed(402, 'Insufficient credits')
    const job: StandInJob = {
      ...{ uuid: randomUUID(), runUuid: randomUUID(), order, createdAtMs: clock.now() },
      node: assign(order),
      status: 'PENDING',
    }
    all.push(job)
    if (job.node) job.status = 'ASSIGNED'
    if (job.node && state.isStarting) {
      const { image, env } = order.parameters.parameters
      job.status = 'RUNNING'
      // An image's own start, without a terminal: bash, unless its name says otherwise.
      const argv = [image.includes('no-bash') ? '/bin/true' : '/bin/bash']
      job.container = startContainer({
        argv,
        env,
        isRestarted: false,
        onEnd: () => job.status === 'RUNNING' && end(job, 'COMPLETED'),
      })
    }
    return json(201, shown(job))
  }

  /** What it is by now. */
  function seen(job: StandInJob): StandInJob {
    const { max_timeout_assign_ms: assignMs, max_timeout_run_ms: runMs } = job.order
    const sinceMs = clock.now() - job.createdAtMs
    if (job.status === 'PENDING' && sinceMs >= assignMs) end(job, 'FAILED')
    if (job.status === 'RUNNING' && sinceMs >= runMs) end(job, 'FAILED')
    if (job.status === 'CANCELLING' && state.looksToCancel <= 0) end(job, 'CANCELLED')
    else if (job.status === 'CANCELLING') state.looksToCancel -= 1
    return job
  }
  function shown(job: StandInJob) {
    const { uuid, order, status, createdAtMs } = job
    return { object: 'job', created_at: new Date(createdAtMs).toISOString(), ...order, uuid, status }
  }

  function page(rows: readonly unknown[], query: URLSearchParams): Reply {
    const [at, limit] = [Number(query.get('page') ?? 1), Number(query.get('limit') ?? 20)]
    if (at < 1 || limit < 1 || limit > 50) return failed(400, 'limit must be between 1 and 50')
    return json(200, { data: rows.slice((at - 1) * limit, at * limit), page: at, limit, total: rows.length })
  }

  /** Billed for the time of execution, the whole node's. */
  function captures(query: URLSearchParams): Reply {
    const job = all.find(({ runUuid }) => runUuid === query.get('filter[job_run_uuid]'))
    if (!job?.node || job.endedAtMs === undefined || !state.isCharged) return page([], query)
    const amount = (job.node.usd * (job.endedAtMs - job.createdAtMs)) / 3_600_000
    return page([{ type: 'CAPTURE', amount_usd: Number(amount.toFixed(6)), job_run_uuid: job.runUuid }], query)
  }

  function act(route: Route, of: { uuid: string; body: string; query: URLSearchParams; assign: AssignNode }): Reply {
    const { uuid, body, query, assign } = of
    if (route === 'create') return create(body, assign)
    if (route === 'list') {
      const listed = (state.isListed ? [...all] : []).map((job) => shown(seen(job)))
      return page(query.get('sort') === '-created_at' ? listed.reverse() : listed, query)
    }
    if (route === 'ledger') return captures(query)
    if (route === 'runs') {
      const own = all.filter((job) => job.node && job.uuid === query.get('filter[job_uuid]'))
      return page(
        own.map((job) => ({ uuid: job.runUuid, job_uuid: job.uuid, status: job.status, node_urls: [] })),
        query,
      )
    }
    const job = all.find((one) => one.uuid === uuid)
    if (!job) return failed(404, 'Job not found')
    if (route === 'cancel') {
      if (OVER.includes(seen(job).status)) return failed(400, 'Job has ended')
      job.container?.stop()
      job.status = 'CANCELLING'
    }
    return json(200, shown(seen(job)))
  }

  return {
    /** Undefined: no route of these. */
    answer(of: { method: string; url: URL; body: string; assign: AssignNode }): Reply | undefined {
      const { method, url } = of
      const [, uuid = '', verb] = /^\/v1\/jobs\/([^/]+)(\/cancel)?$/.exec(url.pathname) ?? []
      const path = uuid ? `/v1/jobs/*${verb ?? ''}` : url.pathname
      const route = ROUTES[`${method} ${path}`]
      if (!route) return undefined
      if (uuid && !uuids.safeParse(uuid).success) return failed(404, 'Job not found')
      const fault = failures.get(route)?.shift()
      const reply = fault && !fault.isDone ? undefined : act(route, { ...of, uuid, query: url.searchParams })
      return fault ? failed(fault.status, fault.message ?? 'error') : reply
    },
    stop(): void {
      for (const { container } of all) container?.stop()
    },
    /** What a test does to it. */
    control: {
      all: (): readonly StandInJob[] => all,
      /** The next calls fail so, one after the other. */
      fail: (route: Route, ...list: Failure[]) => void failures.set(route, list),
      set: (next: Partial<typeof state>) => void Object.assign(state, next),
      /** Dispersed itself brings it there. */
      bring(job: StandInJob, status: string): void {
        job.status = status
      },
    },
  }
}

const ROUTES: Readonly<Record<string, Route>> = {
  'POST /v1/jobs': 'create',
  'GET /v1/jobs': 'list',
  'GET /v1/jobs/*': 'get',
  'PUT /v1/jobs/*/cancel': 'cancel',
  'GET /v1/job-runs': 'runs',
  'GET /v1/compute/ledger/transactions': 'ledger',
}
