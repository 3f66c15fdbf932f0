// Starts the stand-in providers: Akash's Console API and EC2, with prices that follow from a seed.
import { type Clock, systemClock } from '../../../core/clock.ts'
import { akashBusy, answerAkash } from './akashApi.ts'
import { AKASH_MODELS, EC2_REGIONS, EC2_TYPES } from './catalog.ts'
import { answerEc2, ec2Busy } from './ec2Api.ts'
import { akashSeries, createMarketPrices, ec2Series } from './marketPrices.ts'
import { noise } from './priceWalk.ts'
import { type Fault, type StandInServer, startStandInServer } from './standInServer.ts'

export interface WorldProviders {
  readonly akashUrl: string
  readonly ec2Url: string
  /** Credentials that the stand-in EC2 accepts, as it does any. */
  readonly awsCredentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** What everything costs now, by series; EC2's is the cheapest zone's price of the whole instance. */
  prices(): Record<string, number>
  /** Holds a series ("akash/h100/80Gi/SXM5", "ec2/us-east-1/p5.48xlarge") at a price from now on. */
  setPrice(series: string, usdPerHour: number): void
  readonly faults: {
    set(provider: 'akash' | 'ec2', fault: Fault | undefined): void
    /** One EC2 region answers with an error code, AuthFailure unless another is given. */
    failRegion(region: string, code?: string): void
    clear(): void
  }
  requests(provider: 'akash' | 'ec2'): readonly string[]
  stop(): Promise<void>
}

type DelayRange = readonly [fromMs: number, toMs: number]

/**
 * The same seed and clock give the same prices, whatever is asked in which order. `delayMs` is the range of time that
 * one request takes; [0, 0] for none. `ec2PageSize` cuts EC2's pages short, to see them turned.
 */
export async function startProviders(options: {
  seed: string
  clock?: Clock
  /** When the walk begins, in epoch milliseconds; see createMarketPrices. */
  originMs?: number
  delayMs?: { akash?: DelayRange; ec2?: DelayRange }
  ec2PageSize?: number
}): Promise<WorldProviders> {
  const { seed, clock = systemClock, originMs = 0, ec2PageSize = 1000 } = options
  const market = createMarketPrices(seed, originMs)
  const failing = new Map<string, string>()
  const delay = (name: 'akash' | 'ec2', usual: DelayRange) => {
    const [from, to] = options.delayMs?.[name] ?? usual
    return (request: number) => from + (to - from) * noise(seed, name, 'delay', request)
  }
  const servers: Record<'akash' | 'ec2', StandInServer> = {
    akash: await startStandInServer({
      delayMs: delay('akash', [250, 500]),
      answer: (request) => answerAkash(request, market, clock.now()),
      busy: akashBusy,
    }),
    ec2: await startStandInServer({
      delayMs: delay('ec2', [150, 300]),
      answer: (request, body) =>
        answerEc2(request, body, { prices: market, nowMs: clock.now(), failing, pageSize: ec2PageSize }),
      busy: ec2Busy,
    }),
  }
  return {
    akashUrl: servers.akash.url,
    ec2Url: servers.ec2.url,
    awsCredentials: { accessKeyId: 'AKIASTANDIN', secretAccessKey: 'not-a-secret' },
    prices() {
      const nowMs = clock.now()
      const akash = AKASH_MODELS.flatMap((model) =>
        market
          .akashBids(model, nowMs)
          .slice(0, 1)
          .map((usd) => [akashSeries(model), usd] as const),
      )
      const ec2 = EC2_REGIONS.flatMap(({ region, zones }) =>
        EC2_TYPES.filter(({ regions, unpriced }) => regions.includes(region) && !unpriced).map(({ type }) => {
          const now = zones.flatMap(({ id }) => market.ec2Points({ region, zone: id, type }, nowMs, nowMs).slice(-1))
          return [ec2Series(region, type), Math.min(...now.map(({ usd }) => usd))] as const
        }),
      )
      return Object.fromEntries([...akash, ...ec2])
    },
    setPrice: (series, usd) => market.pin(series, { usd, atMs: clock.now() }),
    faults: {
      set: (provider, fault) => servers[provider].setFault(fault),
      failRegion: (region, code = 'AuthFailure') => void failing.set(region, code),
      clear() {
        for (const server of Object.values(servers)) server.setFault(undefined)
        failing.clear()
      },
    },
    requests: (provider) => servers[provider].requests(),
    async stop() {
      await Promise.all(Object.values(servers).map((server) => server.stop()))
    },
  }
}
