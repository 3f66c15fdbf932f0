// Dispersed's jobs with an account's keys: what Necto calls of them to run one, each failure named.
import { z } from 'zod'
import { errorText, NectoError } from '../../errors.ts'
import { BusyError, jsonOf, StatusError } from '../../http.ts'
import { type DispersedAccess, signedFetch } from './signedFetch.ts'

const jobRow = z.object({
  uuid: z.string().min(1),
  title: z.string().nullish(),
  /** A word of Dispersed's, maybe a new one. */
  status: z.string(),
})
export type DispersedJob = z.output<typeof jobRow>
const listOf = <Row extends z.ZodType>(row: Row) => z.object({ data: z.array(row), total: z.int().nonnegative() })
const runRow = z.object({ uuid: z.string().min(1) })
const transactionRow = z.object({ type: z.string(), amount_usd: z.number() })

export interface JobBody {
  readonly title: string
  readonly gpuCount: number
  readonly gpuUuid: string
  readonly region: string
  readonly maxRunMs: number
  readonly image: string
  readonly tag: string
  readonly env: Readonly<Record<string, string>>
}

// The most on one page, as of its offers.
const PAGE_ROWS = 50
const MOST_PAGES = 20
// Together within the time in which the keeper wants a machine to have started; the first is the least that may be.
const ASSIGN_WITHIN_MS = 300_000
const START_WITHIN_MS = 600_000

/** Every call throws NectoError; of one that changes something 'unknown' unless Dispersed has said no. */
export function createDispersedApi(access: DispersedAccess) {
  async function call<T>(
    request: Parameters<typeof signedFetch>[1] & { schema: z.ZodType<T> },
    signal: AbortSignal,
  ): Promise<T> {
    const { schema, ...rest } = request
    const changes = rest.method !== undefined
    try {
      const parsed = schema.safeParse(jsonOf(await signedFetch(access, rest, signal)))
      if (parsed.success) return parsed.data
      throw new NectoError('render.reply', 'Dispersed answered in a form Necto does not know.', {
        retry: changes ? 'unknown' : 'later',
        details: z.prettifyError(parsed.error),
      })
    } catch (error) {
      signal.throwIfAborted()
      throw launchFault(error, changes)
    }
  }
  /** A list from its beginning, up to so many pages. */
  async function rows<Row extends z.ZodType>(
    of: { path: string; query: Readonly<Record<string, string>>; row: Row; most?: number },
    signal: AbortSignal,
  ): Promise<z.output<Row>[]> {
    const { path, row, most = MOST_PAGES } = of
    const found: z.output<Row>[] = []
    for (let page = 1; page <= most; page += 1) {
      const query = { ...of.query, limit: String(PAGE_ROWS), page: String(page) }
      const { data, total } = await call({ path, query, schema: listOf(row) }, signal)
      found.push(...data)
      if (data.length === 0 || found.length >= total) break
    }
    return found
  }
  const one = (uuid: string) => `/v1/jobs/${encodeURIComponent(uuid)}`

  return {
    /** Those of this very title among the newest thousand, the first made first. */
    async byTitle(title: string, signal: AbortSignal): Promise<DispersedJob[]> {
      const newest = await rows({ path: '/v1/jobs', query: { sort: '-created_at' }, row: jobRow }, signal)
      return newest.filter((job) => job.title === title).reverse()
    },
    byUuid: (uuid: string, signal: AbortSignal) => call({ path: one(uuid), schema: jobRow }, signal),
    create: async (of: JobBody, signal: AbortSignal): Promise<string> => {
      const { title, gpuCount, gpuUuid, region, maxRunMs, image, tag, env } = of
      const body = {
        title,
        task: 'BATCH',
        gpu_count: gpuCount,
        gpu_registry_uuid: gpuUuid,
        allowed_region_codes: [region],
        max_node_count: 1,
        // A second run is a job of its own, which somebody would have to pay.
        max_retry_count: 0,
        max_timeout_assign_ms: ASSIGN_WITHIN_MS,
        max_timeout_start_ms: START_WITHIN_MS,
        max_timeout_run_ms: maxRunMs,
        parameters: { type: 'docker', parameters: { image, tag, env } },
      }
      return (await call({ path: '/v1/jobs', method: 'POST', body, schema: jobRow }, signal)).uuid
    },
    cancel: async (uuid: string, signal: AbortSignal): Promise<void> => {
      const body = { reason: 'The job is over.' }
      await call({ path: `${one(uuid)}/cancel`, method: 'PUT', body, schema: z.unknown() }, signal)
    },
    /** What was charged for each run of the job, in dollars. */
    async charged(uuid: string, signal: AbortSignal): Promise<number[][]> {
      const runs = await rows(
        { path: '/v1/job-runs', query: { 'filter[job_uuid]': uuid }, row: runRow, most: 1 },
        signal,
      )
      return Promise.all(
        runs.map(async (run) => {
          const query = { 'filter[job_run_uuid]': run.uuid, 'filter[type]': 'CAPTURE' }
          const all = await rows({ path: '/v1/compute/ledger/transactions', query, row: transactionRow }, signal)
          return all.flatMap(({ type, amount_usd }) => (type === 'CAPTURE' ? Math.abs(amount_usd) : []))
        }),
      )
    },
  }
}

type Fault = readonly [code: string, text: string, retry: NectoError['retry']]
const CREDITS: Fault = ['credits', 'Necto’s account at Dispersed has not enough credit.', 'never']

/** By what Dispersed says of a request that it refuses; its words are not documented, so what fits none is final. */
const SAID: readonly (readonly [RegExp, Fault])[] = [
  [/balance|credit|fund|payment/i, CREDITS],
  [/quota|limit/i, ['quota', 'Necto’s account at Dispersed may run no more jobs.', 'never']],
  [
    /not available|unavailable|no (available|matching|suitable)|capacity/i,
    ['capacity', 'Dispersed has no such node free there just now.', 'later'],
  ],
]

function launchFault(error: unknown, changes: boolean): NectoError {
  // It said so before it did anything, and for how long.
  if (error instanceof BusyError) return error
  if (error instanceof NectoError && error.code === 'render.reply') return error
  const [code, text, retry] = faultOf(error, changes)
  return new NectoError(`render.${code}`, text, { retry, details: errorText(error), cause: error })
}

function faultOf(error: unknown, changes: boolean): Fault {
  const code = error instanceof NectoError ? error.code : ''
  if (code === 'render.clock') return ['clock', 'Dispersed says that Necto’s clock is wrong.', 'later']
  if (code === 'render.refused') return ['refused', 'Necto’s account at Dispersed may run no jobs.', 'never']
  const { status = 0, body = '' } = error instanceof StatusError ? error : {}
  if (status === 402) return CREDITS
  if (status === 404) return ['not-found', 'Dispersed does not know this job.', 'never']
  const isRefused = status >= 400 && status < 500 && status !== 408 && status !== 409
  if (isRefused)
    return (
      SAID.find(([words]) => words.test(body))?.[1] ?? ['request', 'Dispersed does not take Necto’s request.', 'never']
    )
  return ['unreachable', 'Dispersed did not answer as it should.', changes ? 'unknown' : 'later']
}
