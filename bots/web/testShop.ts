// For tests of the pages: a store with a live seller, and jobs brought to payment by the product's own flows.
import type { Address } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { type Clock, createManualClock } from '../../core/clock.ts'
import type { UsdcDomain } from '../../core/escrow/usdc.ts'
import { randomBytes } from '../../core/ids.ts'
import { type JobsContext, openCollections } from '../../core/jobs/context.ts'
import type { Job, JobMode } from '../../core/jobs/job.ts'
import { orderJob } from '../../core/jobs/orderJob.ts'
import { requestJob } from '../../core/jobs/requestJob.ts'
import { scanJob } from '../../core/jobs/scanJob.ts'
import { silentLog } from '../../core/log.ts'
import { createOfferCache } from '../../core/market/cache.ts'
import { createTestProvider, testAsk, testBatch } from '../../core/market/testMarket.ts'
import { perGpuHour } from '../../core/money.ts'
import { plainOffer } from '../../core/pricing/testOffers.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import type { Listing } from '../../core/supply/listing.ts'
import { submitListing } from '../../core/supply/submitListing.ts'

/** Where the test world's escrow is; any address does where nothing goes on chain. */
export interface TestPlace {
  readonly chainId: number
  readonly router: Address
  readonly usdc: Address
  readonly usdcName: string
}

const QUOTER_KEY = `0x${'51'.repeat(32)}` as const
export const quoter = privateKeyToAccount(QUOTER_KEY)
export const anyPlace: TestPlace = {
  chainId: 84_532,
  router: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
  usdc: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  usdcName: 'USDC',
}

export type TestShop = Awaited<ReturnType<typeof createTestShop>>

/** A shop with one live seller of two H100s at 2 USD, 2.5 % fee, quotes of 15 minutes, and Akash too dear. */
export async function createTestShop(options: { place?: TestPlace; clock?: Clock; quoterKey?: `0x${string}` } = {}) {
  const { place = anyPlace, clock = createManualClock(Date.now()), quoterKey = QUOTER_KEY } = options
  const context: JobsContext = {
    ...openCollections(createMemoryStore()),
    clock,
    random: randomBytes,
    log: silentLog,
    policy: {
      feeBps: 250,
      quoteSeconds: 900,
      startSeconds: 1800,
      scanDeadlineMs: 6000,
      heartbeatTimeoutSeconds: 120,
      minDepositMicroUsd: 100_000n,
    },
    escrow: { chainId: place.chainId, router: place.router, usdc: place.usdc, quoterKey },
  }
  const domain: UsdcDomain = {
    name: place.usdcName,
    version: '2',
    chainId: place.chainId,
    verifyingContract: place.usdc,
  }
  const listing = await listSeller(context)
  let asked = 0

  return {
    context,
    domain,
    listing,
    change: (ref: string, change: (job: Job) => Job | undefined) =>
      updateDocument({ collection: context.jobs, id: ref, change }),
    /** A job with its scan done: offered, or refused where `maxUsd` is below everything. */
    async scanned(more: { mode?: JobMode; teamId?: string; label?: string; userId?: string; maxUsd?: bigint } = {}) {
      const { mode = 'tracked', teamId, label = 'Ann', userId = '7', maxUsd } = more
      asked += 1
      const { job } = await requestJob({
        context,
        requestKey: `test:${asked}`,
        ask: testAsk({ maxSeconds: 4 * 3600, ...(maxUsd && { maxUsdPerGpuHour: perGpuHour(maxUsd) }) }),
        workload: { command: ['python', 'train.py'] },
        mode,
        principal: { platform: 'telegram', userId, label },
        place: { chatId: '-100' },
        ...(teamId && { teamId }),
      })
      await scanJob({ context, market: marketOf(context, listing), job, signal: new AbortController().signal })
      return jobOf(context, job.ref)
    },
    /** A job that waits for payment. */
    async ordered(more: Parameters<typeof this.scanned>[0] = {}) {
      const job = await this.scanned(more)
      const ordered = await orderJob({ context, ref: job.ref })
      if (!ordered.ok) throw new Error(ordered.why)
      return ordered.job
    },
  }
}

async function jobOf(context: JobsContext, ref: string): Promise<Job> {
  const job = (await context.jobs.get(ref))?.value
  if (!job) throw new Error(`no job ${ref}`)
  return job
}

async function listSeller(context: JobsContext): Promise<Listing> {
  const { listings, clock, random } = context
  const listing = await submitListing({
    listings,
    draft: {
      gpu: { id: 'h100-80gb-sxm', family: 'h100', memoryGib: 80, interface: 'sxm' },
      gpuCount: 2,
      location: 'Berlin',
      region: ['eu', 'de'],
      usdPerGpuHour: perGpuHour(2_000_000n),
      payout: '0x976EA74026E726554dB657fA54763abd0C3a0aa9',
      runner: '0x14dC79964da2C08b23698B3D3cc7Ca32193d9955',
      runtimes: ['container', 'process'],
      name: 'Berlin Rack',
    },
    seller: { platform: 'telegram', userId: '9', label: 'Bo' },
    place: { chatId: '9' },
    requestKey: 'test:sell',
    nowMs: clock.now(),
    random,
  })
  const live = await updateDocument({
    collection: listings,
    id: listing.id,
    change: (now) => ({ ...now, state: 'live' as const, capacity: 'available' as const }),
  })
  return live?.value ?? listing
}

function marketOf(context: JobsContext, listing: Listing) {
  const { clock } = context
  const observedAtMs = clock.now()
  const seller = plainOffer({
    id: `necto:${listing.id}`,
    provider: 'necto',
    payee: listing.payee,
    gpusPerNode: listing.gpuCount,
    region: listing.region,
    runtimes: listing.runtimes,
    observedAtMs,
  })
  const dear = plainOffer({
    id: 'akash:provider-7',
    provider: 'akash',
    price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: perGpuHour(2_400_000n) } },
    region: ['na', 'us'],
    bookable: { no: 'no wallet for Akash is set up' },
    observedAtMs,
  })
  const provider = (id: string, give: ReturnType<typeof testBatch> | Error) =>
    createTestProvider({ id, clock, answers: [{ afterMs: 0, give }] })
  return {
    clock,
    cache: createOfferCache({ clock }),
    providers: [
      provider('necto', testBatch('necto', { offers: [seller] })),
      provider('akash', testBatch('akash', { offers: [dear] })),
      provider('nosana', new Error('down')),
    ],
    tokens: async () => [],
  }
}
