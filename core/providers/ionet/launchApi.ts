// io.net's containers with an account's key: what Necto calls of them to rent one, each failure named.
import { z } from 'zod'
import type { Clock } from '../../clock.ts'
import { errorText, NectoError } from '../../errors.ts'
import { BusyError, fetchBytes, jsonOf, StatusError } from '../../http.ts'
import { NO_SERVER_PORT } from '../../launch/containerScript.ts'
import { caasUrl, type Order, priceQuery, priceReply } from './caas.ts'

const listedRow = z.object({
  id: z.string().min(1),
  /** As it was given; null where io.net has none. */
  name: z.string().nullish(),
  /** A word of io.net's, maybe a new one. */
  status: z.string(),
})
export type Listed = z.output<typeof listedRow>
const listReply = z.object({ data: z.object({ deployments: z.array(listedRow), total: z.int().nonnegative() }) })
const oneReply = z.object({
  data: z.object({
    id: z.string(),
    status: z.string(),
    /** USDC, of the whole deployment. */
    amount_paid: z.number().nullish(),
    compute_minutes_served: z.number().nullish(),
  }),
})
export type Deployment = z.output<typeof oneReply>['data']
const deployedReply = z.object({ deployment_id: z.string().min(1) })

export interface DeployBody {
  readonly name: string
  readonly hardwareId: number
  readonly placeId: number
  readonly order: Order
  readonly image: string
  readonly entrypoint: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Of these io.net shows the names alone, also to its own account. */
  readonly secretEnv: Readonly<Record<string, string>>
}

const PAGE_ROWS = 100
const MOST_PAGES = 30
/** Nothing more is billed in these. */
const OVER = ['completed', 'failed', 'destroyed']
export const isOpen = ({ status }: Pick<Listed, 'status'>): boolean => !OVER.includes(status)
/** Something may be billed in these; in the order in which a deployment goes through them, so that none slips by. */
const OPEN = ['deployment requested', 'running', 'termination requested']

/** Every call throws NectoError; of one that changes something 'unknown' unless io.net has said no. */
export function createIonetApi(options: { baseUrl: string; apiKey: string; clock: Clock }) {
  const { baseUrl, apiKey, clock } = options

  async function call<T>(
    request: {
      path: string
      query?: Record<string, string | number>
      method?: 'POST' | 'DELETE'
      body?: unknown
      schema: z.ZodType<T>
    },
    signal: AbortSignal,
  ): Promise<T> {
    const { path, query, method, body, schema } = request
    try {
      const fetched = await fetchBytes({
        url: caasUrl(baseUrl, path, query),
        headers: { 'x-api-key': apiKey, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(method && { method }),
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal,
        clock,
        timeoutMs: 25_000,
      })
      const parsed = schema.safeParse(jsonOf(fetched))
      if (parsed.success) return parsed.data
      throw new NectoError('ionet.reply', 'io.net answered in a form Necto does not know.', {
        retry: method ? 'unknown' : 'later',
        details: z.prettifyError(parsed.error),
      })
    } catch (error) {
      signal.throwIfAborted()
      throw launchFault(error, method !== undefined)
    }
  }
  const one = (id: string) => `/deployment/${encodeURIComponent(id)}`
  /** In io.net's order, which is not documented. */
  async function* pages(filter: { status?: string }, signal: AbortSignal): AsyncGenerator<Listed[]> {
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const query = { ...filter, page, page_size: PAGE_ROWS }
      const { data } = await call({ path: '/deployments', query, schema: listReply }, signal)
      yield data.deployments
      if (data.deployments.length === 0 || (page + 1) * PAGE_ROWS >= data.total) return
    }
  }

  return {
    /** What the order costs in all, and how many such containers are free; undefined when io.net does not say. */
    async price(of: Pick<DeployBody, 'hardwareId' | 'placeId' | 'order'>, signal: AbortSignal) {
      const { hardwareId, placeId, order } = of
      const { data } = await call(
        { path: '/price', query: priceQuery(hardwareId, placeId, order), schema: priceReply },
        signal,
      )
      const isOfOrder = data.replica_count === 1 && data.gpus_per_container === order.gpus
      return { isOfOrder, totalUsd: data.total_cost_usdc, free: data.available_replica_count?.[0] }
    },
    /** Those that are not over and whose name begins so: of the others there are ever more. */
    async open(prefix: string, signal: AbortSignal): Promise<Listed[]> {
      const found = new Map<string, Listed>()
      for (const status of OPEN)
        for await (const rows of pages({ status }, signal))
          for (const row of rows) if (row.name?.startsWith(prefix) && isOpen(row)) found.set(row.id, row)
      return [...found.values()]
    },
    /** Of this very name, whatever became of it; undefined where it is not among the first thousands. */
    async byName(name: string, signal: AbortSignal): Promise<Listed | undefined> {
      for await (const rows of pages({}, signal)) {
        const found = rows.find((row) => row.name === name)
        if (found) return found
      }
      return undefined
    },
    byId: async (id: string, signal: AbortSignal): Promise<Deployment> =>
      (await call({ path: one(id), schema: oneReply }, signal)).data,
    /** Its id. From here on its hours are paid. */
    async deploy(of: DeployBody, signal: AbortSignal): Promise<string> {
      const body = {
        resource_private_name: of.name,
        duration_hours: of.order.hours,
        gpus_per_container: of.order.gpus,
        hardware_id: of.hardwareId,
        location_ids: [of.placeId],
        container_config: {
          replica_count: 1,
          entrypoint: of.entrypoint,
          env_variables: of.env,
          secret_env_variables: of.secretEnv,
          traffic_port: NO_SERVER_PORT,
        },
        registry_config: { image_url: of.image },
      }
      const request = { path: '/deploy', method: 'POST', body, schema: deployedReply } as const
      return (await call(request, signal)).deployment_id
    },
    destroy: async (id: string, signal: AbortSignal): Promise<void> => {
      await call({ path: one(id), method: 'DELETE', schema: z.unknown() }, signal)
    },
  }
}

