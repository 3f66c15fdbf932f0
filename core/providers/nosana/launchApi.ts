// Nosana's deployments over REST with an account's key: what Necto calls of them, each failure named.
import { z } from 'zod'
import type { Clock } from '../../clock.ts'
import { errorText, NectoError } from '../../errors.ts'
import { BusyError, fetchBytes, jsonOf, StatusError } from '../../http.ts'

// As in nosana-ci/nosana-deployment-manager, whose versions differ: what a newer one leaves out is optional here.
const deploymentReply = z.object({
  id: z.string().min(1),
  name: z.string(),
  /** A word of Nosana's, maybe a new one. */
  status: z.string(),
  confidential: z.boolean().optional(),
  created_at: z.string().default(''),
  /** Jobs that a host is running. */
  active_jobs: z.number().optional(),
  jobs: z.array(z.object({ job: z.string() })).optional(),
})
export type Deployment = z.output<typeof deploymentReply>

const listReply = z.union([
  z.array(deploymentReply),
  z.object({ deployments: z.array(deploymentReply) }).transform(({ deployments }) => deployments),
])
const revisionRows = z.array(z.object({ ipfs_definition_hash: z.string().min(1) })).min(1)
const revisionsReply = z.union([
  z.object({ revisions: revisionRows }).transform(({ revisions }) => revisions),
  revisionRows,
])
/** All in dollars. */
const balanceReply = z.object({
  assignedCredits: z.number(),
  reservedCredits: z.number(),
  settledCredits: z.number(),
})
const jobReply = z.object({ timeStart: z.number(), timeEnd: z.number() })

export interface DeploymentBody {
  readonly name: string
  readonly market: string
  readonly timeoutMinutes: number
  readonly definition: unknown
}
export type NosanaApi = ReturnType<typeof createNosanaApi>

/** Every call throws NectoError; of one that changes something 'unknown' unless Nosana has said no. */
export function createNosanaApi(options: { baseUrl: string; apiKey: string; clock: Clock }) {
  const { baseUrl, apiKey, clock } = options

  async function call<T>(request: {
    path: string
    post?: unknown
    schema: z.ZodType<T>
    signal: AbortSignal
  }): Promise<T> {
    const { path, post, schema, signal } = request
    const changes = 'post' in request
    try {
      const fetched = await fetchBytes({
        url: `${baseUrl.replace(/\/+$/, '')}/api${path}`,
        headers: { authorization: `Bearer ${apiKey}`, ...(changes && { 'content-type': 'application/json' }) },
        ...(changes && { method: 'POST' as const, body: JSON.stringify(post ?? {}) }),
        signal,
        clock,
        timeoutMs: 20_000,
      })
      return parse(schema, jsonOf(fetched))
    } catch (error) {
      signal.throwIfAborted()
      throw faultOf(error, changes)
    }
  }
  const one = (id: string) => `/deployments/${encodeURIComponent(id)}`

  return {
    /** Those of this very name, the first made first. */
    async byName(name: string, signal: AbortSignal): Promise<Deployment[]> {
      const path = `/deployments?name=${encodeURIComponent(name)}&limit=100`
      const all = await call({ path, schema: listReply, signal })
      return all.filter((one) => one.name === name).sort((a, b) => a.created_at.localeCompare(b.created_at))
    },
    byId: (id: string, signal: AbortSignal) => call({ path: one(id), schema: deploymentReply, signal }),
    /** A draft: nothing runs and nothing is billed before it is started. */
    create: ({ name, market, timeoutMinutes, definition }: DeploymentBody, signal: AbortSignal) =>
      call({
        path: '/deployments/create',
        post: {
          name,
          market,
          replicas: 1,
          timeout: timeoutMinutes,
          strategy: 'SIMPLE',
          confidential: true,
          // Newer versions refuse a second one of the same key with 409; older ones do not read it.
          idempotency_key: name,
          job_definition: definition,
        },
        schema: deploymentReply,
        signal,
      }),
    start: (id: string, signal: AbortSignal) =>
      call({ path: `${one(id)}/start`, post: {}, schema: z.unknown(), signal }),
    stop: (id: string, signal: AbortSignal) => call({ path: `${one(id)}/stop`, post: {}, schema: z.unknown(), signal }),
    /** Where the definition of its first revision is pinned for everybody to read. */
    async pinnedAt(id: string, signal: AbortSignal): Promise<string | undefined> {
      const inside = await call({ path: one(id), schema: z.unknown(), signal })
      const known = revisionsReply.safeParse(inside).data
      const rows = known ?? (await call({ path: `${one(id)}/revisions`, schema: revisionsReply, signal }))
      return rows.at(-1)?.ipfs_definition_hash
    },
    /** Dollars that may be spent. */
    async freeCredits(signal: AbortSignal): Promise<number> {
      const { assignedCredits, reservedCredits, settledCredits } = await call({
        path: '/credits/balance',
        schema: balanceReply,
        signal,
      })
      return assignedCredits - reservedCredits - settledCredits
    },
    jobTimes: (id: string, job: string, signal: AbortSignal) =>
      call({ path: `${one(id)}/jobs/${encodeURIComponent(job)}`, schema: jobReply, signal }),
  }
}

function parse<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new NectoError('nosana.reply', 'Nosana answered in a form Necto does not know.', {
    retry: 'later',
    details: z.prettifyError(parsed.error),
  })
}

function faultOf(error: unknown, changes: boolean): NectoError {
  const details = errorText(error)
  const fault = (code: string, text: string, retry: NectoError['retry']) =>
    new NectoError(`nosana.${code}`, text, { retry, details, cause: error })
  // It said so before it did anything, and for how long.
  if (error instanceof BusyError) return error
  const status = error instanceof StatusError ? error.status : undefined
  if (status === 402) return fault('credits', 'Necto’s account at Nosana has not enough credits left.', 'never')
  if (status === 401 || status === 403)
    return fault('refused', 'Necto’s account at Nosana is not allowed to do this.', 'never')
  if (status === 404) return fault('not-found', 'Nosana does not know this deployment.', 'never')
  // The key was used before: what it made is found by its name.
  if (status === 409) return fault('repeated', 'Nosana has heard this request before.', 'unknown')
  if (status !== undefined && status < 500) return fault('request', 'Nosana does not take Necto’s request.', 'never')
  return fault('unreachable', 'Nosana did not answer as it should.', changes ? 'unknown' : 'later')
}
