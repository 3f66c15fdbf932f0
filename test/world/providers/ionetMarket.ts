// What io.net's stand-in has to rent and at what price: levels as of late 2026, from the seed alone, unless pinned.
import { walk } from './priceWalk.ts'
import type { StandInContext } from './standIn.ts'

export interface IonetHardware {
  readonly id: number
  readonly brand: string
  readonly name: string
  readonly type: 'GPU' | 'CPU'
  readonly total: number
  /** USD per card-hour in a Ray cluster; none means that no price is known. */
  readonly rayUsd?: number
  /** In a container; none means that only Ray's is listed. */
  readonly containerUsd?: number
  /** GPUs that one container may have; none means that there are no containers of it. */
  readonly maxGpus?: number
  readonly taken?: boolean
}

const hardware = (
  id: number,
  name: string,
  total: number,
  more: Partial<IonetHardware> & { brand?: string } = {},
): IonetHardware => ({ id, brand: 'NVIDIA', name, type: 'GPU', total, ...more })

/** With the quirks of the real one: names with and without their brand, prices of one product only, a hired-out bargain. */
export const IONET_HARDWARE: readonly IonetHardware[] = [
  hardware(224, 'H100 80GB HBM3', 512, { rayUsd: 1.49, containerUsd: 2.05, maxGpus: 8 }),
  hardware(225, 'H100 PCIe', 48, { rayUsd: 1.15, containerUsd: 1.3, maxGpus: 8, taken: true }),
  hardware(231, 'H200', 64, { rayUsd: 2.2, containerUsd: 2.75, maxGpus: 8 }),
  hardware(203, 'A100-SXM4-80GB', 160, { rayUsd: 0.95, containerUsd: 1.25, maxGpus: 8 }),
  hardware(204, 'A100 80GB PCIe', 24, { rayUsd: 0.9, containerUsd: 1.15, maxGpus: 4 }),
  hardware(210, 'L40S', 40, { rayUsd: 0.6, containerUsd: 0.79, maxGpus: 4 }),
  hardware(101, 'GeForce RTX 4090', 617, { rayUsd: 0.25, containerUsd: 0.3, maxGpus: 8 }),
  hardware(102, 'NVIDIA GeForce RTX 5090', 90, { rayUsd: 0.45, containerUsd: 0.52, maxGpus: 8 }),
  hardware(10, 'NVIDIA GeForce RTX 3090', 140, { rayUsd: 0.16 }),
  hardware(140, 'RTX 3060 Mobile', 30, { rayUsd: 0.05 }),
  hardware(66, 'Tesla P40', 6),
  hardware(55, 'M2 Ultra', 10, { brand: 'Apple', type: 'CPU', rayUsd: 0.1 }),
]

/** Locations, and what they add to a container's usual price. */
export const IONET_PLACES = [
  { id: 1, iso2: 'US', name: 'United States', factor: 1, share: 0.6 },
  { id: 2, iso2: 'IS', name: 'Iceland', factor: 0.98, share: 0.3 },
  { id: 41, iso2: 'CA', name: 'Canada', factor: 1.03, share: 0.1 },
] as const

/** The series of a hardware's price: what is paid for a container, or for Ray where there is no other. */
export const ionetSeries = ({ name }: IonetHardware) => `ionet/${name}`

const STEP_MS = 60_000

export interface IonetMarket {
  /** USD per card-hour now. */
  containerUsd(row: IonetHardware): number | undefined
  rayUsd(row: IonetHardware): number | undefined
  idle(row: IonetHardware): number
}

/** A pinned series stands from its instant on, Ray's price moving with it. */
export function createIonetMarket({ seed, clock, originMs, pinned }: StandInContext): IonetMarket {
  const at = (series: string, amplitude: number) =>
    walk({ seed, series, step: Math.floor((clock.now() - originMs) / STEP_MS), amplitude })

  function priced(usd: number | undefined, row: IonetHardware): number | undefined {
    const series = ionetSeries(row)
    const usual = row.containerUsd ?? row.rayUsd
    if (usd === undefined || usual === undefined) return undefined
    const pin = pinned(series)
    if (pin && usd === usual) return pin.usd
    return Number((usd * (pin ? pin.usd / usual : at(series, 0.06))).toFixed(2))
  }

  return {
    containerUsd: (row) => priced(row.containerUsd, row),
    rayUsd: (row) => priced(row.rayUsd, row),
    idle: (row) => (row.taken ? 0 : Math.max(1, Math.floor((row.total * at(`${ionetSeries(row)}/idle`, 0.8)) / 2))),
  }
}
