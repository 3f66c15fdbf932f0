// Necto's own providers reading the stand-ins over their real protocols: Akash over REST, EC2 through AWS's SDK.
import {
  DescribeInstanceTypesCommand,
  type DescribeInstanceTypesCommandInput,
  DescribeSpotPriceHistoryCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import { afterEach, describe, expect, test } from 'vitest'
import { type Clock, createManualClock } from '../../../core/clock.ts'
import type { Offer } from '../../../core/market/offer.ts'
import { type Finished, scan } from '../../../core/market/scan.ts'
import { testAsk } from '../../../core/market/testMarket.ts'
import { parseUsd } from '../../../core/money.ts'
import { createProviders, providerModules } from '../../../core/providers/registry.ts'
import { startProviders, type WorldProviders } from './startProviders.ts'

const nowMs = Date.parse('2026-11-22T12:00:00Z')

const running: WorldProviders[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((world) => world.stop()))
})

async function world(more: Partial<Parameters<typeof startProviders>[0]> = {}) {
  const started = await startProviders({ seed: 'test', clock: createManualClock(nowMs), delayMs: [0, 0], ...more })
  running.push(started)
  return started
}

/** What the registry's providers make of the world. Time stands still; the deadline comes when only `late` is missing. */
async function read(from: WorldProviders, late?: string): Promise<Finished> {
  const deadlineMs = 6_000
  const deadline = Promise.withResolvers<void>()
  const clock: Clock = {
    now: () => nowMs,
    sleep: (ms) => (ms === deadlineMs ? deadline.promise : new Promise(() => undefined)),
  }
  const providers = createProviders({
    clock,
    env: from.env,
    listings: async () => [],
  })
  const options = { providers, ask: testAsk(), clock, deadlineMs, signal: new AbortController().signal }
  const answered = new Set<string>()
  for await (const event of scan(options)) {
    if (event.kind === 'answered') answered.add(event.provider)
    if (late && providers.every(({ id }) => id === late || answered.has(id))) deadline.resolve()
    if (event.kind === 'finished') return event
  }
  throw new Error('the scan did not finish')
}

const usdOf = (offers: readonly Offer[], id: string) => {
  const price = offers.find((offer) => offer.id === id)?.price
  return price && 'unit' in price ? price.unit.usdPerHour : undefined
}

/** The offer that a series of the stand-ins' prices becomes. */
const OFFER_ID: Record<string, (rest: string) => string> = {
  akash: (rest) => `akash:nvidia/${rest.toLowerCase()}`,
  ec2: (rest) => `aws-spot:${rest}`,
  dispersed: (rest) => `render:dispersed/${rest}`,
}

