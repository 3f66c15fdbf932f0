// For tests: a store with a live seller, and jobs brought step by step to payment by the product's own flows.
import type { Address, Hex, LocalAccount } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { type Clock, createManualClock } from '../clock.ts'
import { authorizationTypedData, authorizationWindow } from '../escrow/authorization.ts'
import type { RouterEventOf } from '../escrow/events.ts'
import { depositOf, feeOf, owedOf } from '../escrow/metering.ts'
import { hashTerms, type Terms } from '../escrow/terms.ts'
import type { UsdcDomain } from '../escrow/usdc.ts'
import { type RandomBytes, randomBytes } from '../ids.ts'
import type { Launcher } from '../launch/launcher.ts'
import { silentLog } from '../log.ts'
import type { Ask, Workload } from '../market/ask.ts'
import { testAsk } from '../market/testMarket.ts'
import { perGpuHour } from '../money.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { Store } from '../store/store.ts'
import { updateDocument } from '../store/updateDocument.ts'
import type { Listing } from '../supply/listing.ts'
import { submitListing } from '../supply/submitListing.ts'
import { acceptAuthorization } from './acceptAuthorization.ts'
import { type JobsContext, openCollections } from './context.ts'
import { issueTerms } from './issueTerms.ts'
import type { Job, JobMode } from './job.ts'
import { orderJob } from './orderJob.ts'
import { requestJob } from './requestJob.ts'
import { scanJob } from './scanJob.ts'
import { createJobMarket, openBroker } from './testJobMarket.ts'

const key = (byte: string) => privateKeyToAccount(`0x${byte.repeat(32)}`)
export const payer = key('a1')
export const otherPayer = key('a2')
export const runner = key('b1')
export const otherRunner = key('b2')
const QUOTER_KEY: Hex = `0x${'51'.repeat(32)}`
export const quoter = privateKeyToAccount(QUOTER_KEY)

/** Where the escrow is; any address does where nothing goes on chain. */
export const place = {
  chainId: 84_532,
  router: '0x5FbDB2315678afecb367f032d93F642f64180aa3' as Address,
  usdc: '0x036CbD53842c5426634e7929541eC2318f3dCF7e' as Address,
}

/** What must not be found where it does not belong: long enough that nothing else holds it by chance. */
export const asker = { platform: 'telegram', userId: '7700770077', label: 'Annabel Quux' } as const
export const askerChat = { platform: 'telegram', chatId: '5550555055', isPrivate: true, title: 'Annabel Quux' } as const
export const secretWorkload: Workload = { command: ['python', 'zyzzyva-model.py', '--dataset', 'xylophone'] }

export type TestJobs = Awaited<ReturnType<typeof createTestJobs>>

