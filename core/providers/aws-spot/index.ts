// AWS Spot as a provider: every GPU instance type of several regions, read through AWS's own SDK.
import type { Clock } from '../../clock.ts'
import { NectoError } from '../../errors.ts'
import type { Ask } from '../../market/ask.ts'
import type { Offer } from '../../market/offer.ts'
import type { Evidence, SynapseProvider } from '../../market/provider.ts'
import { list, optional, setting, text, url, wholeOf } from '../../settings.ts'
import { withTimeLimit } from '../../timeLimit.ts'
import { defineProvider } from '../module.ts'
import { type AwsCredentials, type Ec2, openEc2 } from './ec2.ts'
import { gpuTypes } from './gpuTypes.ts'
import { createAwsLauncher } from './launch.ts'
import { awsSpotOffers } from './offers.ts'
import { replayAwsSpot } from './replay.ts'
import { WINDOW_MS } from './volatility.ts'
import { volatilityTable } from './volatilityTable.ts'

export interface AwsSpotOptions {
  readonly clock: Clock
  readonly credentials?: AwsCredentials | undefined
  /** Regions to read; none = all that the account may use. */
  readonly regions: readonly string[]
  readonly endpoint?: string | undefined
  /** For all regions together, each on its own: a slow one costs only itself, and is named. */
  readonly timeoutMs?: number
}

interface RegionAnswer {
  readonly offers: readonly Offer[]
  readonly evidence: readonly Evidence[]
  readonly warnings: readonly Said[]
}
/** For people, of one region. */
interface Said {
  readonly region: string
  readonly text: string
}
/** What changes a few times a year is kept for an hour, with where it came from: regions and instance types. */
interface Known<Row> {
  readonly rows: readonly Row[]
  readonly evidence: readonly Evidence[]
  readonly atMs: number
}

const KEPT_MS = 3_600_000
// Where every account may ask which regions it has.
const HOME_REGION = 'us-east-1'

/** Reads spot prices and, for the asked GPU family, how they moved. Without credentials it is `missing`. */
export function createAwsSpotProvider(options: AwsSpotOptions): SynapseProvider {
  const { credentials, clock, timeoutMs = 5_000 } = options
  const knownTypes = new Map<string, Known<unknown>>()
  const knownRegions = new Map<string, Known<string>>()
  const missing = credentials ? {} : { missing: 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY' }

  const tooSlow = () =>
    new NectoError('aws-spot.timeout', `AWS did not answer within ${timeoutMs / 1000} s.`, { retry: 'later' })

  /** `untilMs` is the instant at which the whole reading ends. */
  function inRegion<T>(where: { region: string; untilMs: number; signal: AbortSignal }, run: (ec2: Ec2) => Promise<T>) {
    const { region, untilMs, signal } = where
    const limit = { clock, signal, timeoutMs: untilMs - clock.now(), timeout: tooSlow() }
    return withTimeLimit(limit, async (limited) => {
      if (!credentials) throw new NectoError('aws-spot.refused', 'AWS needs credentials.')
      const endpoint = options.endpoint === undefined ? {} : { endpoint: options.endpoint }
      const ec2 = await openEc2({ region, credentials, clock, signal: limited, ...endpoint })
      try {
        return await run(ec2)
      } finally {
        ec2.close()
      }
    })
  }

  async function keep<Row>(
    where: { kept: Map<string, Known<Row>>; region: string; ec2: Ec2 },
    read: () => Promise<Row[]>,
  ) {
    const { kept, region, ec2 } = where
    const known = kept.get(region)
    if (known && clock.now() - known.atMs < KEPT_MS) return known
    const before = ec2.evidence.length
    const rows = await read()
    const fresh = { rows, evidence: ec2.evidence.slice(before), atMs: clock.now() }
    kept.set(region, fresh)
    return fresh
  }

  async function regionsToRead(
    untilMs: number,
    signal: AbortSignal,
  ): Promise<Pick<Known<string>, 'rows' | 'evidence'>> {
    if (options.regions.length > 0) return { rows: options.regions, evidence: [] }
    const region = HOME_REGION
    return inRegion({ region, untilMs, signal }, (ec2) =>
      keep({ kept: knownRegions, region, ec2 }, () => ec2.regions()),
    )
  }

  async function readRegion(where: { region: string; ask: Ask; ec2: Ec2; untilMs: number }): Promise<RegionAnswer> {
    const { region, ask, ec2, untilMs } = where
    const types = await keep({ kept: knownTypes, region, ec2 }, () => ec2.instanceTypes())
    const before = ec2.evidence.length
    const all = gpuTypes(types.rows).types
    const nowMs = clock.now()
    const wanted = all.filter(({ gpu }) => gpu?.family === ask.gpu.family).map(({ type }) => type)
    const [prices, history] = await Promise.all([
      all.length > 0 ? ec2.spotPrices(namesOf(all), nowMs, nowMs) : [],
      wanted.length > 0 ? readHistory({ types: wanted, nowMs, untilMs, ec2 }) : [],
    ])
    const rows = { region, types: types.rows, prices, history: history ?? [] }
    const { offers, warnings } = awsSpotOffers(rows, { nowMs, observedAtMs: clock.now() })
    const evidence = [...types.evidence, ...ec2.evidence.slice(before)]
    const said = [...warnings, ...(history ? [] : ['price history could not be read'])]
    return { offers, evidence, warnings: said.map((text) => ({ region, text })) }
  }

  // Volatility is worth having, but neither failing nor waiting for: it has half of the time that is left.
  function readHistory(of: { types: readonly string[]; nowMs: number; untilMs: number; ec2: Ec2 }) {
    const { types, nowMs, untilMs, ec2 } = of
    const limit = { clock, signal: new AbortController().signal, timeoutMs: (untilMs - nowMs) / 2, timeout: tooSlow() }
    return withTimeLimit(limit, () => ec2.spotPrices(types, nowMs - WINDOW_MS, nowMs)).catch(() => undefined)
  }

  return {
    id: 'aws-spot',
    name: 'AWS Spot',
    ...missing,
    // Every type is in the reply; only volatility is read for one family.
    cacheKey: (ask) => ask.gpu.family,
    async offers(ask, signal) {
      signal.throwIfAborted()
      const untilMs = clock.now() + timeoutMs
      const regions = await regionsToRead(untilMs, signal)
      const settled = await Promise.allSettled(
        regions.rows.map((region) =>
          inRegion({ region, untilMs, signal }, (ec2) => readRegion({ region, ask, ec2, untilMs })),
        ),
      )
      signal.throwIfAborted()
      const read = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      const failed = settled.flatMap((result, index): Said[] =>
        result.status === 'rejected' ? [{ region: regions.rows[index] ?? '', text: failureText(result.reason) }] : [],
      )
      const failure = settled.find((result) => result.status === 'rejected')
      if (read.length === 0 && failure) throw failure.reason
      return {
        offers: read.flatMap(({ offers }) => offers),
        evidence: [...regions.evidence, ...read.flatMap(({ evidence }) => evidence)],
        warnings: together(read.flatMap(({ warnings }) => warnings)).map(({ region, text }) => `${region}: ${text}`),
        ...(failed.length > 0 ? { partial: together(failed).map(missingText).join('; ') } : {}),
      }
    },
  }
}

const namesOf = (types: readonly { type: string }[]) => types.map(({ type }) => type)

const failureText = (reason: unknown) => (reason instanceof NectoError ? reason.message : 'It could not be read.')
const missingText = ({ region, text }: Said) => `${region} ${region.includes(',') ? 'are' : 'is'} missing: ${text}`

/** What is said of several regions, once: their names with commas. */
function together(said: readonly Said[]): Said[] {
  return [...Map.groupBy(said, ({ text }) => text)].map(([text, own]) => ({
    region: own.map(({ region }) => region).join(', '),
    text,
  }))
}

function credentialsOf(settings: {
  readonly AWS_ACCESS_KEY_ID: string | undefined
  readonly AWS_SECRET_ACCESS_KEY: string | undefined
  readonly AWS_SESSION_TOKEN: string | undefined
}): AwsCredentials | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = settings
  if (!accessKeyId || !secretAccessKey) return undefined
  return { accessKeyId, secretAccessKey, ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}) }
}

