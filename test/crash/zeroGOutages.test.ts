// Whole jobs while 0G stalls, lies or refuses, at each arrow of the outbox: payment goes on, the start waits or the money comes back, and all is stored in the end.
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { depositOf, owedOf } from '../../core/escrow/metering.ts'
import { isEnded, type Job } from '../../core/jobs/job.ts'
import { getUploaded, type Upload, uploads } from '../../core/jobs/upload.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { createStoreJournal, submissions } from '../../core/zerog/storeJournal.ts'
import type { Faults } from '../world/zerog/faults.ts'
import { noFaults } from '../world/zerog/faults.ts'
import { deadlineByHand, type StorageBed, startStorageBed } from '../world/zerog/storageBed.ts'
import { isLongCampaign } from './campaign.ts'
import { type Fault, startFaultyRpc } from './faultyRpc.ts'
import { createJobWorld, type JobWorld, type Life, RUN_SECONDS } from './jobWorld.ts'
import { pays } from './playJobs.ts'

// Never by the clock: the test says when an upload has hung for long enough, and each time waits longer for that.
const UPLOAD_WITHIN_MS = 120_000
const FIRST_PATIENCE_MS = 800
const LONGEST_PATIENCE_MS = 4_000
// A file that failed often is tried again after ten minutes, and a turn is a second.
const MAX_TURNS = 3_000
const ANOTHER_CONTRACT = '0x00000000000000000000000000000000deadbeef'

/** What goes wrong, at the node or on the way of the payment to the storage chain, and how far the record then comes. */
type Outage = { readonly node?: Partial<Faults>; readonly chain?: Fault; readonly reaches: ObjectState }
type ObjectState = Upload['objects'][number]['state']
type Way = readonly [name: string, outage: Outage, inCi: boolean]
const WAYS: readonly Way[] = [
  ['refuses every connection', { node: { down: true }, reaches: 'built' }, true],
  ['answers everything with 500', { node: { http500: true }, reaches: 'built' }, false],
  ['stalls', { node: { responseDelayMs: 1_500 }, reaches: 'built' }, false],
  ['names another contract', { node: { reportedFlowAddress: ANOTHER_CONTRACT }, reaches: 'built' }, false],
  ['has a chain that refuses the payment', { chain: 'refuses', reaches: 'submitting' }, false],
  ['has a chain that drops the payment', { chain: 'answers and drops it', reaches: 'submitting' }, false],
  ['never sees the payment', { node: { syncDelayMs: Number.POSITIVE_INFINITY }, reaches: 'registered' }, false],
  ['takes no data', { node: { rejectSegments: 1_000_000 }, reaches: 'registered' }, false],
  ['never makes a file final', { node: { neverFinalize: true }, reaches: 'uploaded' }, true],
]

/** A node and its chain, both under control, and a job world whose files go there with the real SDK. */
async function openWorld() {
  const bed: StorageBed = await startStorageBed()
  let chainFault: Fault | undefined
  const rpc = await startFaultyRpc({
    targetUrl: bed.rpcUrl,
    decide: ({ method }) => (method === 'eth_sendRawTransaction' ? chainFault : undefined),
  })
  const inner = createMemoryStore()
  const { clock, expire } = deadlineByHand(UPLOAD_WITHIN_MS)
  let patience: NodeJS.Timeout | undefined
  const loseAfter = (ms: number, longestMs: number) => {
    clearTimeout(patience)
    patience = setTimeout(() => {
      expire()
      loseAfter(Math.min(2 * ms, longestMs), longestMs)
    }, ms)
  }
  const zeroG = bed.open({
    clock,
    rpcUrl: rpc.url,
    uploadTimeoutMs: UPLOAD_WITHIN_MS,
    journal: createStoreJournal({ collection: inner.collection(submissions), clock: systemClock }),
  })
  const world = await createJobWorld({ inner, zeroG })
  const life = await world.begin()
  return {
    bed,
    world,
    life,
    zeroG,
    breaks({ node, chain }: Outage): void {
      loseAfter(FIRST_PATIENCE_MS, LONGEST_PATIENCE_MS)
      Object.assign(bed.node.faults, node)
      chainFault = chain
    },
    /** What was given away before still ends at its deadline; what comes after is given ever longer, on any machine. */
    heals(): void {
      loseAfter(LONGEST_PATIENCE_MS, Number.POSITIVE_INFINITY)
      Object.assign(bed.node.faults, noFaults)
      chainFault = undefined
    },
    async close(): Promise<void> {
      clearTimeout(patience)
      await life.end()
      await bed.stop()
      await rpc.stop()
    },
  }
}
type Opened = Awaited<ReturnType<typeof openWorld>>

