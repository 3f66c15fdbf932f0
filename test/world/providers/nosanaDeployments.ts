// Nosana's deployments in their own shape, for one account's key: what is started really runs, as a process of this machine.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Container, startContainer } from './containers.ts'
import type { Reply } from './standInServer.ts'

export const NOSANA_KEY = 'nos_stand_in'

/** What can go wrong there; each stays until it is set anew. */
export interface NosanaFaults {
  /** The next call of this kind is done, and its answer lost. */
  loseAnswer?: 'create' | 'start' | 'stop'
  /** Every call of this kind is refused with this status and none is done. */
  refuse?: { call: 'create' | 'start' | 'stop'; status: number; error: string }
  /** No host is idle: a started deployment's job waits. */
  noHost?: boolean
  /** Not one is confidential; definitions are pinned. */
  ignoresConfidential?: boolean
  /** They say they are confidential, and are pinned all the same. */
  pinsConfidential?: boolean
  /** Started ones come to this status. */
  comesTo?: string
  /** Not in the list for so long. */
  listLags?: boolean
  /** How often a stop is answered STOPPING before it is STOPPED. */
  stopsAfter?: number
  credits?: number
}

const createBody = z.object({
  name: z.string(),
  market: z.string(),
  replicas: z.literal(1),
  timeout: z.number().min(60),
  strategy: z.literal('SIMPLE'),
  confidential: z.boolean().optional(),
  idempotency_key: z.string().optional(),
  job_definition: z.object({
    version: z.literal('0.1'),
    type: z.literal('container'),
    ops: z.array(
      z.object({
        id: z.string(),
        args: z.object({
          image: z.string(),
          entrypoint: z.array(z.string()).optional(),
          cmd: z.array(z.string()),
          env: z.record(z.string(), z.string()).optional(),
        }),
      }),
    ),
  }),
})
export interface StandInDeployment {
  readonly id: string
  readonly body: z.output<typeof createBody>
  readonly createdAtMs: number
  status: string
  confidential: boolean
  pin: string
  startedAtMs?: number
  endedAtMs?: number
  container?: Container
  stopAsked?: number
}

const json = (status: number, value: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json;charset=utf-8' },
  body: JSON.stringify(value),
})
const failed = (status: number, error: string) => json(status, { error })
const hash = (value: unknown) => `Qm${createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 44)}`

export type NosanaDeployments = ReturnType<typeof createNosanaDeployments>