const off = 'AWS Spot prices'
export const provider = defineProvider({
  id: 'aws-spot',
  settings: [
    optional(
      'AWS_ACCESS_KEY_ID',
      text,
      'AWS credentials: reading is enough for spot prices, renting machines needs more rights; without them AWS Spot is off',
      {
        secret: true,
        off,
      },
    ),
    optional('AWS_SECRET_ACCESS_KEY', text, 'Second half of the AWS credentials', { secret: true, off }),
    optional('AWS_SESSION_TOKEN', text, 'Third part of temporary AWS credentials', { secret: true }),
    setting('AWS_REGIONS', list, 'AWS regions to read, with commas; empty = all that the account may use', ''),
    optional('AWS_ENDPOINT_URL_EC2', url, 'Another EC2 endpoint (read by the SDK itself)'),
    optional(
      'AWS_ENDPOINT_URL_SERVICE_QUOTAS',
      url,
      'Another endpoint of Service Quotas; with another one of EC2 alone, quotas are not read',
    ),
    setting(
      'AWS_LAUNCH_IMAGE',
      text,
      'Image of rented machines: Linux with docker and the NVIDIA container toolkit; an id, or where AWS keeps one',
      'resolve:ssm:/aws/service/deeplearning/ami/x86_64/base-oss-nvidia-driver-gpu-ubuntu-22.04/latest/ami-id',
    ),
    setting(
      'AWS_LAUNCH_SUBNETS',
      list,
      'Subnets of rented machines as region/subnet-id, with commas; else AWS takes a default one',
      '',
    ),
    setting(
      'AWS_LAUNCH_DISK_GIB',
      wholeOf(0, 16_384),
      'Root volume of rented machines; 0 = as the image has it',
      '250',
    ),
  ],
  create({ clock, settings }) {
    return createAwsSpotProvider({
      clock,
      regions: settings.AWS_REGIONS,
      credentials: credentialsOf(settings),
      endpoint: settings.AWS_ENDPOINT_URL_EC2,
    })
  },
  launcher({ clock, settings }) {
    const credentials = credentialsOf(settings)
    return (
      credentials &&
      createAwsLauncher({
        clock,
        credentials,
        endpoint: settings.AWS_ENDPOINT_URL_EC2,
        quotaEndpoint: settings.AWS_ENDPOINT_URL_SERVICE_QUOTAS,
        image: settings.AWS_LAUNCH_IMAGE,
        subnets: settings.AWS_LAUNCH_SUBNETS,
        regions: settings.AWS_REGIONS,
        diskGib: settings.AWS_LAUNCH_DISK_GIB,
      })
    )
  },
  replay: replayAwsSpot,
  volatility: volatilityTable,
})
