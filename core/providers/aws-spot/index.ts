// AWS Spot as a provider: every GPU instance type of several regions, read through AWS's own SDK.
import type { Clock } from '../../clock.ts'
import { NectoError } from '../../errors.ts'
import type { Ask } from '../../market/ask.ts'
import type { Offer } from '../../market/offer.ts'
import type { Evidence, SynapseProvider } from '../../market/provider.ts'
import { list, optional, setting, text, url } from '../../settings.ts'
import { withTimeLimit } from '../../timeLimit.ts'
import { defineProvider } from '../module.ts'
import { type AwsCredentials, type Ec2, openEc2 } from './ec2.ts'
import { gpuTypes } from './gpuTypes.ts'
import { awsSpotOffers } from './offers.ts'
import { WINDOW_MS } from './volatility.ts'

export interface AwsSpotOptions {
  readonly clock: Clock
  readonly credentials?: AwsCredentials | undefined
  /** Regions to read; none = all that the account may use. */
  readonly regions: readonly string[]
  readonly endpoint?: string | undefined
  /** For one region, so that a slow one costs only itself. */
  readonly timeoutMs?: number
}

interface RegionAnswer {
  readonly offers: readonly Offer[]
  readonly evidence: readonly Evidence[]
  readonly warnings: readonly string[]
}
interface KnownTypes {
  readonly rows: readonly unknown[]
  readonly evidence: readonly Evidence[]
  readonly atMs: number
}

// Types change a few times a year, prices within minutes.
const TYPES_FRESH_MS = 3_600_000

/** Reads spot prices and, for the asked GPU family, how they moved. Without credentials it is `missing`. */
export function createAwsSpotProvider(options: AwsSpotOptions): SynapseProvider {
  const { credentials, clock, timeoutMs = 5_000 } = options
  const knownTypes = new Map<string, KnownTypes>()
  const missing = credentials ? {} : { missing: 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY' }

  const tooSlow = () =>
    new NectoError('aws-spot.timeout', `AWS did not answer within ${timeoutMs / 1000} s.`, { retry: 'later' })

  function inRegion<T>(region: string, signal: AbortSignal, run: (ec2: Ec2) => Promise<T>): Promise<T> {
    return withTimeLimit({ clock, signal, timeoutMs, timeout: tooSlow() }, async (limited) => {
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

  async function typesOf(region: string, ec2: Ec2): Promise<KnownTypes> {
    const known = knownTypes.get(region)
    if (known && clock.now() - known.atMs < TYPES_FRESH_MS) return known
    const rows = await ec2.instanceTypes()
    const fresh = { rows, evidence: [...ec2.evidence], atMs: clock.now() }
    knownTypes.set(region, fresh)
    return fresh
  }

  async function readRegion(region: string, ask: Ask, ec2: Ec2): Promise<RegionAnswer> {
    const types = await typesOf(region, ec2)
    const before = ec2.evidence.length
    const all = gpuTypes(types.rows).types
    const nowMs = clock.now()
    const wanted = all.filter(({ gpu }) => gpu?.family === ask.gpu.family).map(({ type }) => type)
    const [prices, history] = await Promise.all([
      all.length > 0 ? ec2.spotPrices(namesOf(all), nowMs, nowMs) : [],
      wanted.length > 0 ? readHistory(wanted, nowMs, ec2) : [],
    ])
    const rows = { region, types: types.rows, prices, history: history ?? [] }
    const { offers, warnings } = awsSpotOffers(rows, { nowMs, observedAtMs: clock.now() })
    const evidence = [...types.evidence, ...ec2.evidence.slice(before)]
    return { offers, evidence, warnings: [...warnings, ...(history ? [] : ['price history could not be read'])] }
  }

  // Volatility is worth having, but neither failing nor waiting for.
  function readHistory(types: readonly string[], nowMs: number, ec2: Ec2): Promise<unknown[] | undefined> {
    const limit = { clock, signal: new AbortController().signal, timeoutMs: timeoutMs / 2, timeout: tooSlow() }
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
      const given = options.regions
      const regions = given.length > 0 ? given : await inRegion('us-east-1', signal, (ec2) => ec2.regions())
      const settled = await Promise.allSettled(
        regions.map((region) => inRegion(region, signal, (ec2) => readRegion(region, ask, ec2))),
      )
      signal.throwIfAborted()
      const read = settled.flatMap((result, index) =>
        result.status === 'fulfilled' ? [{ region: regions[index], ...result.value }] : [],
      )
      const failed = settled.flatMap((result, index) =>
        result.status === 'rejected' ? [{ region: regions[index], reason: result.reason as unknown }] : [],
      )
      if (read.length === 0 && failed[0]) throw failed[0].reason
      const warnings = read.flatMap(({ region, warnings: own }) => own.map((text) => `${region}: ${text}`))
      return {
        offers: read.flatMap(({ offers }) => offers),
        evidence: read.flatMap(({ evidence }) => evidence),
        warnings,
        ...(failed.length > 0 ? { partial: failed.map(failureText).join('; ') } : {}),
      }
    },
  }
}

const namesOf = (types: readonly { type: string }[]) => types.map(({ type }) => type)

function failureText({ region, reason }: { region: string | undefined; reason: unknown }): string {
  return `${region} is missing: ${reason instanceof NectoError ? reason.message : 'It could not be read.'}`
}

const off = 'AWS Spot prices'
export const provider = defineProvider({
  id: 'aws-spot',
  settings: [
    optional('AWS_ACCESS_KEY_ID', text, 'AWS credentials for spot prices (read only); without them AWS Spot is off', {
      secret: true,
      off,
    }),
    optional('AWS_SECRET_ACCESS_KEY', text, 'Second half of the AWS credentials', { secret: true, off }),
    setting(
      'AWS_REGIONS',
      list,
      'AWS regions to read; empty = all that the account may use',
      'us-east-1,us-west-2,eu-west-1',
    ),
    optional('AWS_ENDPOINT_URL_EC2', url, 'Another EC2 endpoint (read by the SDK itself)'),
  ],
  create({ clock, settings }) {
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = settings
    return createAwsSpotProvider({
      clock,
      regions: settings.AWS_REGIONS,
      credentials: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined,
      endpoint: settings.AWS_ENDPOINT_URL_EC2,
    })
  },
})
