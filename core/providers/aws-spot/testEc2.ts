// For tests: EC2's query protocol on loopback with fixed rows, paging after two, misbehaving as told.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type Fault, RETRY_AFTER_SECONDS } from '../providerSuite.ts'

interface TypeRow {
  readonly type: string
  readonly name: string
  readonly maker?: string
  readonly count: number
  readonly mib: number
  readonly spot?: boolean
  readonly arm?: boolean
}
interface PriceRow {
  readonly type: string
  readonly zone: string
  readonly usd: string
  readonly at: string
}
export interface TestRegion {
  readonly types: readonly TypeRow[]
  readonly prices: readonly PriceRow[]
  readonly history?: readonly PriceRow[]
}

const typeXml = ({ type, name, maker = 'NVIDIA', count, mib, spot = true, arm = false }: TypeRow) =>
  `<item><instanceType>${type}</instanceType><supportedUsageClasses><item>on-demand</item>${
    spot ? '<item>spot</item>' : ''
  }</supportedUsageClasses><processorInfo><supportedArchitectures><item>${
    arm ? 'arm64' : 'x86_64'
  }</item></supportedArchitectures></processorInfo><gpuInfo><gpus><item><name>${name}</name><manufacturer>${maker}</manufacturer><count>${count}</count><memoryInfo><sizeInMiB>${mib}</sizeInMiB></memoryInfo></item></gpus></gpuInfo></item>`

const priceXml = ({ type, zone, usd, at }: PriceRow) =>
  `<item><instanceType>${type}</instanceType><productDescription>Linux/UNIX</productDescription><spotPrice>${usd}</spotPrice><timestamp>${at}</timestamp><availabilityZone>x</availabilityZone><availabilityZoneId>${zone}</availabilityZoneId></item>`

const responseXml = (action: string, inner: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>${inner}</${action}Response>`

const errorXml = (code: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${code}</Code><Message>${code}</Message></Error></Errors><RequestID>r</RequestID></Response>`

/**
 * Serves the regions by name. `fail` gives an error code to a region, `hang` lets one never answer; `calls` tells what
 * was asked, in order, `sent` the very bodies of
 * what went well, `tokens` the session tokens seen.
 */
export async function startTestEc2(regions: Record<string, TestRegion>) {
  let fault: Fault | undefined
  let reached = Promise.withResolvers<void>()
  const failing = new Map<string, string>()
  const hanging = new Set<string>()
  const calls: string[] = []
  const sent: string[] = []
  const tokens = new Set<string>()
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const form = new URLSearchParams(await text(request))
    const action = form.get('Action') ?? ''
    const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? ''
    calls.push(`${region} ${action}`)
    const token = request.headers['x-amz-security-token']
    if (typeof token === 'string') tokens.add(token)
    reached.resolve()
    const code = failing.get(region)
    if (fault === 'slow' || hanging.has(region)) return
    if (fault === 'down') return response.destroy()
    if (fault === 'page') return response.writeHead(200, { 'content-type': 'text/html' }).end('<html><p>hi</p></html>')
    if (fault === 'busy') {
      const headers = { 'retry-after': `${RETRY_AFTER_SECONDS}` }
      return response.writeHead(503, headers).end(errorXml('RequestLimitExceeded'))
    }
    if (code !== undefined) return response.writeHead(code === 'RequestLimitExceeded' ? 503 : 401).end(errorXml(code))
    if (fault === 'broken') return response.end(responseXml(action, ''))
    const body = responseXml(action, reply(action, form, regions[region] ?? { types: [], prices: [] }))
    if (fault === undefined) sent.push(body)
    return response.end(fault === 'cut' ? body.slice(0, -40) : body)
  }

  function reply(action: string, form: URLSearchParams, region: TestRegion): string {
    if (action === 'DescribeRegions') {
      const item = (name: string, status: string) =>
        `<item><regionName>${name}</regionName><optInStatus>${status}</optInStatus></item>`
      const names = Object.keys(regions).map((name) => item(name, 'opt-in-not-required'))
      // EC2 does not list these unless asked to.
      names.push(item('ap-east-1', 'not-opted-in'))
      return `<regionInfo>${names.join('')}</regionInfo>`
    }
    const from = Number(form.get('NextToken') ?? 0)
    const page = (set: string, items: string[]) => {
      const next = from + 2 < items.length ? `<nextToken>${from + 2}</nextToken>` : '<nextToken/>'
      return `<${set}>${items.slice(from, from + 2).join('')}</${set}>${next}`
    }
    const rows = fault === 'empty' ? [] : region.types
    if (action === 'DescribeInstanceTypes') return page('instanceTypeSet', rows.map(typeXml))
    const wanted = [...form].filter(([key]) => key.startsWith('InstanceType.')).map(([, value]) => value)
    const all = form.get('StartTime') === form.get('EndTime') ? region.prices : (region.history ?? [])
    const broken = (row: PriceRow, index: number) => (fault === 'rows' && index > 1 ? { ...row, usd: 'n/a' } : row)
    return page(
      'spotPriceHistorySet',
      all
        .map(broken)
        .filter(({ type }) => wanted.includes(type))
        .map(priceXml),
    )
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    sent: () => sent,
    tokens: () => [...tokens],
    fail(region: string, code: string) {
      failing.set(region, code)
    },
    hang(region: string) {
      hanging.add(region)
    },
    setFault(next: Fault) {
      fault = next
      reached = Promise.withResolvers<void>()
    },
    reached: () => reached.promise,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
