// The sellers' interface as a runner calls it: every request signed, every answer parsed, every failure one of ours.
import type { Hex, LocalAccount } from 'viem'
import type { z } from 'zod'
import type { Clock } from '../../core/clock.ts'
import { errorText, NectoError } from '../../core/errors.ts'
import type { HandedReceipt, RunnerJob } from '../../core/jobs/runnerDesk.ts'
import { signRunnerRequest, toAuthHeaders } from '../../core/supply/runnerAuth.ts'
import {
  acceptSchema,
  doneSchema,
  errorSchema,
  healthSchema,
  heartbeatSchema,
  logSchema,
  MAX_WAIT_SECONDS,
  nextSchema,
} from '../api/messages.ts'

const TIMEOUT_MS = 15_000

/**
 * All throw NectoError: `seller.unreachable` (retry unknown), `seller.bad-answer` (retry later), or `seller.<code>`
 * with the code and retry that the interface gave.
 */
export interface SellerApiClient {
  next(signal: AbortSignal): Promise<RunnerJob | undefined>
  accept(jobId: Hex, signal: AbortSignal): Promise<RunnerJob>
  heartbeat(jobId: Hex, signal: AbortSignal): Promise<{ stop: boolean }>
  /** Answers how many bytes have arrived; no bytes only ask. */
  log(jobId: Hex, chunk: { offset: number; bytes: Uint8Array }, signal: AbortSignal): Promise<number>
  output(jobId: Hex, bytes: Uint8Array, signal: AbortSignal): Promise<void>
  receipt(jobId: Hex, signed: HandedReceipt, signal: AbortSignal): Promise<void>
}

interface Call<T> {
  method: 'GET' | 'POST' | 'PUT'
  path: string
  answer: z.ZodType<T>
  signal: AbortSignal
  body?: Uint8Array<ArrayBuffer>
  headers?: Record<string, string>
  timeoutMs?: number
}

/** What the interface says about itself; not signed. */
export function readHealth(url: string, signal: AbortSignal): Promise<z.output<typeof healthSchema>> {
  return call(url, { method: 'GET', path: '/health', answer: healthSchema, signal })
}

/** A client for one runner's key. `chainId` is the escrow's chain, which the signatures are for. */
export function createSellerApiClient(options: {
  url: string
  account: LocalAccount
  chainId: number
  clock: Clock
}): SellerApiClient {
  const { url, account, chainId, clock } = options

  async function signedCall<T>(request: Call<T>): Promise<T> {
    const { method, body = new Uint8Array() } = request
    const { pathname, search } = new URL(url + request.path)
    const auth = await signRunnerRequest({
      account,
      chainId,
      request: { method, path: pathname + search, body },
      nowMs: clock.now(),
    })
    return await call(url, { ...request, headers: toAuthHeaders(auth) })
  }
  const jobPath = (jobId: Hex, verb: string) => `/v1/jobs/${jobId}/${verb}`

  return {
    async next(signal) {
      const path = `/v1/jobs/next?wait=${MAX_WAIT_SECONDS}`
      const timeoutMs = TIMEOUT_MS + MAX_WAIT_SECONDS * 1000
      const { job } = await signedCall({ method: 'GET', path, answer: nextSchema, signal, timeoutMs })
      return job ?? undefined
    },
    async accept(jobId, signal) {
      return (await signedCall({ method: 'POST', path: jobPath(jobId, 'accept'), answer: acceptSchema, signal })).job
    },
    heartbeat: (jobId, signal) =>
      signedCall({ method: 'POST', path: jobPath(jobId, 'heartbeat'), answer: heartbeatSchema, signal }),
    async log(jobId, { offset, bytes }, signal) {
      const path = `${jobPath(jobId, 'log')}?offset=${offset}`
      return (await signedCall({ method: 'PUT', path, answer: logSchema, signal, body: copy(bytes) })).nextOffset
    },
    async output(jobId, bytes, signal) {
      await signedCall({ method: 'PUT', path: jobPath(jobId, 'output'), answer: doneSchema, signal, body: copy(bytes) })
    },
    async receipt(jobId, signed, signal) {
      const body = new TextEncoder().encode(JSON.stringify(signed))
      await signedCall({ method: 'POST', path: jobPath(jobId, 'receipt'), answer: doneSchema, signal, body })
    },
  }
}

const copy = (bytes: Uint8Array) => new Uint8Array(bytes)

async function call<T>(url: string, request: Call<T>): Promise<T> {
  const { method, path, answer, signal, body, headers = {}, timeoutMs = TIMEOUT_MS } = request
  let status: number
  let text: string
  try {
    const response = await fetch(url + path, {
      method,
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      redirect: 'error',
      ...(body ? { body } : {}),
    })
    status = response.status
    text = await response.text()
  } catch (cause) {
    throw new NectoError('seller.unreachable', `Nobody answers at ${url}.`, {
      retry: 'unknown',
      details: errorText(cause),
      cause,
    })
  }
  const json = parseJson(text)
  if (status === 200) {
    const parsed = answer.safeParse(json)
    if (parsed.success) return parsed.data
  }
  const refusal = errorSchema.safeParse(json).data?.error
  if (refusal) throw new NectoError(`seller.${refusal.code}`, refusal.message, { retry: refusal.retry })
  throw new NectoError('seller.bad-answer', `What answers at ${url} is not Necto, or is broken.`, {
    retry: 'later',
    details: `${method} ${path}: status ${status}, ${text.length} characters`,
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
