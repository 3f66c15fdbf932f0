// For tests: a Necto with jobs in every state, of which only the chain's events and what lies on 0G outlast its store.
import { type Hex, sha256 } from 'viem'
import { createManualClock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import type { RouterEvent } from '../../core/escrow/events.ts'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { type JobsContext, openCollections } from '../../core/jobs/context.ts'
import { createRunnerDesk } from '../../core/jobs/createRunnerDesk.ts'
import { storeEvidence } from '../../core/jobs/evidence.ts'
import type { HandedReceipt } from '../../core/jobs/runnerDesk.ts'
import {
  checkpointEvent,
  createTestJobs,
  expiredEvent,
  fundedEvent,
  place,
  refundedEvent,
  runner,
  settledEvent,
  startedEvent,
  stopEvent,
} from '../../core/jobs/testJobs.ts'
import { objectBlob } from '../../core/jobs/upload.ts'
import type { Launcher } from '../../core/launch/launcher.ts'
import type { Store } from '../../core/store/store.ts'
import { blindHash } from '../../core/supply/blindHash.ts'
import { signReceipt } from '../../core/supply/receiptSignature.ts'
import { readStories } from './jobStories.ts'
import { rebuildStore } from './rebuildStore.ts'
import { createStoredFiles } from './storedFiles.ts'

export const RUN_SECONDS = 600
export const CHECKPOINT_SECONDS = 3600
export const LOG = new TextEncoder().encode('epoch 1\n')
const SALT: Hex = `0x${'5a'.repeat(32)}`
/** The block of each test event counts up, so its time follows from it. */
const timeOf = async (blockNumber: bigint) => Date.UTC(2026, 10, 23) + Number(blockNumber) * 2000

/** The receipt of a run that printed LOG and left nothing. */
export async function receiptOf(jobId: Hex, usedSeconds: number, account = runner): Promise<HandedReceipt> {
  const hashOf = (kind: 'log' | 'output', bytes: Uint8Array) => blindHash(kind, { salt: SALT, hash: sha256(bytes) })
  const hashes = { logHash: hashOf('log', LOG), outputHash: hashOf('output', new Uint8Array()) }
  const receipt = { jobId, usedSeconds, exitCode: 0, reason: 'exited', ...hashes } as const
  return { ...(await signReceipt({ account, receipt, chainId: place.chainId })), salt: SALT }
}

export type Lost = Awaited<ReturnType<typeof createLost>>
type Signed = Awaited<ReturnType<Awaited<ReturnType<typeof createTestJobs>>['signed']>>

/** With a launcher every job runs on a rented machine. */
export async function createLost(options: { launcher?: Launcher } = {}) {
  const clock = createManualClock(Date.UTC(2026, 10, 23))
  const shop = await createTestJobs({ clock, gpuCount: 64, ...options })
  const { context } = shop
  const desk = createRunnerDesk(context)
  const events: RouterEvent[] = []

  async function says(event: RouterEvent): Promise<void> {
    events.push(event)
    await applyRouterEvent(context, event)
  }
  async function pays(more: Parameters<typeof shop.signed>[0] = {}): Promise<Signed> {
    const job = await shop.signed(more)
    await says(fundedEvent(job.terms))
    return job
  }
  async function starts(more: Parameters<typeof shop.signed>[0] = {}): Promise<Signed> {
    const job = await pays(more)
    await says(startedEvent(job.jobId, clock.now()))
    return job
  }
  async function checkpoints({ terms }: Signed, usedSeconds: number): Promise<void> {
    await says(checkpointEvent(terms, usedSeconds))
  }
  async function runs(job: Signed): Promise<void> {
    await desk.accept(runner.address, job.jobId)
    await clock.tick(RUN_SECONDS * 1000)
    await desk.log(runner.address, job.jobId, { offset: 0, bytes: LOG })
    await desk.receipt(runner.address, job.jobId, await receiptOf(job.jobId, RUN_SECONDS))
    const evidence = await storeEvidence({ context, job: await shop.jobOf(job.ref), usedSeconds: RUN_SECONDS })
    await shop.change(job.ref, (now) => ({ ...now, evidence }))
    await says({ ...settledEvent(job.terms, RUN_SECONDS), evidenceRoot: evidence.root })
  }

  return {
    shop,
    clock,
    events,
    says,
    pays,
    starts,
    checkpoints,
    runs,
    /** One job in each state that a payment leads to. */
    async everyState() {
      const settled = await starts()
      await runs(settled)
      const untracked = await starts({ mode: 'untracked' })
      await runs(untracked)
      const cancelled = await pays()
      await says(refundedEvent(cancelled.terms))
      const late = await pays()
      await says(refundedEvent(late.terms, false))
      const expired = await starts()
      await says(expiredEvent(expired.terms, CHECKPOINT_SECONDS))
      const funded = await pays()
      const running = await starts()
      await checkpoints(running, CHECKPOINT_SECONDS)
      const stopped = await starts()
      await says(stopEvent(stopped.terms))
      return { settled, untracked, cancelled, late, expired, funded, running, stopped }
    },
    /** What a fresh store comes to; 0G gives what `has` says, all by default. */
    async rebuild(store: Store, has: (root: Hex) => boolean | Uint8Array = () => true) {
      const fresh: JobsContext = { ...context, ...openCollections(store), random: (length) => new Uint8Array(length) }
      const asked: Hex[] = []
      const zeroG = {
        async get(root: Hex) {
          asked.push(root)
          const given = has(root)
          const bytes = typeof given === 'boolean' ? given && (await context.blobs.get(objectBlob(root))) : given
          if (bytes) return bytes
          throw new NectoError('zerog.unavailable', 'Storage does not answer.', { retry: 'later' })
        },
        status: async () => ({ known: true, finalized: true, txSeq: 7, pruned: false }),
      }
      const rebuilt = await rebuildStore({
        context: fresh,
        chainId: place.chainId,
        stories: readStories(events).jobs,
        stored: createStoredFiles({ context: fresh, zeroG, signal: new AbortController().signal }),
        timeOf,
        names: { akash: 'Akash' },
        onProgress: () => {},
      })
      const jobs = new Map((await fresh.jobs.list()).map(({ id, value }) => [id, value]))
      return { rebuilt, jobs, asked, context: fresh }
    },
  }
}
