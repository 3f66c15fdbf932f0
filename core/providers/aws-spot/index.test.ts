// AWS Spot held to the rules of every provider: the unmodified SDK over real sockets.
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Clock, createManualClock, systemClock } from '../../clock.ts'
import { testAsk } from '../../market/testMarket.ts'
import { describeProvider } from '../providerSuite.ts'
import { provider as awsSpot, createAwsSpotProvider } from './index.ts'
import { startTestEc2, type TestRegion } from './testEc2.ts'

const day = 86_400_000
const ago = (days: number) => new Date(Date.now() - days * day).toISOString()
const h100 = { type: 'p5.48xlarge', name: 'H100', count: 8, mib: 81_920 }
const unknown = { type: 'g9.xlarge', name: 'R9', count: 1, mib: 24_576 }
const l4 = { type: 'g6.xlarge', name: 'L4', count: 1, mib: 22_888 }
const price = (type: string, zone: string, usd: string, days = 1) => ({ type, zone, usd, at: ago(days) })

const regions: Record<string, TestRegion> = {
  'us-east-1': {
    types: [h100, unknown, l4, { ...l4, type: 'g6.arm', arm: true }, { ...l4, type: 'gaudi', maker: 'Habana' }],
    prices: [
      price('p5.48xlarge', 'use1-az1', '19.2'),
      price('p5.48xlarge', 'use1-az2', '21'),
      price('g9.xlarge', 'use1-az1', '0.3'),
      price('g6.xlarge', 'use1-az1', '0.25'),
    ],
    history: [
      price('p5.48xlarge', 'use1-az1', '19.2', 1),
      price('p5.48xlarge', 'use1-az1', '20', 5),
      price('p5.48xlarge', 'use1-az1', '18', 20),
    ],
  },
  'eu-west-1': { types: [h100], prices: [price('p5.48xlarge', 'euw1-az3', '24')] },
}
const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret-of-the-test' }

async function start() {
  const ec2 = await startTestEc2(regions)
  const options = {
    clock: systemClock,
    credentials,
    regions: ['us-east-1', 'eu-west-1'],
    endpoint: ec2.url,
    timeoutMs: 60_000,
  }
  const setFault: typeof ec2.setFault = (fault) =>
    fault === 'part' ? ec2.fail('eu-west-1', 'AuthFailure') : ec2.setFault(fault)
  return { ...ec2, setFault, options, provider: createAwsSpotProvider(options) }
}

describeProvider('aws-spot', { start })

