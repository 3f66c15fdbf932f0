// The ask: what somebody wants to rent, as every surface hands it to the market and the router.
import { z } from 'zod'
import { microUsdPerGpuHour } from '../codecs.ts'
import { gpuWantedSchema } from '../gpu/gpu.ts'

export const priceModel = z.enum(['fixed', 'spot', 'auction', 'dynamic', 'token'])
export type PriceModel = z.output<typeof priceModel>

/** How the job starts on the rented machine: in a container image, or as a plain process on the seller's host. */
export const runtime = z.enum(['container', 'process'])
export type Runtime = z.output<typeof runtime>

/**
 * The constraints of one job. Nothing in it names a person, a team or the workload: it goes into the public record.
 * `regions` are codes of core/region (continent, country or provider region), any of which will do.
 */
export const askSchema = z.strictObject({
  gpu: gpuWantedSchema,
  gpuCount: z.int().min(1).max(64),
  /** The longest the job may run, in seconds: what the deposit covers. */
  maxSeconds: z
    .int()
    .min(60)
    .max(30 * 86_400),
  /** The cap on the effective price of one GPU-hour. */
  maxUsdPerGpuHour: microUsdPerGpuHour.optional(),
  minMemoryGib: z.int().positive().optional(),
  regions: z.array(z.string()).optional(),
  excludeModels: z.array(priceModel).optional(),
  onlyProviders: z.array(z.string()).optional(),
  excludeProviders: z.array(z.string()).optional(),
  /** Measured uptime of at least this, in per cent; who does not measure it does not count. */
  minUptimePercent: z.number().min(0).max(100).optional(),
  /** Offers seen longer ago do not count. */
  maxAgeSeconds: z.int().min(1).max(86_400).optional(),
  /** Only what Necto can book. Always so when something is to run; without it prices alone are compared. */
  bookableOnly: z.literal(true).optional(),
  /** Secondary sort among offers within `withinBps` of the cheapest. */
  sort: z.enum(['latency', 'uptime']).optional(),
  withinBps: z.int().min(0).max(10_000).optional(),
  /** Absent: prices of either kind are wanted, and nothing runs yet. */
  runtime: runtime.optional(),
})
export type Ask = z.output<typeof askSchema>

/** What to run. Never in a record, a receipt or a log; only its salted hash is. */
export const workloadSchema = z.strictObject({
  image: z.string().max(300).optional(),
  command: z.array(z.string().max(4096)).min(1).max(200),
})
export type Workload = z.output<typeof workloadSchema>