/** One live seller of `gpuCount` H100s at 2 USD, 2.5 % fee, quotes of 15 minutes, 30 more to start. */
export async function createTestJobs(
  options: {
    store?: Store
    clock?: Clock
    random?: RandomBytes
    gpuCount?: number
    /** Rents machines at a provider whose one offer is cheaper than the seller's: H100s at 1 USD. */
    launcher?: Launcher
    /** 1 ETH unless given. */
    relayDailyGasWei?: bigint
    /** A real escrow, with the name that its USDC signs under. */
    at?: typeof place & { usdcName: string }
  } = {},
) {
  const { store = createMemoryStore(), clock = createManualClock(Date.UTC(2026, 10, 23)), gpuCount = 2 } = options
  const { usdcName, ...escrow } = options.at ?? { ...place, usdcName: 'USDC' }
  const domain: UsdcDomain = {
    name: usdcName,
    version: '2',
    chainId: escrow.chainId,
    verifyingContract: escrow.usdc,
  }
  const context: JobsContext = {
    ...openCollections(store),
    clock,
    random: options.random ?? randomBytes,
    log: silentLog,
    policy: {
      feeBps: 250,
      quoteSeconds: 900,
      startSeconds: 1800,
      scanDeadlineMs: 6000,
      heartbeatTimeoutSeconds: 120,
      minDepositMicroUsd: 100_000n,
      relayDailyGasWei: options.relayDailyGasWei ?? 10n ** 18n,
    },
    escrow: { ...escrow, quoterKey: QUOTER_KEY },
  }
  const listing = await listSeller(context, gpuCount)
  const { launcher } = options
  if (launcher) await openBroker(context, launcher)
  const market = createJobMarket(context, launcher)
  const signal = new AbortController().signal
  let asked = 0

  async function jobOf(ref: string): Promise<Job> {
    const job = (await context.jobs.get(ref))?.value
    if (!job) throw new Error(`no job ${ref}`)
    return job
  }

  /** The job with its scan still to come; the same `requestKey` again is the same job. */
  async function asks(
    more: {
      requestKey?: string
      mode?: JobMode
      teamId?: string
      ask?: Partial<Ask>
      workload?: Workload
      principal?: { platform: string; userId: string; label: string }
    } = {},
  ): Promise<Job> {
    asked += 1
    const {
      requestKey = `tg:${asked}`,
      mode = 'tracked',
      teamId,
      ask,
      workload = secretWorkload,
      principal = asker,
    } = more
    const { job } = await requestJob({
      context,
      requestKey,
      ask: testAsk({ maxSeconds: 4 * 3600, ...ask }),
      workload,
      mode,
      principal,
      place: { ...askerChat },
      ...(teamId && { teamId }),
    })
    return job
  }

  async function scans(job: Job): Promise<Job> {
    await scanJob({ context, market, job, signal })
    return jobOf(job.ref)
  }

  async function orders(job: Job): Promise<Job> {
    const ordered = await orderJob({ context, ref: job.ref })
    if (!ordered.ok) throw new Error(ordered.why)
    return ordered.job
  }

  async function signs(job: Job, refundTo: string = payer.address): Promise<Job & { terms: Terms; jobId: Hex }> {
    const issued = await issueTerms({ context, linkToken: job.linkToken ?? '', refundTo })
    if (!issued.ok) throw new Error(issued.why)
    return { ...issued.job, terms: issued.terms, jobId: issued.job.jobId ?? '0x' }
  }

  /** What the pay page would send for these terms. */
  async function authorization(terms: Terms, from: LocalAccount = payer) {
    const window = authorizationWindow(terms, clock.now())
    const typed = authorizationTypedData({ domain, router: escrow.router, terms, from: from.address, ...window })
    return {
      jobId: typed.message.nonce,
      refundTo: terms.refundTo,
      chainId: escrow.chainId,
      from: from.address,
      value: typed.message.value,
      ...window,
      signature: await from.signTypedData(typed),
    }
  }

  async function pays(job: Job & { terms: Terms }, from: LocalAccount = payer) {
    const input = await authorization(job.terms, from)
    return acceptAuthorization({ context, domain, linkToken: job.linkToken ?? '', input })
  }

  return {
    store,
    context,
    domain,
    listing,
    market,
    jobOf,
    asks,
    scans,
    orders,
    signs,
    authorization,
    pays,
    change: (ref: string, change: (job: Job) => Job | undefined) =>
      updateDocument({ collection: context.jobs, id: ref, change }),
    idOf: (terms: Terms) => hashTerms({ terms, ...escrow }),
    reservations: async () => (await context.listings.get(listing.id))?.value.reservations ?? {},
    /** A job that waits for payment, with its terms signed. */
    signed: async (more: Parameters<typeof asks>[0] = {}) => signs(await orders(await scans(await asks(more)))),
  }
}

