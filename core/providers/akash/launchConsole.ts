// Akash's Console API with Necto's key: deployments, bids and leases, with what comes back checked and errors as ours.
import { z } from 'zod'
import type { Clock } from '../../clock.ts'
import { errorText, NectoError, type Retry } from '../../errors.ts'
import { BusyError, fetchBytes, jsonOf, StatusError } from '../../http.ts'

const TIMEOUT_MS = 20_000
const PAGE = 100

const dseq = z.string().regex(/^\d{1,20}$/)
const coin = z.object({ denom: z.string(), amount: z.string() })
const leaseRow = z.object({ id: z.object({ provider: z.string() }), state: z.string(), price: coin })
const deploymentRow = z.object({ id: z.object({ dseq }), state: z.string() })
const listedRow = z.object({
  // Its own word for a deployment is all that tells one job's from another's.
  name: z.string().nullable(),
  deployment: deploymentRow,
  leases: z.array(leaseRow),
})
const listReply = z.object({
  data: z.object({ deployments: z.array(listedRow), pagination: z.object({ hasMore: z.boolean() }) }),
})
const service = z.object({ ready_replicas: z.number().nullish(), available: z.number().nullish() })
const oneReply = z.object({
  data: z.object({
    deployment: deploymentRow,
    leases: z.array(leaseRow.extend({ status: z.object({ services: z.record(z.string(), service) }).nullish() })),
    escrow_account: z.object({ state: z.object({ transferred: z.array(coin) }) }),
  }),
})
const createdReply = z.object({ data: z.object({ dseq, manifest: z.string() }) })
const bidsReply = z.object({ data: z.array(z.unknown()) })

export type Deployment = z.output<typeof oneReply>['data']
export type Listed = z.output<typeof listedRow>
export interface LeaseId {
  readonly dseq: string
  readonly gseq: number
  readonly oseq: number
  readonly provider: string
}

/** Every call throws NectoError: 'later' = nothing was done, 'unknown' = perhaps, 'never' = it will not work. */
export interface Console {
  /** Those with this name that are not closed. */
  open(name: string, signal: AbortSignal): Promise<Listed[]>
  create(order: { sdl: string; name: string; runtimeLimitHours?: number }, signal: AbortSignal): Promise<string>
  bids(dseq: string, signal: AbortSignal): Promise<readonly unknown[]>
  /** The same again delivers what was not delivered. */
  lease(id: LeaseId, signal: AbortSignal): Promise<void>
  /** Undefined when it does not know it. */
  byDseq(dseq: string, signal: AbortSignal): Promise<Deployment | undefined>
  close(dseq: string, signal: AbortSignal): Promise<void>
}

export function openConsole(options: { baseUrl: string; key: string; clock: Clock }): Console {
  const { key, clock } = options
  const base = options.baseUrl.replace(/\/+$/, '')

  async function ask<T>(
    request: { path: string; schema: z.ZodType<T>; method?: 'POST' | 'DELETE'; body?: unknown },
    signal: AbortSignal,
  ): Promise<T> {
    const { path, schema, method, body } = request
    try {
      const fetched = await fetchBytes({
        url: `${base}/v1/${path}`,
        ...(method && { method }),
        headers: { 'x-api-key': key, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal,
        clock,
        timeoutMs: TIMEOUT_MS,
      })
      const parsed = schema.safeParse(jsonOf(fetched))
      if (parsed.success) return parsed.data
      const text = 'Akash answered in a form Necto does not know.'
      throw new NectoError('akash.reply', text, { retry: 'unknown', details: z.prettifyError(parsed.error) })
    } catch (error) {
      signal.throwIfAborted()
      throw consoleFault(error)
    }
  }

  return {
    async open(name, signal) {
      const found: Listed[] = []
      // Unless told otherwise the Console lists active ones alone, so that the past does not lengthen this.
      for (let skip = 0; ; skip += PAGE) {
        const { data } = await ask({ path: `deployments?skip=${skip}&limit=${PAGE}`, schema: listReply }, signal)
        found.push(...data.deployments.filter((row) => row.name === name && row.deployment.state !== 'closed'))
        if (!data.pagination.hasMore || data.deployments.length === 0) return found
      }
    },
    async create(data, signal) {
      return (await ask({ path: 'deployments', method: 'POST', body: { data }, schema: createdReply }, signal)).data
        .dseq
    },
    bids: async (of, signal) => (await ask({ path: `bids?dseq=${of}`, schema: bidsReply }, signal)).data,
    async lease(id, signal) {
      const request = { path: 'leases', method: 'POST', body: { leases: [id] }, schema: z.unknown() } as const
      await ask(request, signal).catch((error: unknown) => {
        // It has been made already.
        if (statusOf(error) !== 409) throw error
      })
    },
    byDseq: (of, signal) =>
      ask({ path: `deployments/${of}`, schema: oneReply }, signal).then(({ data }) => data, ifKnown),
    close: (of, signal) =>
      ask({ path: `deployments/${of}`, method: 'DELETE', schema: z.unknown() }, signal).then(() => {}, ifKnown),
  }
}

function ifKnown(error: unknown): undefined {
  if (statusOf(error) !== 404) throw error
  return undefined
}

const statusOf = (error: unknown): number | undefined =>
  error instanceof NectoError && error.cause instanceof StatusError ? error.cause.status : undefined

/** Of the Console's statuses; all others of 500 and more leave it open what was done. */
const FAULTS = new Map<number, readonly [Retry, code: string, text: string]>([
  [400, ['never', 'request', 'Akash does not take the order for this job.']],
  [401, ['never', 'refused', 'Necto’s account at Akash may rent nothing there.']],
  [402, ['never', 'balance', 'Necto’s account at Akash has not enough money.']],
  [403, ['never', 'refused', 'Necto’s account at Akash may rent nothing there.']],
])

/** Any failure of a call to the Console as ours. */
function consoleFault(cause: unknown): NectoError {
  if (cause instanceof BusyError || (cause instanceof NectoError && cause.code.startsWith('akash.'))) return cause
  const details = errorText(cause)
  const status = cause instanceof StatusError ? cause.status : 0
  const [retry, code, text] =
    FAULTS.get(status) ??
    (status >= 400 && status < 500
      ? (['never', 'request', `Akash does not take Necto’s request (${status}).`] as const)
      : (['unknown', 'unreachable', 'Akash did not answer as it should.'] as const))
  return new NectoError(`akash.${code}`, text, { retry, details, cause })
}

/** No provider has got what it is to run: the lease is made, or not even that. */
export const saysCode = (error: unknown, code: string): boolean =>
  error instanceof NectoError && error.cause instanceof StatusError && error.cause.body.includes(`"${code}"`)