describe('BUYER-02 a scan of the stand-ins', () => {
  test('gives every price as it stands, in its unit', async () => {
    const from = await world()
    const { offers, answered, absent } = await read(from)
    expect(absent).toEqual([])
    const whole = providerModules.map(({ id }) => [id, undefined])
    expect(answered.map(({ provider, partial }) => [provider, partial])).toEqual(whole)
    // Every other stand-in's own test reads its series.
    const prices = Object.entries(from.prices()).filter(([series]) => (series.split('/')[0] ?? '') in OFFER_ID)
    expect(prices.length).toBeGreaterThan(45)
    const seen = prices.map(([series, usd]) => {
      const [provider = '', ...rest] = series.split('/')
      const id = OFFER_ID[provider]?.(rest.join('/')) ?? series
      return [id, usdOf(offers, id) === parseUsd(String(usd))]
    })
    // Arm hosts, fractions of a GPU, accelerators that are none and hosts without any are for sale, and not for us.
    const wrong = seen.filter(([, right]) => !right).map(([id]) => String(id).replace('aws-spot:', ''))
    expect(wrong).toEqual([
      'us-east-1/g5g.xlarge',
      'us-east-1/g6f.xlarge',
      'us-east-1/dl1.24xlarge',
      'us-east-2/g5g.xlarge',
      'us-west-2/g5g.xlarge',
      'us-west-2/g6f.xlarge',
      'eu-west-1/g5g.xlarge',
      'render:dispersed/cpu-1x-us-west-2',
    ])
  })

  test('reads the quirks: one GPU of eight, a name that says nothing, what is taken, what is unknown', async () => {
    const { offers, answered } = await read(await world())
    const find = (id: string) => offers.find((offer) => offer.id === id)
    expect(find('aws-spot:us-east-1/p5.4xlarge')).toMatchObject({ gpusPerNode: 1, gpu: { id: 'h100-80gb-sxm' } })
    expect(find('aws-spot:us-east-1/p5en.48xlarge')).toMatchObject({ gpusPerNode: 8, gpu: { id: 'h200-141gb-sxm' } })
    expect(find('aws-spot:us-east-1/p4de.24xlarge')).toBeUndefined()
    expect(find('akash:nvidia/rtx5090m/24gi/pcie')).toMatchObject({ freeGpus: 0 })
    expect(find('akash:nvidia/gtx1070ti/8gi/pcie')).not.toHaveProperty('gpu')
    expect(answered.find(({ provider }) => provider === 'akash')?.warnings).toEqual([
      '1 row left out: no price',
      '1 unknown GPU, not routed to: gtx1070ti 8Gi PCIe',
    ])
  })

  test('PROV-03 reads every family of every region that the account has, unless told which', async () => {
    const from = await world()
    const { offers, answered } = await read(from)
    const ofAws = (list: readonly Offer[]) => list.filter(({ provider }) => provider === 'aws-spot')
    const regionsOf = (list: readonly Offer[]) => [...new Set(ofAws(list).map(({ id }) => id.split(/[:/]/)[1]))]
    expect(regionsOf(offers)).toEqual(['us-east-1', 'us-east-2', 'us-west-2', 'eu-west-1'])
    expect(answered.find(({ provider }) => provider === 'aws-spot')?.batch.evidence[0]?.url).toMatch(
      /=DescribeRegions$/,
    )
    expect([...new Set(ofAws(offers).map(({ gpu }) => gpu?.id))].sort()).toEqual([
      'a100-40gb-sxm',
      'a10g-24gb-pcie',
      'b200-180gb-sxm',
      'h100-80gb-sxm',
      'h200-141gb-sxm',
      'l4-24gb-pcie',
      'l40s-48gb-pcie',
      'rtxpro6000-96gb-pcie',
      't4-16gb-pcie',
      'v100-16gb-sxm',
      'v520-8gb-pcie',
    ])
    const some = await read({ ...from, env: { ...from.env, AWS_REGIONS: 'us-west-2, eu-west-1' } })
    expect(regionsOf(some.offers)).toEqual(['us-west-2', 'eu-west-1'])
  })

  test('PROV-03 a region that the account has not opened is named, the others are read', async () => {
    const from = await world()
    const { offers, answered } = await read({ ...from, env: { ...from.env, AWS_REGIONS: 'eu-west-1,ap-east-1' } })
    const partial = 'ap-east-1 is missing: AWS refused the credentials (AuthFailure).'
    expect(answered.find(({ provider }) => provider === 'aws-spot')).toMatchObject({ partial })
    expect(offers.some(({ id }) => id.startsWith('aws-spot:eu-west-1/'))).toBe(true)
  })

  test('PRICE-02 carries volatility for the asked family only', async () => {
    const { offers } = await read(await world())
    const volatile = offers.filter(({ provider, price }) => provider === 'aws-spot' && 'volatility' in price)
    expect(new Set(volatile.map(({ gpu }) => gpu?.family))).toEqual(new Set(['h100']))
    for (const { price } of volatile) {
      if (price.model !== 'spot') throw new Error('not a spot price')
      expect(price.volatility?.bps).toBeGreaterThan(0)
      expect(price.volatility?.bps).toBeLessThan(1_000)
    }
  })

  test('short pages make no difference', async () => {
    const [long, short] = [await world(), await world({ ec2PageSize: 40 })]
    const [a, b] = [await read(long), await read(short)]
    expect(b.offers).toEqual(a.offers)
    expect(short.requests('ec2').length).toBeGreaterThan(long.requests('ec2').length)
  })

  test('the same seed gives the same market, whatever was asked before', async () => {
    const [first, second, other] = [await world(), await world(), await world({ seed: 'other' })]
    await read(second)
    expect(second.prices()).toEqual(first.prices())
    expect(other.prices()).not.toEqual(first.prices())
  })

  test('a price that is set is the price', async () => {
    const from = await world()
    expect(() => from.setPrice('ec2/us-east-1/nothing', 8)).toThrow('no such series')
    from.setPrice('akash/h100/80Gi/SXM5', 1.11)
    from.setPrice('ec2/us-west-2/p5.48xlarge', 8)
    const { offers } = await read(from)
    expect(usdOf(offers, 'akash:nvidia/h100/80gi/sxm5')).toBe(1_110_000n)
    expect(usdOf(offers, 'aws-spot:us-west-2/p5.48xlarge')).toBe(8_000_000n)
  })
})

