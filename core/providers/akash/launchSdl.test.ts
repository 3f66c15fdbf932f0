// The order for a job at Akash: what stands in it and what must not, and the price it never exceeds.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LaunchOrder } from '../../launch/launcher.ts'
import { perGpuHour, perJobHour } from '../../money.ts'
import { plainOffer } from '../../pricing/testOffers.ts'
import { chooseBid } from './launchBids.ts'
import { ceilingPerBlock, kindOf, sdlOf, surchargesOf } from './launchSdl.ts'
import { bidRow } from './testBids.ts'

const offer = (id: string) => plainOffer({ id, provider: 'akash' })
const order = (more: Partial<LaunchOrder> = {}): LaunchOrder => ({
  jobId: `0x${'ab'.repeat(32)}`,
  attempt: 1,
  offer: offer('akash:nvidia/h100/80gi/sxm5'),
  gpuCount: 2,
  ceilingUsdPerHour: perJobHour(1_750_000n),
  maxSeconds: 600,
  workload: { image: 'acme/train:1', command: ['python', 'zyzzyva.py'] },
  machineUrl: 'https://machines.example/machines/v1/abc',
  ...more,
})

describe('an order', () => {
  test('names one GPU, the image, where the job is, and the ceiling; not what runs', async () => {
    const text = await sdlOf(order())
    expect(text).not.toContain('zyzzyva')
    expect(JSON.parse(text)).toMatchObject({
      services: {
        job: {
          image: 'acme/train:1',
          command: ['sh', '-c'],
          args: [expect.stringContaining('insist GET job')],
          env: ['NECTO_URL=https://machines.example/machines/v1/abc', 'NECTO_REST=1'],
          // A payer's own server listens elsewhere, and stays private.
          expose: [{ port: 65_535, as: 80, to: [{ global: true }] }],
        },
      },
      profiles: {
        compute: {
          job: {
            resources: {
              gpu: {
                units: 2,
                attributes: { vendor: { nvidia: [{ model: 'h100', ram: '80Gi', interface: 'sxm' }] } },
              },
            },
          },
        },
        placement: { any: { pricing: { job: { denom: 'uact', amount: '2916.666666' } } } },
      },
    })
  })

  test.each([
    ['no image', { workload: { command: ['true'] } }],
    ['a GPU that cannot be named', { offer: offer('akash:nvidia/h100/80gi/nvlink') }],
    ['no price', { ceilingUsdPerHour: perJobHour(0n) }],
  ])('%s: there is none', async (_what, more) => {
    await expect(sdlOf(order(more))).rejects.toMatchObject({ code: 'akash.sdl', retry: 'never' })
  })

  test('an hour at the ceiling costs no more than was signed, and next to nothing less', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), (signed) => {
        const hour = ceilingPerBlock(perJobHour(signed)) * 600n
        return hour <= signed * 1_000_000n && signed * 1_000_000n - hour < 600n
      }),
    )
  })

  test('GPUs are named as Akash names them', () => {
    expect(kindOf(offer('akash:bid/nvidia/h100/-/-/usd'))).toEqual({
      vendor: 'nvidia',
      model: 'h100',
      ram: '',
      interface: '',
    })
    expect(kindOf(offer('akash:nvidia/rtx4090/24gi/pcie'))).toMatchObject({ ram: '24Gi', interface: 'pcie' })
    expect(kindOf(offer('akash:nvidia/*/24gi/pcie'))).toBeUndefined()
  })
})

test('what an order holds beside its GPUs is priced, by as little for each GPU whatever that costs', () => {
  for (const usd of [110_000n, 350_000n, 1_500_000n]) {
    const price = { model: 'fixed', unit: { per: 'gpu', usdPerHour: perGpuHour(usd) } } as const
    const [fee] = surchargesOf({ ...offer('akash:nvidia/h100/80gi/sxm5'), price })
    const micros = (usd * BigInt(fee?.bps ?? 0)) / 10_000n
    expect(micros).toBeGreaterThanOrEqual(33_000n)
    expect(micros).toBeLessThan(33_200n)
  }
})

describe('the bid that is leased', () => {
  const kind = kindOf(offer('akash:nvidia/h100/80gi/sxm5'))
  const choose = (rows: readonly unknown[], ceiling = 2_500_000_000n, leasedTo?: string) =>
    chooseBid(rows, { kind, gpuCount: 1, ceiling, leasedTo })?.provider

  test('is the cheapest open one that fits', () => {
    const rows = [
      bidRow({ provider: 'dear', amount: '2000' }),
      bidRow({ provider: 'cheap', amount: '1500.5' }),
      bidRow({ provider: 'gone', amount: '1', state: 'closed' }),
      bidRow({ provider: 'akt', amount: '1', denom: 'uakt' }),
      bidRow({ provider: 'other', amount: '1', gpus: ['vendor/nvidia/model/t4'] }),
      bidRow({ provider: 'eight', amount: '1', units: 8 }),
      { nothing: 'readable' },
    ]
    expect(choose(rows)).toBe('cheap')
    expect(choose(rows.toReversed())).toBe('cheap')
  })

  test('is never above the ceiling, not by the last decimal', () => {
    expect(choose([bidRow({ amount: '2500.000000000000000001' })])).toBeUndefined()
    expect(choose([bidRow({ amount: '2500' })])).toBe('akash1one')
  })

  test('is that of the lease where there is one', () => {
    const rows = [bidRow({ provider: 'cheap', amount: '1' }), bidRow({ provider: 'ours', state: 'active' })]
    expect(choose(rows, 2_500_000_000n, 'ours')).toBe('ours')
  })
})
