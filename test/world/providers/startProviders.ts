// Starts the stand-ins of every service that the market is read from, with prices that follow from a seed.
import { type Clock, systemClock } from '../../../core/clock.ts'
import { startAkash } from './akashApi.ts'
import { type AkashConsole, createAkashConsole } from './akashConsole.ts'
import type { LCD_HOSTS, LcdHost } from './akashLcd.ts'
import { startCoinGecko } from './coingeckoApi.ts'
import { startDispersed } from './dispersedApi.ts'
import { createDispersedJobs, type DispersedJobs } from './dispersedJobs.ts'
import { startEc2 } from './ec2Api.ts'
import { createEc2Machines, type Ec2Machines } from './ec2Machines.ts'
import { startIonet } from './ionetApi.ts'
import { createIonetDeployments, type IonetDeployments } from './ionetDeployments.ts'
import { startNosana } from './nosanaApi.ts'
import { createNosanaDeployments, type NosanaDeployments } from './nosanaDeployments.ts'
import { startNosanaRpc } from './nosanaRpc.ts'
import { noise } from './priceWalk.ts'
import type { DelayRange, PricePoint, StandIn, StandInContext } from './standIn.ts'
import type { Fault } from './standInServer.ts'

/** Every stand-in there is; another is a file beside this one and a line here. */
const STAND_INS: readonly ((context: StandInContext & { readonly options: WorldOptions }) => Promise<StandIn>)[] = [
  ({ options: { lcd, lcdPageSize = 1000, akash }, ...context }) =>
    startAkash({ ...context, lcd, lcdPageSize, console: akash }),
  ({ options, ...context }) => startIonet({ ...context, deployments: options.ionet }),
  ({ options, ...context }) =>
    startEc2({
      ...context,
      pageSize: options.ec2PageSize ?? 1000,
      failing: options.failing,
      machines: options.machines,
    }),
  ({ options, ...context }) => startDispersed({ ...context, jobs: options.dispersed }),
  ({ options, ...context }) => startNosana({ ...context, deployments: options.nosana }),
  startNosanaRpc,
  ({ options, ...context }) => startCoinGecko({ ...context, frozenAtMs: options.tokensFrozenAtMs }),
]

export interface WorldProviders {
  /** The settings that make Necto read this market. */
  readonly env: Readonly<Record<string, string>>
  /** What everything costs now, by series; EC2's is the cheapest zone's price of the whole instance. */
  prices(): Record<string, number>
  /** Holds a series ("akash/h100/80Gi/SXM5", "ec2/us-east-1/p5.48xlarge", "coingecko/AKT") at a price from now on. */
  setPrice(series: string, usd: number): void
  readonly faults: {
    /** Names as in StandIn: "akash", "ec2", "nosana", "solana", "coingecko". */
    set(name: string, fault: Fault | undefined): void
    /** One EC2 region answers with an error code, AuthFailure unless another is given. */
    failRegion(region: string, code?: string): void
    /** From now on CoinGecko answers with the prices and times of this moment. */
    freezeTokens(): void
    /** One host of Akash's chain is worse than a healthy one. */
    setLcd(host: (typeof LCD_HOSTS)[number], how: LcdHost): void
    clear(): void
  }
  /** Instances rented at the stand-in EC2. */
  readonly machines: Ec2Machines['control']
  /** What is rented at the stand-in Akash. */
  readonly akash: AkashConsole['control']
  /** What runs at the stand-in Nosana. */
  readonly nosana: NosanaDeployments
  /** What is rented at the stand-in io.net. */
  readonly ionet: IonetDeployments['control']
  /** Jobs at the stand-in Dispersed. */
  readonly dispersed: DispersedJobs['control']
  requests(name: string): readonly string[]
  stop(): Promise<void>
}

interface WorldOptions {
  readonly machines: Ec2Machines
  readonly akash: AkashConsole
  readonly nosana: NosanaDeployments
  readonly ionet: IonetDeployments
  readonly dispersed: DispersedJobs
  readonly ec2PageSize?: number | undefined
  readonly failing: ReadonlyMap<string, string>
  readonly tokensFrozenAtMs: () => number | undefined
  readonly lcdPageSize?: number | undefined
  readonly lcd: ReadonlyMap<string, LcdHost>
}

/**
 * The same seed and clock give the same prices, whatever is asked in which order. `delayMs` is the range of time that
 * one request takes, for all; else each has its own. `ec2PageSize` and `lcdPageSize` cut pages short, to see them turned.
 */
export async function startProviders(options: {
  seed: string
  clock?: Clock
  /** When the walk begins, in epoch milliseconds; see createMarketPrices. */
  originMs?: number
  delayMs?: DelayRange
  ec2PageSize?: number
  lcdPageSize?: number
}): Promise<WorldProviders> {
  const { seed, clock = systemClock, originMs = 0, ec2PageSize, lcdPageSize } = options
  const failing = new Map<string, string>()
  const lcd = new Map<string, LcdHost>()
  let tokensFrozenAtMs: number | undefined
  const machines = createEc2Machines({ clock })
  const akash = createAkashConsole({ clock })
  const nosana = createNosanaDeployments({ nowMs: () => clock.now() })
  const ionet = createIonetDeployments({ clock })
  const dispersed = createDispersedJobs({ clock })
  const worldOptions: WorldOptions = {
    machines,
    akash,
    nosana,
    ionet,
    dispersed,
    ec2PageSize,
    failing,
    lcdPageSize,
    lcd,
    tokensFrozenAtMs: () => tokensFrozenAtMs,
  }
  const pins = new Map<string, PricePoint>()
  const context: StandInContext = {
    seed,
    clock,
    originMs,
    pinned: (series) => pins.get(series),
    delay(name, usual) {
      const [from, to] = options.delayMs ?? usual
      return (request) => from + (to - from) * noise(seed, name, 'delay', request)
    },
  }
  const standIns = await Promise.all(STAND_INS.map((start) => start({ ...context, options: worldOptions })))
  const named = (name: string) => {
    const found = standIns.find((standIn) => standIn.name === name)
    if (!found) throw new Error(`no such stand-in: ${name}`)
    return found.server
  }
  const prices = () => Object.assign({}, ...standIns.map((standIn) => standIn.prices())) as Record<string, number>
  return {
    env: Object.assign({}, ...standIns.map((standIn) => standIn.env)),
    prices,
    setPrice(series, usd) {
      if (!(series in prices())) throw new Error(`no such series: ${series}`)
      pins.set(series, { usd, atMs: clock.now() })
    },
    faults: {
      set: (name, fault) => named(name).setFault(fault),
      failRegion: (region, code = 'AuthFailure') => void failing.set(region, code),
      setLcd: (host, how) => void lcd.set(host, how),
      freezeTokens() {
        tokensFrozenAtMs = clock.now()
      },
      clear() {
        for (const { server } of standIns) server.setFault(undefined)
        failing.clear()
        tokensFrozenAtMs = undefined
        lcd.clear()
      },
    },
    machines: machines.control,
    akash: akash.control,
    nosana,
    ionet: ionet.control,
    dispersed: dispersed.control,
    requests: (name) => named(name).requests(),
    async stop() {
      machines.stop()
      akash.stop()
      ionet.stop()
      dispersed.stop()
      await Promise.all(standIns.map(({ server }) => server.stop()))
    },
  }
}