type Fault = readonly [code: string, text: string, retry: NectoError['retry']]
const CREDITS: Fault = ['credits', 'Necto’s account at io.net has not enough money.', 'never']
const REFUSED: Fault = ['refused', 'Necto’s account at io.net may rent no containers.', 'never']
const REPEATED: Fault = ['repeated', 'io.net has this deployment already.', 'unknown']
const REQUEST: Fault = ['request', 'io.net does not take Necto’s request.', 'never']

/** By what io.net says of a request that it refuses; its words are not documented, so what fits none is final. */
const SAID: readonly (readonly [RegExp, Fault])[] = [
  [/key_set/, REFUSED],
  // What was made under this name before is found by it.
  [/name.*(exist|taken|unique|in use|duplicate)/i, REPEATED],
  [/balance|credit|fund|payment/i, CREDITS],
  [/quota|limit/i, ['quota', 'Necto’s account at io.net may rent no more containers.', 'never']],
  [
    /not available|unavailable|no available|not enough|insufficient|capacity/i,
    ['capacity', 'io.net has no such container free there just now.', 'later'],
  ],
]

function launchFault(error: unknown, changes: boolean): NectoError {
  // It said so before it did anything, and for how long.
  if (error instanceof BusyError) return error
  if (error instanceof NectoError && error.code === 'ionet.reply') return error
  const [code, text, retry] = faultOf(error, changes)
  return new NectoError(`ionet.${code}`, text, { retry, details: errorText(error), cause: error })
}

function faultOf(error: unknown, changes: boolean): Fault {
  const { status = 0, body = '' } = error instanceof StatusError ? error : {}
  if (status === 402) return CREDITS
  if (status === 401 || status === 403) return REFUSED
  if (status === 409) return REPEATED
  if (status === 404) return ['not-found', 'io.net does not know this deployment.', 'never']
  const isRefused = status >= 400 && status < 500 && status !== 408
  if (isRefused) return SAID.find(([words]) => words.test(body))?.[1] ?? REQUEST
  return ['unreachable', 'io.net did not answer as it should.', changes ? 'unknown' : 'later']
}
