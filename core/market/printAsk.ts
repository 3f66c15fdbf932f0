// An ask written as the text that people would type for it.
import { formatGpuWanted } from '../gpu/parseGpuWanted.ts'
import { showUsd } from '../money.ts'
import { printRegion } from '../region/regionWord.ts'
import type { Ask, Workload } from './ask.ts'
import { printDuration } from './duration.ts'
import { printCommand } from './workloadText.ts'

/** The canonical line of an ask, with its mode and workload where given; `parseAskText` reads it back to the same. */
export function printAsk(ask: Ask, and: { workload?: Workload; mode?: 'tracked' | 'untracked' } = {}): string {
  const { workload, mode } = and
  return [
    formatGpuWanted(ask.gpu),
    `x${ask.gpuCount}`,
    printDuration(ask.maxSeconds),
    ask.maxUsdPerGpuHour !== undefined && `max ${showUsd(ask.maxUsdPerGpuHour)}`,
    ...(ask.regions ?? []).map(printRegion),
    ...(ask.excludeModels ?? []).map((model) => `no-${model}`),
    ask.onlyProviders && `only ${ask.onlyProviders.join(',')}`,
    ask.excludeProviders && `not ${ask.excludeProviders.join(',')}`,
    ask.minMemoryGib !== undefined && `vram ${ask.minMemoryGib}`,
    ask.minUptimePercent !== undefined && `uptime ${ask.minUptimePercent}%`,
    ask.maxAgeSeconds !== undefined && `fresh ${printDuration(ask.maxAgeSeconds)}`,
    ask.bookableOnly && 'bookable',
    ask.sort && `sort ${ask.sort}`,
    ask.withinBps !== undefined && `within ${ask.withinBps / 100}%`,
    mode,
    ask.runtime === 'container' && workload?.image === undefined && 'container',
    ask.runtime === 'process' && workload === undefined && 'process',
    workload?.image !== undefined && `image ${workload.image}`,
    workload && `run ${printCommand(workload.command)}`,
  ]
    .filter(Boolean)
    .join(' ')
}
