// A process with so many running jobs on disk and the keeper's loops over them; says its memory and how long one more takes to end.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock as clock } from '../../core/clock.ts'
import { runner } from '../../core/jobs/testJobs.ts'
import { transition } from '../../core/jobs/transitions.ts'
import { silentLog as log } from '../../core/log.ts'
import { openLowdbStore } from '../../core/store/lowdb.ts'
import { workOn } from '../../core/store/workOn.ts'
import { checkpointJob } from '../../keeper/tasks/checkpointJobs.ts'
import { batchOf, completeId } from '../../keeper/tasks/sendSettlements.ts'
import { settleJob } from '../../keeper/tasks/settleJobs.ts'
import { createTestKeeper } from '../../keeper/tasks/testKeeper.ts'
import { watchJob } from '../../keeper/tasks/watchJobs.ts'
import { summarize } from './measure.ts'

const ENDED = 20

const count = Number(process.argv[2])
const directory = await mkdtemp(path.join(tmpdir(), 'necto-bench-'))
const store = await openLowdbStore({ directory })
const { keeper, shop } = await createTestKeeper({ store, clock, gpuCount: 1_000_000 })
const docs = keeper.intents
const { context } = shop
const signed = await shop.signed()
const nowMs = clock.now()
// Heard of later than any of this takes, since a silent one is ended; too short for a checkpoint.
const lastSeenAtMs = nowMs + 3_500_000
const run = { runner: runner.address, acceptedAtMs: nowMs, lastSeenAtMs, logChunks: 0, logBytes: 0 }
for (let i = 0; i < count; i++) {
  const number = i.toString(16).padStart(8, '0')
  await context.jobs.insert(`OPEN-${number}`, {
    ...signed,
    ref: `OPEN-${number}`,
    jobId: `0x${number.repeat(8)}`,
    linkToken: number,
    state: 'running',
    started: { txHash: `0x${number.repeat(8)}`, atMs: nowMs },
    run: { ...run, stopRequested: false },
  })
}

const stop = new AbortController()
const loops = { collection: context.jobs, clock, log, signal: stop.signal }
const running = [
  workOn({
    ...loops,
    name: 'watchJobs',
    wants: ({ state }) => state === 'running',
    work: (doc) => watchJob(keeper, doc),
  }),
  workOn({
    ...loops,
    name: 'checkpointJobs',
    wants: ({ state }) => state === 'running',
    work: (doc, ending) => checkpointJob(keeper, doc, ending),
  }),
  workOn({
    ...loops,
    name: 'settleJobs',
    wants: ({ state }) => state === 'finishing' || state === 'settling',
    work: (doc, signal) => settleJob(keeper, doc, signal),
  }),
]
// Each loop has looked at every job once.
await sleep(2_000)
const times: number[] = []
for (const doc of (await context.jobs.list({ index: 'state', key: 'running' })).slice(0, ENDED)) {
  const { jobId = '0x' } = doc.value
  const startedAt = performance.now()
  await shop.change(doc.id, (job) => transition(job, 'finish', job.run ? { run: { ...job.run, endedAtMs: 0 } } : {}))
  while (!(await docs.get(completeId(jobId))) && !(await batchOf(keeper, jobId))) await sleep(1)
  times.push(performance.now() - startedAt)
  // Out of the way, or the next would gather behind it.
  const [open] = await docs.list({ index: 'state', key: 'planned' })
  if (open) await docs.put(open, { ...open.value, state: 'mined' })
}
globalThis.gc?.()
await sleep(100)
globalThis.gc?.()
process.stdout.write(JSON.stringify({ rssMib: process.memoryUsage().rss / 2 ** 20, ms: summarize(times) }))
stop.abort()
await Promise.all(running)
await store.close()
await rm(directory, { recursive: true, force: true })
