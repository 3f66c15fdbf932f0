// EC2 over its own SDK: the three read calls, page by page, with evidence of every raw reply and errors as ours.
import type { EC2Client } from '@aws-sdk/client-ec2'
import { z } from 'zod'
import type { Clock } from '../../clock.ts'
import { errorText, NectoError } from '../../errors.ts'
import { BusyError, evidenceOf, retryAfter } from '../../http.ts'
import type { Evidence } from '../../market/provider.ts'

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** One region's EC2 for the length of one reading. Every call throws NectoError. */
export interface Ec2 {
  /** Names of the regions that the account may use. */
  regions(): Promise<string[]>
  /** Rows of all instance types whose name begins with p or g, among them all that have GPUs. */
  instanceTypes(): Promise<unknown[]>
  /** Linux spot prices of the types: effective at `fromMs`, and every change until `toMs`. */
  spotPrices(types: readonly string[], fromMs: number, toMs: number): Promise<unknown[]>
  readonly evidence: readonly Evidence[]
  close(): void
}

const MAX_PAGES = 30
const MAX_REPLY_BYTES = 32 * 1024 * 1024

/** `endpoint` overrides AWS_ENDPOINT_URL_EC2, which the SDK reads itself. */
export async function openEc2(options: {
  region: string
  credentials: AwsCredentials
  clock: Clock
  signal: AbortSignal
  endpoint?: string
}): Promise<Ec2> {
  const { region, credentials, clock, signal, endpoint } = options
  // The SDK takes a quarter of a second to load, which only those pay who use AWS.
  const sdk = await import('@aws-sdk/client-ec2')
  const client = new sdk.EC2Client({ region, credentials, maxAttempts: 2, ...(endpoint ? { endpoint } : {}) })
  const evidence: Evidence[] = []
  keepEvidence({ client, clock, evidence })
  const abort = { abortSignal: signal }
  return {
    evidence,
    close: () => client.destroy(),
    async regions() {
      const output = await mapped(client.send(new sdk.DescribeRegionsCommand({ AllRegions: false }), abort))
      return readRows(output.Regions).flatMap((row) => {
        const { RegionName = [], OptInStatus } = regionRow.safeParse(row).data ?? {}
        return OptInStatus === 'not-opted-in' ? [] : RegionName
      })
    },
    instanceTypes() {
      const Filters = [{ Name: 'instance-type', Values: ['p*', 'g*'] }]
      return allPages(async (NextToken) => {
        const command = new sdk.DescribeInstanceTypesCommand({ Filters, MaxResults: 100, NextToken })
        const output = await mapped(client.send(command, abort))
        return { rows: readRows(output.InstanceTypes), next: output.NextToken }
      })
    },
    spotPrices(types, fromMs, toMs) {
      return allPages(async (NextToken) => {
        const command = new sdk.DescribeSpotPriceHistoryCommand({
          InstanceTypes: types.map((type) => type as (typeof sdk._InstanceType)[keyof typeof sdk._InstanceType]),
          ProductDescriptions: ['Linux/UNIX'],
          StartTime: new Date(fromMs),
          EndTime: new Date(toMs),
          MaxResults: 1000,
          NextToken,
        })
        const output = await mapped(client.send(command, abort))
        return { rows: readRows(output.SpotPriceHistory), next: output.NextToken }
      })
    },
  }
}

const regionRow = z.object({ RegionName: z.string(), OptInStatus: z.string().optional() })
const rowsSchema = z.array(z.unknown())

// The SDK gives undefined, not an empty list, when the element is missing: then it was no such reply.
function readRows(rows: unknown): unknown[] {
  const parsed = rowsSchema.safeParse(rows)
  if (!parsed.success) throw notEc2('the list is missing')
  return parsed.data
}

async function allPages(read: (token: string | undefined) => Promise<{ rows: unknown[]; next: string | undefined }>) {
  const all: unknown[] = []
  let token: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const { rows, next } = await read(token)
    all.push(...rows)
    // EC2 ends with an empty token as well as with none.
    if (!next) return all
    if (next === token) throw notEc2('a page refers to itself')
    token = next
  }
  throw notEc2(`more than ${MAX_PAGES} pages`)
}

const wire = z.object({ protocol: z.string(), hostname: z.string(), port: z.number().optional(), body: z.string() })
const reply = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.custom<AsyncIterable<Uint8Array>>((body) => !!body),
})

/** Reads each reply's bytes between the wire and the SDK's parser, which would take a cut one for a shorter list. */
function keepEvidence({ client, clock, evidence }: { client: EC2Client; clock: Clock; evidence: Evidence[] }) {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const response = result.response as { body: unknown }
      const { statusCode, headers, body } = reply.parse(response)
      const bytes = await readAll(body)
      const waitMs = statusCode >= 400 ? retryAfter(headers['retry-after'] ?? null, clock.now()) : undefined
      // The SDK would sleep that long by itself, past every deadline of ours.
      if (waitMs !== undefined) throw new BusyError(waitMs, new TextDecoder().decode(bytes.slice(0, 300)))
      response.body = bytes
      if (statusCode < 300) {
        const { protocol, hostname, port, body: form } = wire.parse(args.request)
        const action = new URLSearchParams(form).get('Action') ?? ''
        checkWhole(bytes, action)
        const url = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}/?Action=${action}`
        evidence.push(evidenceOf({ url, status: statusCode, bytes, fetchedAtMs: clock.now() }))
      }
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'nectoEvidence' },
  )
}

async function readAll(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > MAX_REPLY_BYTES) throw notEc2('a reply too large to read')
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

function checkWhole(bytes: Uint8Array, action: string) {
  const text = new TextDecoder().decode(bytes).trimEnd()
  if (text.includes(`<${action}Response`) && text.endsWith(`</${action}Response>`)) return
  throw notEc2(`not a whole ${action}Response: ${text.slice(0, 200)}`)
}

const notEc2 = (details: string) =>
  new NectoError('aws-spot.reply', 'AWS answered in a form Necto does not know.', { retry: 'later', details })

const failure = z.object({
  name: z.string(),
  $metadata: z.object({ httpStatusCode: z.int().optional() }).optional(),
  $fault: z.string().optional(),
})
const BUSY = /^(RequestLimitExceeded|Throttling|ThrottlingException|RequestThrottled|SlowDown|TooManyRequests)/
const REFUSED =
  /^(AuthFailure|UnauthorizedOperation|InvalidClientTokenId|SignatureDoesNotMatch|OptInRequired|Blocked|MissingAuthenticationToken|ExpiredToken)/

async function mapped<Output>(call: Promise<Output>): Promise<Output> {
  try {
    return await call
  } catch (cause) {
    if (cause instanceof NectoError) throw cause
    const details = errorText(cause)
    const { name = '', $metadata } = failure.safeParse(cause).data ?? {}
    if (BUSY.test(name) || $metadata?.httpStatusCode === 429) throw new BusyError(undefined, `${name}: ${details}`)
    if (REFUSED.test(name)) {
      throw new NectoError('aws-spot.refused', `AWS refused the credentials (${name}).`, { details, cause })
    }
    const message = 'AWS could not be read.'
    throw new NectoError('aws-spot.unreachable', message, { retry: 'later', details: `${name}: ${details}`, cause })
  }
}