/** Everybody does their part until it holds. */
async function turnsUntil(
  { world, life }: { world: JobWorld; life: Life },
  holds: (job: Job) => Promise<boolean> | boolean,
) {
  for (let turn = 0; ; turn++) {
    await life.turn()
    await pays(world, life)
    await life.work()
    await world.clock.tick(1_000)
    const [job] = await world.jobs()
    if (job && (await holds(job))) return job
    if (turn > MAX_TURNS) throw new Error(`stuck: ${job?.state} ${JSON.stringify(job?.trouble)}`)
  }
}

const files = async ({ world }: Opened) => (await world.inner.collection(uploads).list()).map(({ value }) => value)
const hasReached = async (opened: Opened, { reaches }: Outage) =>
  (await files(opened)).some(({ kind, objects }) => kind === 'record' && objects[0]?.state === reaches)
const areStored = (opened: Opened) => async () => (await files(opened)).every(({ state }) => state === 'stored')

/** Every object is final at the node, paid once, and what comes back from there is what was kept here. */
async function expectAllStored(opened: Opened): Promise<number> {
  const { bed, world, zeroG } = opened
  const objects = (await files(opened)).flatMap((file) => file.objects.map(({ root }) => root))
  for (const root of objects) expect(bed.node.peek(root)?.final).toBe(true)
  expect(await bed.submissions()).toBe(new Set(objects).size)
  const [first] = await files(opened)
  const root = first?.root ?? expect.unreachable('nothing was stored')
  const { uploads: docs, blobs } = { uploads: world.inner.collection(uploads), blobs: world.inner.blobs }
  bed.node.faults.corruptDownload = true
  await expect(zeroG.get(root)).rejects.toMatchObject({ code: expect.stringMatching(/^zerog\./) })
  bed.node.faults.corruptDownload = false
  expect(await zeroG.get(root)).toEqual(await getUploaded({ uploads: docs, blobs, root }))
  return objects.length
}

const askText = 'h100 x1 4h tracked run python zyzzyva-model.py --dataset xylophone'

async function waitsAndRuns(opened: Opened, outage: Outage): Promise<number> {
  const { world } = opened
  world.says('tg:1001', 'job', askText)
  opened.breaks(outage)
  // The payment does not wait for 0G; the start does, and people are told why.
  await turnsUntil(
    opened,
    async ({ state, trouble }) =>
      state === 'funded' && trouble?.code === 'record-not-stored' && (await hasReached(opened, outage)),
  )
  expect([...world.router.deposits.values()].map(({ status }) => status)).toEqual(['funded'])
  opened.heals()
  await turnsUntil(opened, ({ state }) => state === 'active' || state === 'running' || state === 'finishing')
  // Away again while it runs: the seller is paid all the same.
  opened.breaks(outage)
  const settled = await turnsUntil(opened, isEnded)
  expect(settled).toMatchObject({ state: 'settled', usedSeconds: RUN_SECONDS })
  opened.heals()
  await turnsUntil(opened, areStored(opened))
  const [deposit] = [...world.router.deposits.values()]
  const owed = owedOf(deposit?.terms ?? expect.unreachable(), RUN_SECONDS)
  expect(world.router.moved).toMatchObject({ toSellers: owed, back: world.router.moved.in - owed })
  expect(world.ran.map(({ id, error }) => `${id.split(':')[1]} ${error ?? 'ok'}`)).toEqual([
    'fund ok',
    'start ok',
    'complete ok',
  ])
  return expectAllStored(opened)
}

async function comesBack(opened: Opened, outage: Outage): Promise<number> {
  const { world } = opened
  world.says('tg:1001', 'job', askText)
  opened.breaks(outage)
  const { terms } = await turnsUntil(
    opened,
    async ({ state }) => state === 'funded' && (await hasReached(opened, outage)),
  )
  const startBy = Number(terms?.startBy ?? expect.unreachable())
  await world.clock.tick(startBy * 1_000 - world.clock.now())
  const refunded = await turnsUntil(opened, isEnded)
  expect(refunded).toMatchObject({ state: 'refunded', refunded: { why: 'The job could not be started in time.' } })
  const deposit = depositOf(refunded.terms ?? expect.unreachable())
  expect(world.router.moved).toEqual({ in: deposit, toSellers: 0n, back: deposit })
  // The decision is saved all the same.
  opened.heals()
  await turnsUntil(opened, areStored(opened))
  return expectAllStored(opened)
}

describe('a 0G node that', () => {
  const ways = WAYS.filter(([, , inCi]) => inCi || isLongCampaign)
  test.concurrent.each(ways)('%s: for a while, or past the last moment of a start', async (name, outage) => {
    const counts: number[] = []
    for (const scene of [waitsAndRuns, comesBack]) {
      const opened = await openWorld()
      try {
        counts.push(await scene(opened, outage))
      } finally {
        await opened.close()
      }
    }
    console.info(
      `0G ${name}: 2 jobs, 1 settled, 1 refunded, ${counts.join(' + ')} objects each paid once: 0 double payments, 0 lost jobs`,
    )
  })
})
