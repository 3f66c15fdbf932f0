// io.net's price lists to offers.
import { describe, expect, test } from 'vitest'
import { testAsk } from '../../market/testMarket.ts'
import { perGpuHour } from '../../money.ts'
import { defaultPolicy } from '../../pricing/policy.ts'
import { priceOffer } from '../../pricing/priceOffer.ts'
import { catalogueRows, listOffers, snapshotRows } from './offers.ts'
import { catalogueReply, emptyReply, healthyReply, rowsReply, snapshotRow } from './testReply.ts'

const at = 1_760_000_000_000
const fromSnapshot = (reply: unknown) => listOffers(snapshotRows(reply), at)

describe('PROV-02 the market snapshot', () => {
  test('the price of a container is the price, not the lower one of a Ray cluster', () => {
    const [h100] = fromSnapshot(healthyReply).offers
    expect(h100).toEqual({
      id: 'ionet:224',
      provider: 'ionet',
      gpu: { id: 'h100-80gb-sxm', family: 'h100', memoryGib: 80, interface: 'sxm' },
      rawGpu: 'H100 80GB HBM3',
      gpusPerNode: 8,
      price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: 2_090_000n } },
      region: [],
      freeGpus: 300,
      bookable: { no: expect.stringContaining('IONET_API_KEY') },
      runtimes: ['container'],
      minSeconds: 3600,
      observedAtMs: at,
    })
  })

  test('nothing idle stays an offer that says so; no price is no offer; a Ray price is warned of; CPUs are passed over', () => {
    const { offers, dropped, warnings } = fromSnapshot(healthyReply)
    const rtx4090 = offers.find((offer) => offer.gpu?.family === 'rtx4090')
    expect(rtx4090).toMatchObject({
      freeGpus: 0,
      // All six could be on one node.
      gpusPerNode: 6,
      price: { unit: { usdPerHour: 250_000n } },
    })
    expect(offers.map(({ rawGpu }) => rawGpu)).toEqual(['H100 80GB HBM3', 'GeForce RTX 4090', 'CMP 170HX'])
    expect(dropped).toEqual([{ row: 'data[2]', reason: 'no price' }])
    expect(warnings).toEqual([
      '1 row left out: no price',
      '1 unknown GPU, not routed to: CMP 170HX',
      '1 price is of Ray clusters, containers may cost more: GeForce RTX 4090',
    ])
  })

  test('the documented example without type and container price is read too; silence on what is idle is unknown', () => {
    const {
      type: _,
      caas_price: _caas,
      idle: _idle,
      ...old
    } = snapshotRow(9, 'NVIDIA GeForce RTX 3080', { available: 8 })
    const silent = { ...old, id: 10, available: undefined, total: undefined }
    const { offers } = fromSnapshot({ status: 'succeeded', data: [old, silent] })
    expect(offers[0]).toMatchObject({ gpu: { family: 'rtx3080' }, freeGpus: 8 })
    expect(offers[1]).toMatchObject({ gpusPerNode: 8 })
    expect(offers[1]).not.toHaveProperty('freeGpus')
  })

  test('ten minutes cost the hour that is paid ahead', () => {
    const [offer] = fromSnapshot(healthyReply).offers
    if (!offer) throw new Error('no offer')
    const ask = testAsk({ maxSeconds: 600 })
    const quote = priceOffer({ offer, ask, tokens: [], policy: defaultPolicy, nowMs: at })
    expect(quote).toMatchObject({ totalUsd: 2_090_000n, usdPerGpuHour: perGpuHour(12_540_000n) })
  })

  test('figures are taken as they are written, rounded up at the micro-dollar', () => {
    const usdOf = (caas_price: number) => {
      const [offer] = fromSnapshot({ data: [snapshotRow(1, 'H100', { caas_price })] }).offers
      return offer?.price.model === 'fixed' && offer.price.unit.usdPerHour
    }
    expect(usdOf(0.1 + 0.2)).toBe(300_001n)
    expect(usdOf(2.0900001)).toBe(2_090_001n)
    expect(usdOf(0.29)).toBe(290_000n)
  })

  test('broken rows are dropped, each with its reason', () => {
    const { offers, dropped } = fromSnapshot(rowsReply)
    expect(offers.map((offer) => offer.id)).toEqual(['ionet:224'])
    expect(dropped.map(({ reason }) => reason)).toEqual([
      'a price that is none',
      'a price that is none',
      'not readable',
      'not readable',
      'not readable',
      'not readable',
      'listed twice',
    ])
  })

  test('a reply of another shape, or with another status, is refused', () => {
    expect(fromSnapshot(emptyReply).offers).toEqual([])
    for (const reply of [null, [], {}, { data: {} }, { ...healthyReply, status: 'failed' }, { detail: 'Not Found' }]) {
      expect(() => snapshotRows(reply)).toThrow(expect.objectContaining({ code: 'ionet.reply', retry: 'later' }))
    }
  })
})

describe('PROV-02 the cluster catalogue', () => {
  test('GPUs of every brand, at the price of a Ray cluster and warned of', () => {
    const { offers, warnings } = listOffers(catalogueRows(catalogueReply), at)
    expect(offers.map(({ id, freeGpus }) => [id, freeGpus])).toEqual([
      ['ionet:224', 40],
      ['ionet:140', 40],
    ])
    expect(offers[0]?.price).toEqual({ model: 'fixed', unit: { per: 'gpu', usdPerHour: 1_250_000n } })
    expect(warnings).toEqual([
      '1 unknown GPU, not routed to: RTX 3060 Mobile',
      '2 prices are of Ray clusters, containers may cost more: H100 80GB HBM3, RTX 3060 Mobile',
    ])
  })

  test('a reply of another shape, or with another status, is refused', () => {
    const { data } = catalogueReply
    for (const reply of [healthyReply, { data: { ...data, hardwares: {} } }, { data, status: 'failed' }]) {
      expect(() => catalogueRows(reply)).toThrow(expect.objectContaining({ code: 'ionet.reply' }))
    }
  })
})
