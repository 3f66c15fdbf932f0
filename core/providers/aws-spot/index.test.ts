// AWS Spot held to the rules of every provider: the unmodified SDK over real sockets.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock, systemClock } from '../../clock.ts'
import { testAsk } from '../../market/testMarket.ts'
import { describeProvider } from '../providerSuite.ts'
import { createAwsSpotProvider } from './index.ts'
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
    const { offers } = await provider.offers(testAsk(), live())
    expect(rig.calls()[0]).toBe('us-east-1 DescribeRegions')
    expect(offers).toHaveLength(4)
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
