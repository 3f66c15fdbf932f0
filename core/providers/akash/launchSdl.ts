// The order for one job in Akash's own language: one container with its GPUs, and the most that Necto pays for it.
import { NectoError } from '../../errors.ts'
import { CONTAINER_SCRIPT, containerEnv, NO_SERVER_PORT } from '../../launch/containerScript.ts'
import type { LaunchOrder } from '../../launch/launcher.ts'
import type { Offer } from '../../market/offer.ts'
import { type MicroUsdPerJobHour, mulDivDown, mulDivUp } from '../../money.ts'
import type { GpuKind } from './bid.ts'
import { BLOCKS_PER_HOUR } from './blocks.ts'

/** The one whose millionth is a micro-dollar. */
export const DENOM = 'uact'
const CPUS_PER_GPU = 4
const MEMORY_GIB_PER_GPU = 16
const DISK_GIB = 50
/**
 * What providers ask for that by default (their price script: 1.60 USD a month for a CPU, 0.80 for a GiB of memory, 0.02
 * of disk, 0.05 for a port), and half a cent by which published prices are rounded.
 */
const BESIDES_GPU_MICRO_USD_PER_HOUR = 33_000n

/** Akash's words for the GPU of an offer, out of its id; '' = any. Undefined where an order cannot name it. */
export function kindOf({ id }: Offer): GpuKind | undefined {
  const match = /^akash:(?:bid\/)?(nvidia|amd)\/([^/*]+)\/([^/]*)\/([^/]*)(?:\/usd)?$/.exec(id)
  if (!match) return undefined
  const [vendor = '', model = '', ram = '', board = ''] = match.slice(1).map((word) => (word === '-' ? '' : word))
  const kind = { vendor, model, ram: ram.replace(/gi$/, 'Gi'), interface: board.replace(/^sxm\d+$/, 'sxm') }
  return ['', 'pcie', 'sxm'].includes(kind.interface) ? kind : undefined
}

/** The published price of a GPU is that of an order with next to nothing beside it: at it nobody would bid on a real one. */
export function surchargesOf({ price }: Offer): NonNullable<Offer['fees']> {
  if (price.model === 'token' || price.unit.usdPerHour === 0n) return []
  const bps = mulDivUp(BESIDES_GPU_MICRO_USD_PER_HOUR, 10_000n, price.unit.usdPerHour)
  return [{ label: `${CPUS_PER_GPU} CPUs, ${MEMORY_GIB_PER_GPU} GiB and disk for each GPU`, bps: Number(bps) }]
}

/** Of what is asked for a block, in DENOM. */
export const CEILING_DECIMALS = 6

/** What may be paid per block, with CEILING_DECIMALS, rounded down: never more than the ceiling in an hour. */
export const ceilingPerBlock = (ceiling: MicroUsdPerJobHour): bigint =>
  mulDivDown(ceiling, 10n ** BigInt(CEILING_DECIMALS), BLOCKS_PER_HOUR)

function ceilingText(ceiling: MicroUsdPerJobHour): string {
  const digits = ceilingPerBlock(ceiling)
    .toString()
    .padStart(CEILING_DECIMALS + 1, '0')
  return `${digits.slice(0, -CEILING_DECIMALS)}.${digits.slice(-CEILING_DECIMALS)}`
}

/**
 * Neither what the job runs nor its secrets are in it: the container fetches them. It is JSON, which YAML reads as it is.
 * Throws NectoError 'akash.sdl' where there is no such order.
 */
export async function sdlOf(order: LaunchOrder): Promise<string> {
  const { offer, gpuCount, workload, machineUrl } = order
  const kind = kindOf(offer)
  const amount = ceilingText(order.ceilingUsdPerHour)
  if (!kind || !workload.image)
    throw new NectoError('akash.sdl', 'Akash runs containers on GPUs that it knows by name.')
  if (Number(amount) === 0) throw new NectoError('akash.sdl', 'The price is too low to be asked for at Akash.')
  const { vendor, model, ram, interface: board } = kind
  const sdl = (denom: string) => ({
    version: '2.0',
    services: {
      job: {
        image: workload.image ?? '',
        command: ['sh', '-c'],
        args: [CONTAINER_SCRIPT],
        env: Object.entries(containerEnv({ machineUrl, isRestarted: true })).map(([name, value]) => `${name}=${value}`),
        // Providers refuse an order that exposes nothing.
        expose: [{ port: NO_SERVER_PORT, as: 80, to: [{ global: true }] }],
      },
    },
    profiles: {
      compute: {
        job: {
          resources: {
            cpu: { units: CPUS_PER_GPU * gpuCount },
            memory: { size: `${MEMORY_GIB_PER_GPU * gpuCount}Gi` },
            gpu: {
              units: gpuCount,
              attributes: {
                // Exactly one: an order for several is bid at the price of the dearest.
                vendor: { [vendor]: [{ model, ...(ram && { ram }), ...(board && { interface: board }) }] },
              },
            },
            storage: [{ size: `${DISK_GIB}Gi` }],
          },
        },
      },
      placement: { any: { pricing: { job: { denom, amount } } } },
    },
    deployment: { job: { any: { profile: 'job', count: 1 } } },
  })
  const { SDL } = await import('@akashnetwork/akashjs/build/sdl/index.js')
  try {
    // The library is older than the network's dollar and refuses it: it judges all else.
    SDL.fromString(JSON.stringify(sdl('uakt')), 'beta3')
  } catch (cause) {
    throw new NectoError('akash.sdl', 'Akash does not take such an order.', { cause })
  }
  return JSON.stringify(sdl(DENOM))
}