describe('PROV-03', () => {
  let rig: Awaited<ReturnType<typeof start>>
  beforeEach(async () => {
    rig = await start()
  })
  afterEach(() => rig.stop())
  const live = () => new AbortController().signal

  test('several regions, whole pages, the cheapest zone and its volatility', async () => {
    const { offers, evidence } = await rig.provider.offers(testAsk(), live())
    expect(offers.map(({ id }) => id)).toEqual([
      'aws-spot:us-east-1/p5.48xlarge',
      'aws-spot:us-east-1/g9.xlarge',
      'aws-spot:us-east-1/g6.xlarge',
      'aws-spot:eu-west-1/p5.48xlarge',
    ])
    expect(offers[0]).toMatchObject({
      price: { unit: { per: 'node', usdPerHour: 19_200_000n, gpus: 8 }, volatility: { bps: expect.any(Number) } },
      region: ['na', 'us', 'us-east-1', 'use1-az1'],
    })
    expect(offers[3]?.price).not.toHaveProperty('volatility')
    const asked = evidence.map(({ url }) => new URL(url).search)
    // Five types and four prices at two a page, three changes; and one page each in the other region.
    expect(asked.filter((search) => search === '?Action=DescribeInstanceTypes')).toHaveLength(3 + 1)
    expect(asked.filter((search) => search === '?Action=DescribeSpotPriceHistory')).toHaveLength(2 + 2 + 1 + 1)
  })

  test('types are read once an hour, prices each time', async () => {
    const clock = createManualClock(Date.now())
    const provider = createAwsSpotProvider({ ...rig.options, regions: ['eu-west-1'], clock })
    const types = () => rig.calls().filter((call) => call.endsWith('DescribeInstanceTypes')).length
    await provider.offers(testAsk(), live())
    const { evidence } = await provider.offers(testAsk(), live())
    expect(types()).toBe(1)
    expect(evidence).toHaveLength(3)
    await clock.tick(3_600_000)
    await provider.offers(testAsk(), live())
    expect(types()).toBe(2)
    expect(rig.calls().filter((call) => call.endsWith('DescribeSpotPriceHistory'))).toHaveLength(6)
  })

  test('a region that fails is named, and all failing is a failure', async () => {
    rig.fail('eu-west-1', 'AuthFailure')
    const { partial } = await rig.provider.offers(testAsk(), live())
    expect(partial).toBe('eu-west-1 is missing: AWS refused the credentials (AuthFailure).')
    rig.fail('us-east-1', 'UnauthorizedOperation')
    const failure = { code: 'aws-spot.refused', retry: 'never' }
    await expect(rig.provider.offers(testAsk(), live())).rejects.toMatchObject(failure)
  })

  test('without a list of regions it asks which there are', async () => {
    const provider = createAwsSpotProvider({ ...rig.options, regions: [] })
    const { offers, evidence, partial } = await provider.offers(testAsk(), live())
    expect(rig.calls()[0]).toBe('us-east-1 DescribeRegions')
    expect(offers).toHaveLength(4)
    expect(partial).toBeUndefined()
    // The list is kept, with where it came from.
    const again = await provider.offers(testAsk(), live())
    expect(rig.calls().filter((call) => call.endsWith('DescribeRegions'))).toHaveLength(1)
    for (const batch of [evidence, again.evidence]) {
      expect(batch[0]?.url).toContain('?Action=DescribeRegions')
    }
  })

  test('no list of regions is the default, and temporary credentials are whole', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'ASIATEST', AWS_SECRET_ACCESS_KEY: 'x', AWS_ENDPOINT_URL_EC2: rig.url }
    const offersWith = (more: Record<string, string>) =>
      awsSpot
        .create({ clock: systemClock, listings: async () => [], env: { ...env, ...more } })
        .offers(testAsk(), live())
    expect((await offersWith({ AWS_SESSION_TOKEN: 'token-of-the-test' })).offers).toHaveLength(4)
    expect(rig.tokens()).toEqual(['token-of-the-test'])
    const { offers } = await offersWith({ AWS_REGIONS: 'eu-west-1' })
    expect(offers.map(({ id }) => id)).toEqual(['aws-spot:eu-west-1/p5.48xlarge'])
  })

  test('the evidence is the digest of the very bytes that were sent, of what went well', async () => {
    rig.fail('eu-west-1', 'AuthFailure')
    const provider = createAwsSpotProvider({ ...rig.options, regions: [] })
    const { evidence } = await provider.offers(testAsk(), live())
    const digest = (body: string) => createHash('sha256').update(body).digest('hex')
    const told = evidence.map(({ sha256, byteLength, status }) => `${sha256} ${byteLength} ${status}`)
    expect(told.length).toBeGreaterThan(5)
    expect(told.sort()).toEqual(
      rig
        .sent()
        .map((body) => `${digest(body)} ${Buffer.byteLength(body)} 200`)
        .sort(),
    )
  })

  test('a region too slow is named when the time for all is over, which finding the regions takes from', async () => {
    rig.hang('eu-west-1')
    const waits: { ms: number; over: boolean; end: () => void }[] = []
    const startedMs = Date.now()
    const clock: Clock = {
      // Asking which regions there are took a second.
      now: () => startedMs + 1_000 * rig.calls().filter((call) => call.endsWith('DescribeRegions')).length,
      sleep: (ms, signal) =>
        new Promise((end) => {
          const wait = { ms, over: false, end }
          waits.push(wait)
          signal?.addEventListener('abort', () => {
            wait.over = true
          })
        }),
    }
    const provider = createAwsSpotProvider({ ...rig.options, regions: [], clock, timeoutMs: 5_000 })
    const reading = provider.offers(testAsk(), live())
    const open = () => waits.filter(({ over }) => !over)
    // Until all but the region that hangs have ended their waits.
    while (waits.length < 4 || open().length > 1) await setImmediate()
    expect(waits.map(({ ms }) => ms)).toEqual([5_000, 4_000, 4_000, 2_000])
    for (const { end } of open()) end()
    const { partial, offers } = await reading
    expect(partial).toBe('eu-west-1 is missing: AWS did not answer within 5 s.')
    expect(offers).toHaveLength(3)
  })

  test('regions with the same to say say it together', async () => {
    const regions = ['us-east-1', 'eu-west-1', 'ap-east-1', 'me-south-1']
    for (const region of regions.slice(2)) rig.fail(region, 'AuthFailure')
    const provider = createAwsSpotProvider({ ...rig.options, regions })
    const { partial } = await provider.offers(testAsk(), live())
    expect(partial).toBe('ap-east-1, me-south-1 are missing: AWS refused the credentials (AuthFailure).')
  })

  test('asked to wait without saying for how long, it is busy all the same', async () => {
    for (const region of rig.options.regions) rig.fail(region, 'RequestLimitExceeded')
    const busy = { code: 'http.busy', retryAfterMs: undefined }
    await expect(rig.provider.offers(testAsk(), live())).rejects.toMatchObject(busy)
    // The SDK tries once more by itself.
    expect(rig.calls()).toHaveLength(4)
  })

  test("the endpoint is the SDK's own setting", async () => {
    process.env.AWS_ENDPOINT_URL_EC2 = rig.url
    try {
      const { endpoint: _, ...options } = rig.options
      const { offers } = await createAwsSpotProvider(options).offers(testAsk(), live())
      expect(offers).toHaveLength(4)
    } finally {
      delete process.env.AWS_ENDPOINT_URL_EC2
    }
  })

  test('without credentials it says which are missing', () => {
    const provider = createAwsSpotProvider({ ...rig.options, credentials: undefined })
    expect(provider.missing).toBe('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
    expect(rig.provider).not.toHaveProperty('missing')
  })

  test('asks of one family share an answer, because volatility is of that family', () => {
    expect(rig.provider.cacheKey?.(testAsk())).toBe(rig.provider.cacheKey?.(testAsk({ gpuCount: 4 })))
    expect(rig.provider.cacheKey?.(testAsk())).not.toBe(rig.provider.cacheKey?.(testAsk({ gpu: { family: 'l4' } })))
  })
})
