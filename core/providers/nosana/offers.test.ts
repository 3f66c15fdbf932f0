// Nosana's list of markets to offers: whole hosts, the fee on top, what is left out and why.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { testAsk } from '../../market/testMarket.ts'
import { formatUsd } from '../../money.ts'
import { defaultPolicy } from '../../pricing/policy.ts'
import { priceOffer } from '../../pricing/priceOffer.ts'
import { marketRows, nosanaOffers, replayNosana } from './offers.ts'
import { emptyReply, healthyReply, marketRow, rowsReply } from './testReply.ts'

const at = 1_760_000_000_000
const read = (reply: unknown, idleHosts?: ReadonlyMap<string, number>) =>
  nosanaOffers(marketRows(reply), { observedAtMs: at, idleHosts })

describe('PROV-05 nosana', () => {
  test('a market is a host at its pay, the fee itemised', () => {
    expect(read(healthyReply).offers[0]).toEqual({
      id: 'nosana:nvidia-h100',
      provider: 'nosana',
      gpu: { id: 'h100-80gb-sxm', family: 'h100', memoryGib: 80, interface: 'sxm' },
      rawGpu: 'NVIDIA H100 80GB HBM3 (PREMIUM)',
      gpusPerNode: 1,
      price: { model: 'fixed', unit: { per: 'node', usdPerHour: 1_363_600n, gpus: 1 } },
      region: [],
      bookable: { no: expect.stringContaining('NOSANA_API_KEY') },
      runtimes: ['container'],
      fees: [{ label: 'network fee', bps: 1_000 }],
      minSeconds: 1,
      observedAtMs: at,
    })
  })

  test('a host of eight is priced as all of them', () => {
    const eight = read(healthyReply).offers.find(({ id }) => id === 'nosana:nvidia-8x-h100')
    expect(eight).toMatchObject({
      rawGpu: '8x NVIDIA H100 80GB HBM3 (OTHER)',
      gpusPerNode: 8,
      price: { unit: { per: 'node', usdPerHour: 18_200_000n, gpus: 8 } },
    })
  })

  test('no price and unknown GPUs are told, what is never for us is not', () => {
    const { offers, dropped, warnings } = read(healthyReply)
    expect(offers.find(({ id }) => id === 'nosana:nvidia-4090-community')).not.toHaveProperty('gpu')
    expect(dropped).toEqual([
      { row: 'nvidia-8x-a5000', reason: 'no price' },
      { row: 'nvidia-laptop', reason: 'a laptop market' },
      { row: 'sogni-4090', reason: 'a private market' },
    ])
    expect(warnings).toEqual([
      '1 row left out: no price',
      '1 unknown GPU, not routed to: NVIDIA GeForce RTX 4090 D or NVIDIA GeForce RTX 4090 (COMMUNITY)',
    ])
  })

  test('a market of several GPUs says that it is taken as the weakest', () => {
    const gpu_types = ['NVIDIA GeForce RTX 3060', 'NVIDIA GeForce RTX 3060 Ti']
    const { offers, warnings } = read([marketRow('nvidia-3060', { gpu_types, lowest_vram: 8 })])
    expect(offers).toMatchObject([{ gpu: { id: 'rtx3060-8gb-pcie' }, rawGpu: `${gpu_types.join(' or ')} (PREMIUM)` }])
    expect(warnings).toEqual(['1 market of several GPUs, taken as the weakest: nvidia-3060'])
  })

  test('broken rows are dropped, each with its reason', () => {
    const { offers, dropped } = read(rowsReply)
    expect(offers.map(({ id }) => id)).toEqual(['nosana:nvidia-h100'])
    expect(dropped.map(({ reason }) => reason)).toEqual([
      'not readable',
      'not readable',
      'not readable',
      'a price that is none',
      'a price that is none',
      'not readable',
      'listed twice',
    ])
  })

  test('idle hosts times their GPUs are free; an empty queue is none, an unknown one is unknown', () => {
    const [h100, community, eight] = healthyReply.map(({ address }) => address)
    const free = (hosts: [string | undefined, number][]) =>
      read(healthyReply, new Map(hosts.map(([address = '', count]) => [address, count]))).offers.map(
        ({ freeGpus }) => freeGpus,
      )
    expect(
      free([
        [h100, 0],
        [eight, 3],
      ]),
    ).toEqual([0, undefined, 24])
    expect(free([[community, 7]])).toEqual([undefined, 7, undefined])
  })

  test.each([
    [0, undefined],
    [10, 1_000],
    [2.5, 250],
    [0.07, 7],
    [12.345, 1_235],
  ])('a fee of %f %% is %s basis points', (network_fee_percentage, bps) => {
    const [offer] = read([marketRow('nvidia-h100', { network_fee_percentage })]).offers
    expect(offer?.fees?.[0]?.bps).toBe(bps)
  })

  test('a reply of another shape is refused', () => {
    expect(read(emptyReply).offers).toEqual([])
    for (const reply of [null, {}, { markets: [] }, [{ InstanceType: 'p5.48xlarge' }], 'NOT_FOUND']) {
      expect(() => read(reply)).toThrow(expect.objectContaining({ code: 'nosana.reply', retry: 'later' }))
    }
  })
})

