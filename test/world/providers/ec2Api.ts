// EC2's query protocol: parameters, filters, paging and errors as EC2's; what is about instances is in a file of its own.
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { EC2_REGIONS, EC2_TYPES, type Ec2Region, type Ec2Type } from './catalog.ts'
import { filtersOf, listOf } from './ec2Form.ts'
import { answerImds, describeInstances, runInstances, terminateInstances } from './ec2Instances.ts'
import type { Ec2Machines } from './ec2Machines.ts'
import { answerQuotas } from './ec2Quotas.ts'
import { ec2Error, ec2Reply, type Xml } from './ec2Xml.ts'
import { createMarketPrices, ec2Series, type MarketPrices } from './marketPrices.ts'
import type { StandIn, StandInContext } from './standIn.ts'
import { type Reply, startStandInServer } from './standInServer.ts'

interface Ec2State {
  readonly prices: MarketPrices
  readonly machines: Ec2Machines
  /** Where an instance finds its metadata service. */
  readonly imdsUrl: (id: string) => string
  readonly nowMs: number
  /** Regions that answer with this error code. */
  readonly failing: ReadonlyMap<string, string>
  /** Rows on one page at most, whatever was asked for. */
  readonly pageSize: number
}

const HISTORY_MS = 90 * 86_400_000

const ec2Busy = (): Reply => ec2Error(503, 'RequestLimitExceeded', 'Request limit exceeded.')

/** Starts it on a free port; it takes any credentials. */
export async function startEc2(
  context: StandInContext & Pick<Ec2State, 'failing' | 'pageSize' | 'machines'>,
): Promise<StandIn> {
  const { clock, failing, pageSize, machines } = context
  const market = createMarketPrices(context)
  const imdsUrl = (id: string) => `${server.url}/imds/${id}`
  const server = await startStandInServer({
    delayMs: context.delay('ec2', [150, 300]),
    answer(request, body) {
      const [, id, route] = /^\/imds\/([^/]+)\/(.*)$/.exec(request.url ?? '') ?? []
      if (id && route) return answerImds({ method: request.method ?? '', route, machine: machines.find(id) })
      const quota = answerQuotas(request, body, machines)
      if (quota) return quota
      return answerEc2(request, body, { prices: market, nowMs: clock.now(), failing, pageSize, machines, imdsUrl })
    },
    busy: ec2Busy,
  })
  return {
    name: 'ec2',
    server,
    env: {
      AWS_ENDPOINT_URL_EC2: server.url,
      AWS_ENDPOINT_URL_SERVICE_QUOTAS: server.url,
      AWS_ACCESS_KEY_ID: 'AKIASTANDIN',
      AWS_SECRET_ACCESS_KEY: 'not-a-secret',
    },
    prices() {
      const nowMs = clock.now()
      const ofRegion = ({ region, zones }: Ec2Region) =>
        EC2_TYPES.filter(({ regions, unpriced }) => regions.includes(region) && !unpriced).map(({ type }) => {
          const now = zones.flatMap(({ id }) => market.ec2Points({ region, zone: id, type }, nowMs, nowMs).slice(-1))
          return [ec2Series(region, type), Math.min(...now.map(({ usd }) => usd))] as const
        })
      return Object.fromEntries(EC2_REGIONS.flatMap(ofRegion))
    },
  }
}

/** The region is told from the credential scope of the signature: one endpoint serves all. */
function answerEc2(request: IncomingMessage, body: string, state: Ec2State): Reply {
  const form = new URLSearchParams(body)
  const scope = /Credential=([^/,]+)\/\d{8}\/([a-z0-9-]+)\/ec2\/aws4_request/.exec(request.headers.authorization ?? '')
  if (!scope) return ec2Error(401, 'AuthFailure', 'AWS was not able to validate the provided access credentials')
  const region = EC2_REGIONS.find((known) => known.region === scope[2])
  const code = state.failing.get(scope[2] ?? '') ?? (region ? undefined : 'AuthFailure')
  if (code !== undefined || !region) {
    const status =
      code === 'RequestLimitExceeded' || code === 'InternalError' ? 503 : code === 'AuthFailure' ? 401 : 403
    return ec2Error(status, code ?? 'AuthFailure', `The request was refused in ${scope[2]}.`)
  }
  if (form.get('Version') !== '2016-11-15') return ec2Error(400, 'NoSuchVersion', 'The requested version is not valid.')
  const action = form.get('Action') ?? ''
  const run = ACTIONS[action]
  if (!run) return ec2Error(400, 'InvalidAction', `The action ${action} is not valid for this web service.`)
  if (state.machines.isDenied(action))
    return ec2Error(403, 'UnauthorizedOperation', 'You are not authorized to perform this operation.')
  return run({ form, region, state, action })
}

export interface Call {
  form: URLSearchParams
  region: Ec2Region
  state: Ec2State
  action: string
}
const ACTIONS: Record<string, (call: Call) => Reply> = {
  DescribeRegions: describeRegions,
  DescribeInstanceTypes: describeInstanceTypes,
  DescribeSpotPriceHistory: describeSpotPriceHistory,
  RunInstances: runInstances,
  DescribeInstances: describeInstances,
  TerminateInstances: terminateInstances,
}

function describeRegions({ form, action }: Call): Reply {
  const row = (regionName: string, optInStatus: string) => ({
    regionName,
    regionEndpoint: `ec2.${regionName}.amazonaws.com`,
    optInStatus,
  })
  const enabled = EC2_REGIONS.map(({ region }) => row(region, 'opt-in-not-required'))
  const others = form.get('AllRegions') === 'true' ? [row('ap-east-1', 'not-opted-in')] : []
  return ec2Reply(action, { regionInfo: [...enabled, ...others] })
}

