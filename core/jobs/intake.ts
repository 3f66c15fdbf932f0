// What comes in from the machine that runs a job, whoever owns it: signs of life, the log piece by piece, the output.
import { createKeyedQueue } from '../keyedQueue.ts'
import type { Stored } from '../store/store.ts'
import { updateDocument } from '../store/updateDocument.ts'
import type { JobsContext } from './context.ts'
import type { Job } from './job.ts'
import { putLogChunk, putOutput } from './jobLog.ts'
import type { DeskAnswer, DeskRefusal } from './runnerDesk.ts'

const MAX_LOG_BYTES = 16 * 1024 * 1024

export const refuse = (code: DeskRefusal['code'], why: string): DeskRefusal => ({ ok: false, code, why })
export const done = <T>(value: T): DeskAnswer<T> => ({ ok: true, value })
export const notRunning = refuse('wrong-state', 'This job is not running.')

type Run = NonNullable<Job['run']>
/** Who calls: `key` is the same for every call about one job, `find` answers the job if it is the caller's. */
interface Caller {
  readonly key: string
  find(): Promise<DeskAnswer<Stored<Job>>>
}

/** A run that has begun just now. */
export const newRun = (runner: Run['runner'], nowMs: number): Run => ({
  runner,
  acceptedAtMs: nowMs,
  lastSeenAtMs: nowMs,
  logChunks: 0,
  logBytes: 0,
  stopRequested: false,
})

/** The intake over the store. */
export function createIntake({ jobs, blobs, clock }: Pick<JobsContext, 'jobs' | 'blobs' | 'clock'>) {
  // A call that the machine gave up may still be under way here when it is repeated: what writes bytes waits its turn.
  const perJob = createKeyedQueue()

  /** Marks a sign of life, with whatever else changed. */
  const seen = (ref: string, change: (run: Run) => Partial<Run>) =>
    updateDocument({
      collection: jobs,
      id: ref,
      change: (job) =>
        job.state === 'running' && job.run
          ? { ...job, run: { ...job.run, lastSeenAtMs: clock.now(), ...change(job.run) } }
          : undefined,
    })

  return {
    inTurn: perJob.run,

    async heartbeat({ find }: Pick<Caller, 'find'>): Promise<DeskAnswer<{ stop: boolean }>> {
      const found = await find()
      if (!found.ok) return found
      const stored = await seen(found.value.id, () => ({}))
      return stored?.value.run ? done({ stop: stored.value.run.stopRequested }) : notRunning
    },

    log: ({ key, find }: Caller, chunk: { offset: number; bytes: Uint8Array }) =>
      perJob.run(key, async (): Promise<DeskAnswer<{ nextOffset: number }>> => {
        const { offset, bytes } = chunk
        const found = await find()
        if (!found.ok) return found
        const { run, jobId, state } = found.value.value
        if (state !== 'running' || !run || !jobId) return notRunning
        // Bytes we have already, or a gap: the answer says where to go on.
        if (offset !== run.logBytes || bytes.length === 0) return done({ nextOffset: run.logBytes })
        if (offset + bytes.length > MAX_LOG_BYTES) return refuse('too-large', `A log may have ${MAX_LOG_BYTES} bytes.`)
        await putLogChunk({ blobs, jobId, number: run.logChunks, bytes })
        const stored = await seen(found.value.id, (now) => ({
          logChunks: now.logChunks + 1,
          logBytes: offset + bytes.length,
        }))
        return done({ nextOffset: stored?.value.run?.logBytes ?? offset })
      }),

    output: ({ key, find }: Caller, bytes: Uint8Array) =>
      perJob.run(key, async (): Promise<DeskAnswer<Record<never, never>>> => {
        const found = await find()
        if (!found.ok) return found
        const { jobId, state } = found.value.value
        if (state !== 'running' || !jobId) return notRunning
        await putOutput({ blobs, jobId, bytes })
        await seen(found.value.id, () => ({ outputBytes: bytes.length }))
        return done({})
      }),
  }
}