/** What a job of one GPU pays for an hour of one host's GPU, fee included. */
function renterUsd(row: { slug: string; reward: number; gpus?: number }): string {
  const [offer] = read([marketRow(row.slug, { usd_reward_per_hour: row.reward })]).offers
  if (!offer) throw new Error('no offer')
  const ask = testAsk({ gpuCount: row.gpus ?? 1 })
  const priced = priceOffer({ offer, ask, tokens: [], policy: defaultPolicy, nowMs: at })
  return 'unpriced' in priced ? priced.unpriced : formatUsd(priced.usdPerGpuHour)
}

describe('PRICE-01 what a renter pays', () => {
  // Rewards of 2026-09-03 as nosana.com published them, and a community market's to its last digit.
  test.each([
    ['nvidia-3060-community', 0.0327, 1, '0.035970'],
    ['nvidia-3060', 0.0436, 1, '0.047960'],
    ['nvidia-4090-community', 0.218175, 1, '0.239993'],
    ['nvidia-4090', 0.2909, 1, '0.319990'],
    ['nvidia-5090', 0.3636, 1, '0.399960'],
    ['nvidia-h100', 1.3636, 1, '1.499960'],
    ['nvidia-8x-h100', 18.2, 8, '2.502500'],
    // Whoever uses one of the eight pays for all.
    ['nvidia-8x-h100', 18.2, 1, '20.020000'],
  ])('%s at %f for %i GPU(s) is %s', (slug, reward, gpus, expected) => {
    expect(renterUsd({ slug, reward, gpus })).toBe(expected)
  })
})

// Recordings are kept outside the project; where they are not at hand these say "skipped".
const sample = (name: string) => resolve('../shared/samples', name)
const official = sample('nosana_prices_official_snapshot_2026-09-03.json')
const displayed = sample('nosana_market_addresses_snapshot.json')
const schema = sample('nosana_markets_SYNTHETIC_from_schema.json')
const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'))

test.skipIf(![official, displayed].every(existsSync))(
  'PROV-05 published rewards with the fee are the prices that a client displayed',
  () => {
    const rewards: { name: string; usd_reward_per_hour: number }[] = json(official).markets
    const prices: { slug: string; displayed_usd_per_hour_incl_fee: number | null }[] = json(displayed).markets
    const same = prices.flatMap(({ slug, displayed_usd_per_hour_incl_fee: usd }) => {
      const reward = rewards.find(({ name }) => name === `NVIDIA ${slug.replace('nvidia-', '').toUpperCase()}`)
      if (usd === null || !reward) return []
      const decimals = String(usd).split('.')[1]?.length ?? 0
      const ours = Number(renterUsd({ slug, reward: reward.usd_reward_per_hour })).toFixed(decimals)
      return [[slug, ours === usd.toFixed(decimals)]]
    })
    // The two were taken months apart, in which the RTX 5090 became cheaper.
    expect(same).toEqual([
      ['nvidia-3060', true],
      ['nvidia-4090', true],
      ['nvidia-5090', false],
      ['nvidia-h100', true],
    ])
  },
)

describe('replay', () => {
  const other = (name: string, value: unknown) =>
    replayNosana(
      [
        { name: 'a.json', json: healthyReply },
        { name, json: value },
      ],
      at,
    )

  test('several replies are one market; a file that is none is named', () => {
    const replies = [
      { name: 'a.json', json: healthyReply.slice(0, 1) },
      { name: 'b.json', json: healthyReply },
    ]
    expect(replayNosana(replies, at).offers).toEqual(read(healthyReply).offers)
    expect(replayNosana(replies, at).warnings).toContain('1 row left out: listed twice')
    expect(() => other('b.json', { markets: [] })).toThrow(
      expect.objectContaining({
        code: 'nosana.reply',
        message: expect.stringMatching(/^b\.json is no reply of Nosana/),
      }),
    )
  })

  test.skipIf(![official, displayed, schema].every(existsSync))(
    'samples: markets are read, price lists refused',
    () => {
      const { offers, dropped } = replayNosana([{ name: 'schema', json: json(schema) }], at)
      expect(offers).toMatchObject([{ id: 'nosana:nvidia-4090', gpu: { id: 'rtx4090-24gb-pcie' } }])
      expect(dropped).toEqual([{ row: 'nvidia-8x-a5000', reason: 'no price' }])
      expect(() => other('official', json(official))).toThrow('official is no reply of Nosana')
      expect(() => other('displayed', json(displayed))).toThrow('displayed is no reply of Nosana')
    },
  )
})
