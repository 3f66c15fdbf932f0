// From the text of /job to the first progress and to the recommendation, through the product's own flow and store.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { systemClock as clock } from '../../core/clock.ts'
import type { JobsContext } from '../../core/jobs/context.ts'
import type { Market } from '../../core/jobs/readMarket.ts'
import { requestJob } from '../../core/jobs/requestJob.ts'
import { scanJob } from '../../core/jobs/scanJob.ts'
import { asker, askerChat, createTestJobs } from '../../core/jobs/testJobs.ts'
import { silentLog } from '../../core/log.ts'
import { parseAskText } from '../../core/market/askGrammar.ts'
import { createOfferCache } from '../../core/market/cache.ts'
import { createProviders } from '../../core/providers/registry.ts'
import { openLowdbStore } from '../../core/store/lowdb.ts'
import { workOn } from '../../core/store/workOn.ts'
import { readNectoListings } from '../../core/supply/nectoListings.ts'
import { startProviders } from '../world/providers/startProviders.ts'
import type { Bench, Row } from './bench.ts'
import { summarize } from './measure.ts'

const TEXT = 'h100 x1 4h max 5 run echo hello'
const RUNS = { cold: 10, warm: 30 }
const FIRST_PROGRESS_AIM_MS = 50

/** From the arrival of the command: until the first event of the scan was stored and told, and until the card was. */
interface Times {
  readonly firstMs: number
  readonly cardMs: number
}

export const jobBench: Bench = {
  name: 'job',
  about: '/job to its first progress and to the recommendation, with an empty and a filled cache',
  async run() {
    const folder = await mkdtemp(path.join(tmpdir(), 'necto-bench-'))
    const world = await startProviders({ seed: 'bench' })
    const store = await openLowdbStore({ directory: folder })
    try {
      const { context } = await createTestJobs({ store, clock })
      const listings = () => readNectoListings({ listings: context.listings, clock })
      // Providers remember slow-moving things too, so an empty cache needs new ones.
      const emptyMarket = (): Market => ({
        providers: createProviders({ clock, env: world.env, listings }),
        cache: createOfferCache({ clock }),
        clock,
        tokens: async () => [],
      })
      const cold: Times[] = []
      for (let run = -1; run < RUNS.cold; run++) {
        const times = await askOnce(context, emptyMarket())
        if (run >= 0) cold.push(times)
      }
      const filled = emptyMarket()
      await askOnce(context, filled)
      const warm: Times[] = []
      for (let run = 0; run < RUNS.warm; run++) warm.push(await askOnce(context, filled))
      return [...rows('empty cache', cold), ...rows('filled cache', warm)]
    } finally {
      await store.close()
      await world.stop()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

function rows(cache: string, times: readonly Times[]): Row[] {
  const first = summarize(times.map(({ firstMs }) => firstMs))
  const card = summarize(times.map(({ cardMs }) => cardMs))
  return [
    { what: `/job to the first progress, ${cache}`, unit: 'ms', ...first, aim: FIRST_PROGRESS_AIM_MS },
    {
      what: `/job to the recommendation, ${cache}`,
      unit: 'ms',
      ...card,
      ratio: { value: card.median / first.median, to: 'the first progress' },
    },
  ]
}

let asked = 0

/** One job as the bots bring it about: the command stores it, the task that waits for such jobs scans. */
async function askOnce(context: JobsContext, market: Market): Promise<Times> {
  const ending = new AbortController()
  const scanning = workOn({
    name: 'scanJobs',
    collection: context.jobs,
    wants: (job) => job.state === 'scanning',
    work: async (doc, signal) => scanJob({ context, market, job: doc.value, signal }).then(() => undefined),
    clock,
    log: silentLog,
    signal: ending.signal,
  })
  const changes = context.jobs.watch(ending.signal)
  const { providers } = market
  const startedAt = performance.now()
  const parsed = parseAskText(TEXT, { knownProviders: providers.map(({ id }) => id) })
  if (!parsed.ok) throw new Error('the ask was not understood')
  const { job } = await requestJob({
    context,
    requestKey: `bench:${++asked}`,
    ask: parsed.ask,
    workload: parsed.workload,
    mode: 'tracked',
    principal: asker,
    place: { ...askerChat },
    providers,
  })
  try {
    return await timesOf({ context, ref: job.ref, changes, startedAt })
  } finally {
    ending.abort()
    await scanning
  }
}

async function timesOf(options: {
  context: JobsContext
  ref: string
  changes: ReturnType<JobsContext['jobs']['watch']>
  startedAt: number
}): Promise<Times> {
  const { context, ref, changes, startedAt } = options
  let firstMs: number | undefined
  for await (const { id, version } of changes) {
    // The first version is the request itself.
    if (id !== ref || version === 1) continue
    firstMs ??= performance.now() - startedAt
    const state = (await context.jobs.get(ref))?.value.state
    if (state === 'offered') return { firstMs, cardMs: performance.now() - startedAt }
    if (state !== 'scanning') throw new Error(`the job is ${state}`)
  }
  throw new Error('the store closed')
}