/** Everything an account ever made, and what anybody may read on IPFS. */
export function createNosanaDeployments(deps: { nowMs: () => number }) {
  const { nowMs } = deps
  const all: StandInDeployment[] = []
  const pinned = new Map<string, unknown>()
  const faults: NosanaFaults = {}

  function create(raw: unknown): Reply {
    const { data: body } = createBody.safeParse(raw)
    if (!body) return failed(400, 'Invalid request body')
    if (all.some((one) => one.body.idempotency_key !== undefined && one.body.idempotency_key === body.idempotency_key))
      return json(409, { error: 'A deployment with this idempotency_key exists', code: 'IDEMPOTENCY_KEY_IN_PROGRESS' })
    const id = hash([body.name, all.length])
    const confidential = body.confidential === true && !faults.ignoresConfidential
    const definition = { ...body.job_definition, deployment_id: id }
    const shown = confidential && !faults.pinsConfidential ? { ops: [], logistics: { send: 'api' } } : definition
    pinned.set(hash(shown), shown)
    const made = { id, body, createdAtMs: nowMs(), status: 'DRAFT', confidential, pin: hash(shown) }
    all.push(made)
    return json(200, shape(made))
  }
  function start(one: StandInDeployment): Reply {
    if (!['DRAFT', 'STOPPED', 'ERROR', 'INSUFFICIENT_FUNDS'].includes(one.status))
      return failed(500, 'Deployment is in incorrect state')
    one.status = faults.comesTo ?? 'RUNNING'
    if (!faults.noHost && one.status === 'RUNNING') run(one)
    return json(200, { status: 'STARTING', updated_at: new Date(nowMs()).toISOString() })
  }
  /** As a host does: entrypoint and words of the first op, in a place of its own. */
  function run(one: StandInDeployment): void {
    const { entrypoint = ['/bin/sh', '-c'], cmd, env: given } = one.body.job_definition.ops[0]?.args ?? { cmd: [] }
    const [program = '/bin/sh', ...words] = [...entrypoint, ...cmd]
    one.startedAtMs = nowMs()
    one.container = startContainer({
      argv: [program, ...words],
      env: given ?? {},
      isRestarted: false,
      onEnd() {
        one.endedAtMs = nowMs()
        if (one.status === 'RUNNING') one.status = 'STOPPED'
      },
    })
  }
  function stop(one: StandInDeployment): Reply {
    if (!['RUNNING', 'ERROR', 'INSUFFICIENT_FUNDS'].includes(one.status))
      return failed(500, 'Deployment is in incorrect state')
    one.container?.stop()
    one.stopAsked = faults.stopsAfter ?? 0
    one.status = 'STOPPING'
    return json(200, { status: 'STOPPING' })
  }
  /** What it is by now: a stop takes a few looks. */
  function seen(one: StandInDeployment): StandInDeployment {
    if (one.status === 'STOPPING' && (one.stopAsked ?? 0) <= 0) one.status = 'STOPPED'
    else if (one.status === 'STOPPING') one.stopAsked = (one.stopAsked ?? 0) - 1
    return one
  }
  function shape(one: StandInDeployment) {
    const { id, body, status, confidential, pin, createdAtMs, startedAtMs } = one
    const { name, market, replicas, timeout, strategy } = body
    return {
      ...{ id, name, market, replicas, timeout, strategy, status, confidential, active_revision: 1 },
      active_jobs: status === 'RUNNING' && startedAtMs !== undefined ? 1 : 0,
      revisions: [{ revision: 1, deployment: id, ipfs_definition_hash: pin, job_definition: body.job_definition }],
      jobs: startedAtMs === undefined ? [] : [{ job: `job-of-${id}`, deployment: id, status: 'CONFIRMED' }],
      created_at: new Date(createdAtMs).toISOString(),
    }
  }

  function answer(request: { method: string; url: URL; key: string | undefined; body: string }): Reply | undefined {
    const { method, url, key } = request
    const path = url.pathname.replace(/\/$/, '')
    if (!path.startsWith('/api/deployments') && path !== '/api/credits/balance') return undefined
    if (key !== `Bearer ${NOSANA_KEY}`) return json(401, 'Unauthorized')
    if (path === '/api/credits/balance')
      return json(200, { assignedCredits: faults.credits ?? 100, reservedCredits: 0, settledCredits: 0 })
    if (path === '/api/deployments') {
      const name = url.searchParams.get('name')
      const listed = faults.listLags ? [] : all.filter((one) => name === null || one.body.name === name)
      return json(200, { deployments: listed.map((one) => shape(seen(one))), pagination: {} })
    }
    const [, , , id = '', verb, jobId] = path.split('/')
    const what = method === 'POST' ? (id === 'create' ? id : verb) : undefined
    if (what !== undefined && faults.refuse?.call === what) return failed(faults.refuse.status, faults.refuse.error)
    const done = () => {
      if (what === 'create') return create(JSON.parse(request.body))
      const one = all.find((each) => each.id === id)
      if (!one) return failed(404, 'Deployment not found')
      if (what === 'start') return start(one)
      if (what === 'stop') return stop(one)
      if (verb === 'jobs' && jobId !== undefined)
        return json(200, {
          timeStart: Math.floor((one.startedAtMs ?? 0) / 1000),
          timeEnd: Math.floor((one.endedAtMs ?? 0) / 1000),
        })
      return json(200, shape(seen(one)))
    }
    const reply = done()
    if (what === undefined || faults.loseAnswer !== what) return reply
    delete faults.loseAnswer
    return failed(502, 'Bad Gateway')
  }

  return {
    answer,
    faults,
    /** Those for jobs, not the two empty drafts. */
    ofJobs: () => all.filter(({ body }) => !body.name.startsWith('necto-privacy-')),
    /** All that a stranger finds on IPFS. */
    published: () => JSON.stringify([...pinned.values()]),
    stopAll(): void {
      for (const { container } of all) container?.stop()
    },
  }
}