function describeInstanceTypes(call: Call): Reply {
  const { form, region } = call
  const named = listOf(form, 'InstanceType')
  if (named.length > 0 && form.has('MaxResults')) {
    const message = 'The parameter MaxResults cannot be used with the parameter InstanceType'
    return ec2Error(400, 'InvalidParameterCombination', message)
  }
  const filters = filtersOf(form)
  const rows = EC2_TYPES.filter(({ regions }) => regions.includes(region.region))
    .filter(({ type }) => named.length === 0 || named.includes(type))
    .filter((row) => filters.every(({ name, values }) => values.some(like(FILTERED_TYPE[name]?.(row) ?? ''))))
  const unknown = filters.find(({ name }) => !FILTERED_TYPE[name])
  if (unknown) return badParameter(`The filter '${unknown.name}' is invalid`)
  return paged(call, { set: 'instanceTypeSet', rows: rows.map(typeXml), least: 5, most: 100 })
}

const FILTERED_TYPE: Record<string, ((row: Ec2Type) => string) | undefined> = {
  'instance-type': ({ type }) => type,
  'supported-usage-class': () => 'spot',
  'processor-info.supported-architecture': ({ arm }) => (arm ? 'arm64' : 'x86_64'),
}

function describeSpotPriceHistory(call: Call): Reply {
  const { form, region, state } = call
  const types = listOf(form, 'InstanceType')
  const unknown = types.find((type) => !EC2_TYPES.some((known) => known.type === type))
  if (unknown) return badParameter(`Invalid value '${unknown}' for InstanceType.`)
  if (form.has('Filter.1.Name')) return badParameter('Filters are not served here')
  const toMs = Math.min(dateOf(form.get('EndTime')) ?? state.nowMs, state.nowMs)
  const fromMs = Math.max(dateOf(form.get('StartTime')) ?? 0, state.nowMs - HISTORY_MS)
  const products = listOf(form, 'ProductDescription')
  const linux = products.length === 0 || products.includes('Linux/UNIX')
  const rows = EC2_TYPES.filter((row) => row.regions.includes(region.region))
    .filter(({ type }) => linux && (types.length === 0 || types.includes(type)))
    .flatMap(({ type }) => region.zones.map((zone) => ({ type, zone })))
    .filter(({ zone }) => [null, zone.name].includes(form.get('AvailabilityZone')))
    .flatMap(({ type, zone }) =>
      state.prices
        .ec2Points({ region: region.region, zone: zone.id, type }, fromMs, toMs)
        .map((point) => ({ type, zone, ...point })),
    )
    // The newest first, as EC2 lists them.
    .sort((a, b) => b.atMs - a.atMs)
    .map(({ type, zone, usd, atMs }) => ({
      instanceType: type,
      productDescription: 'Linux/UNIX',
      spotPrice: usd.toFixed(6),
      timestamp: new Date(atMs).toISOString(),
      availabilityZone: zone.name,
      availabilityZoneId: zone.id,
    }))
  return paged(call, { set: 'spotPriceHistorySet', rows, least: 1, most: 1000 })
}

const typeXml = (row: Ec2Type): Xml => ({
  instanceType: row.type,
  currentGeneration: true,
  supportedUsageClasses: ['on-demand', 'spot'],
  bareMetal: row.type.endsWith('.metal'),
  processorInfo: { supportedArchitectures: [row.arm ? 'arm64' : 'x86_64'] },
  vCpuInfo: { defaultVCpus: row.vcpus },
  memoryInfo: { sizeInMiB: row.hostMib },
  gpuInfo: {
    gpus: [
      {
        name: row.name,
        manufacturer: row.maker ?? 'NVIDIA',
        count: row.gpus,
        ...(row.share === undefined ? {} : { logicalGpuCount: row.gpus, gpuPartitionSize: row.share }),
        memoryInfo: { sizeInMiB: row.mib },
      },
    ],
    totalGpuMemoryInMiB: row.mib * row.gpus,
  },
})

/** A token is good only for the request that it continues, as EC2's are. */
function paged({ form, state, action }: Call, page: { set: string; rows: Xml[]; least: number; most: number }): Reply {
  const asked = Number(form.get('MaxResults') ?? page.most)
  if (!(asked >= page.least && asked <= page.most)) {
    return badParameter(`Value ( ${asked} ) for parameter maxResults is invalid.`)
  }
  const same = [...form].filter(([key]) => key !== 'NextToken').map((pair) => pair.join('='))
  const mark = createHash('sha256').update(same.join('&')).digest('base64url').slice(0, 16)
  const token = form.get('NextToken') || `${mark}.0`
  const [owner, from = ''] = token.split('.')
  if (owner !== mark || !/^\d+$/.test(from)) return ec2Error(400, 'InvalidNextToken', `Invalid token: ${token}`)
  const end = Number(from) + Math.min(asked, state.pageSize)
  const nextToken = end < page.rows.length ? `${mark}.${end}` : ''
  return ec2Reply(action, { [page.set]: page.rows.slice(Number(from), end), nextToken })
}

const badParameter = (message: string) => ec2Error(400, 'InvalidParameterValue', message)

/** EC2's wildcards: * for any text, ? for one letter. */
const like = (text: string) => (pattern: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(text)

function dateOf(text: string | null): number | undefined {
  const ms = Date.parse(text ?? '')
  return Number.isNaN(ms) ? undefined : ms
}