async function listSeller(context: JobsContext, gpuCount: number): Promise<Listing> {
  const { listings, clock, random } = context
  const listing = await submitListing({
    listings,
    draft: {
      gpu: { id: 'h100-80gb-sxm', family: 'h100', memoryGib: 80, interface: 'sxm' },
      gpuCount,
      location: 'Berlin',
      region: ['eu', 'de'],
      usdPerGpuHour: perGpuHour(2_000_000n),
      payout: '0x976EA74026E726554dB657fA54763abd0C3a0aa9',
      runner: runner.address,
      runtimes: ['container', 'process'],
      name: 'Berlin Rack',
    },
    isProven: true,
    seller: { platform: 'telegram', userId: '9', label: 'Bo' },
    place: { platform: 'telegram', chatId: '9', isPrivate: true, title: 'Bo' },
    requestKey: 'tg:sell',
    nowMs: clock.now(),
    random,
  })
  if (listing.state === 'live') return listing
  const live = await updateDocument({
    collection: listings,
    id: listing.id,
    change: (now) => ({ ...now, state: 'live' as const, capacity: 'available' as const }),
  })
  return live?.value ?? listing
}

// Events as core/escrow/events.ts decodes them

let logIndex = 0
const at = () => {
  logIndex += 1
  const hash: Hex = `0x${logIndex.toString(16).padStart(64, '0')}`
  return { blockNumber: BigInt(logIndex), blockHash: hash, logIndex, transactionHash: hash }
}
const zeros: Hex = `0x${'0'.repeat(64)}`

export const fundedEvent = (terms: Terms, from: Address = payer.address): RouterEventOf<'JobFunded'> => ({
  at: at(),
  name: 'JobFunded',
  id: hashTerms({ terms, ...place }),
  payer: from,
  payout: '0x976EA74026E726554dB657fA54763abd0C3a0aa9',
  depositMicroUsd: depositOf(terms),
  priceVerified: true,
  terms,
})

export const startedEvent = (id: Hex, startedAtMs: number): RouterEventOf<'JobStarted'> => ({
  at: at(),
  name: 'JobStarted',
  id,
  startedAtMs: Math.floor(startedAtMs / 1000) * 1000,
})

export function settledEvent(terms: Terms, usedSeconds: number): RouterEventOf<'JobSettled'> {
  const paidMicroUsd = owedOf(terms, usedSeconds)
  const feeMicroUsd = feeOf(paidMicroUsd, terms.feeBps)
  return {
    at: at(),
    name: 'JobSettled',
    id: hashTerms({ terms, ...place }),
    provider: terms.provider,
    usedSeconds,
    toProviderMicroUsd: paidMicroUsd - feeMicroUsd,
    feeMicroUsd,
    paidMicroUsd,
    refundedMicroUsd: depositOf(terms) - paidMicroUsd,
    evidenceRoot: zeros,
  }
}

export function checkpointEvent(terms: Terms, usedSeconds: number): RouterEventOf<'JobCheckpointed'> {
  const { refundedMicroUsd: _, evidenceRoot: __, ...paid } = settledEvent(terms, usedSeconds)
  return { ...paid, name: 'JobCheckpointed' }
}

export const refundedEvent = (terms: Terms, cancelled = true): RouterEventOf<'JobRefunded'> => ({
  at: at(),
  name: 'JobRefunded',
  id: hashTerms({ terms, ...place }),
  refundTo: terms.refundTo,
  refundedMicroUsd: depositOf(terms),
  cancelled,
})

/** `usedSeconds`: paid for on the way. */
export const expiredEvent = (terms: Terms, usedSeconds = 0): RouterEventOf<'JobExpired'> => ({
  at: at(),
  name: 'JobExpired',
  id: hashTerms({ terms, ...place }),
  refundTo: terms.refundTo,
  refundedMicroUsd: depositOf(terms) - owedOf(terms, usedSeconds),
  usedSeconds,
  paidMicroUsd: owedOf(terms, usedSeconds),
})

export const stopEvent = (terms: Terms): RouterEventOf<'StopRequested'> => ({
  at: at(),
  name: 'StopRequested',
  id: hashTerms({ terms, ...place }),
  refundTo: terms.refundTo,
})