describe('faults', () => {
  test.each([
    [{ kind: 'down' }, 'It could not be reached.'],
    [{ kind: 'busy', retryAfterSeconds: 30 }, 'It is busy and asks to try again in 30 s.'],
    [{ kind: 'html' }, 'It answered with something that is not data.'],
    [{ kind: 'truncated' }, 'It answered with something that is not data.'],
  ] as const)('akash %j', async (fault, reason) => {
    const from = await world()
    from.faults.set('akash', fault)
    expect((await read(from)).absent).toMatchObject([{ kind: 'failed', provider: 'akash', reason }])
    from.faults.clear()
    expect((await read(from)).absent).toEqual([])
  })

  test.each([
    [{ kind: 'down' }, 'AWS could not be read.'],
    [{ kind: 'busy' }, 'It is busy and asks to try again later.'],
    [{ kind: 'html' }, 'AWS answered in a form Necto does not know.'],
    [{ kind: 'truncated' }, 'AWS answered in a form Necto does not know.'],
  ] as const)('ec2 %j', async (fault, reason) => {
    const from = await world()
    from.faults.set('ec2', fault)
    expect((await read(from)).absent).toMatchObject([{ kind: 'failed', provider: 'aws-spot', reason }])
  })

  test('one EC2 region failing makes a partial answer that names it', async () => {
    const from = await world()
    from.faults.failRegion('eu-west-1')
    const { answered, offers } = await read(from)
    const partial = 'eu-west-1 is missing: AWS refused the credentials (AuthFailure).'
    expect(answered.find(({ provider }) => provider === 'aws-spot')).toMatchObject({ partial })
    expect(offers.some(({ id }) => id.startsWith('aws-spot:us-west-2/'))).toBe(true)
  })

  test('a slow provider is named as late and does not hold up the others', async () => {
    const from = await world()
    from.faults.set('akash', { kind: 'slow', delayMs: 60_000 })
    const { absent, answered } = await read(from, 'akash')
    expect(absent).toMatchObject([{ kind: 'late', provider: 'akash' }])
    expect(answered).toHaveLength(providerModules.length - 1)
  })
})

describe("EC2's protocol", () => {
  async function open() {
    const { env } = await world({ ec2PageSize: 2 })
    const endpoint = env.AWS_ENDPOINT_URL_EC2 ?? ''
    const credentials = { accessKeyId: env.AWS_ACCESS_KEY_ID ?? '', secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '' }
    const client = new EC2Client({ region: 'us-east-1', endpoint, credentials, maxAttempts: 1 })
    return { client, endpoint, credentials }
  }

  test('a token is good only for the request that it continues', async () => {
    const { client } = await open()
    const Filters = [{ Name: 'instance-type', Values: ['g4dn*'] }]
    const { InstanceTypes } = await client.send(new DescribeInstanceTypesCommand({ Filters, MaxResults: 100 }))
    expect(InstanceTypes?.map((row) => row.InstanceType)).toEqual(['g4dn.xlarge', 'g4dn.metal'])
    const all = await client.send(new DescribeInstanceTypesCommand({ MaxResults: 100 }))
    expect(all.NextToken).toMatch(/./)
    const wrong = new DescribeInstanceTypesCommand({ Filters, MaxResults: 100, NextToken: all.NextToken })
    await expect(client.send(wrong)).rejects.toMatchObject({ name: 'InvalidNextToken' })
  })

  test('limits and unknown names are refused as EC2 refuses them', async () => {
    const { client } = await open()
    const types = (input: DescribeInstanceTypesCommandInput) => client.send(new DescribeInstanceTypesCommand(input))
    await expect(types({ MaxResults: 4 })).rejects.toMatchObject({ name: 'InvalidParameterValue' })
    await expect(types({ Filters: [{ Name: 'colour', Values: ['*'] }] })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    })
    await expect(types({ InstanceTypes: ['p5.48xlarge'], MaxResults: 100 })).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
    })
    const prices = new DescribeSpotPriceHistoryCommand({ InstanceTypes: ['m1.small'] })
    await expect(client.send(prices)).rejects.toMatchObject({ name: 'InvalidParameterValue' })
  })

  test('a region that does not exist, and a request without a signature, are refused', async () => {
    const { endpoint, credentials } = await open()
    const elsewhere = new EC2Client({ region: 'mars-1', endpoint, credentials, maxAttempts: 1 })
    const failure = { name: 'AuthFailure', $metadata: { httpStatusCode: 401 } }
    await expect(elsewhere.send(new DescribeInstanceTypesCommand({}))).rejects.toMatchObject(failure)
    const bare = await fetch(endpoint, { method: 'POST', body: 'Action=DescribeRegions&Version=2016-11-15' })
    expect(bare.status).toBe(401)
  })
})
