// The desk for machines that Necto rents elsewhere: whoever holds a job's token is its machine, and moves that job along.

import type { Stored } from '../store/store.ts'
import { updateDocument } from '../store/updateDocument.ts'
import type { JobsContext } from './context.ts'
import { toRunnerJob } from './createRunnerDesk.ts'
import { createIntake, done, newRun, notRunning, refuse } from './intake.ts'
import { isEnded, type Job } from './job.ts'
import type { DeskAnswer, RunnerJob } from './runnerDesk.ts'
import { envOf } from './secrets.ts'
import { transition } from './transitions.ts'

type Done = Promise<DeskAnswer<Record<never, never>>>

/** Every call names its job by the token alone. All are idempotent. */
export interface MachineDesk {
  knows(token: string): Promise<boolean>
  /** What to run, with its secrets, while it may run. */
  job(token: string): Promise<DeskAnswer<RunnerJob>>
  /** The program is about to run: from here on time is paid for. `boot` tells a repeated call from a second machine or boot. */
  started(token: string, boot: string): Done
  heartbeat(token: string): Promise<DeskAnswer<{ stop: boolean }>>
  log(token: string, chunk: { offset: number; bytes: Uint8Array }): Promise<DeskAnswer<{ nextOffset: number }>>
  output(token: string, bytes: Uint8Array): Done
  /** The program is over, perhaps since the provider takes the machine back; before `started` it could not be started. */
  ended(token: string, how: { exitCode: number; isReclaimed?: boolean }): Done
}

const NOT_STARTED = 'The machine could not start the image: its name, its access or its program is wrong.'
const RECLAIMED = 'The provider took the machine back before the job was done; what ran until then is paid.'
const MAY_RUN: readonly Job['state'][] = ['active', 'running']

/** A MachineDesk over the store. */
export function createMachineDesk(context: JobsContext): MachineDesk {
  const { jobs, clock } = context
  const intake = createIntake(context)

  async function own(token: string): Promise<DeskAnswer<Stored<Job>>> {
    const doc = (await jobs.list({ index: 'machine', key: token }))[0]
    return doc && !isEnded(doc.value) ? done(doc) : refuse('unknown-job', 'There is no such job.')
  }
  const caller = (token: string) => ({ key: token, find: () => own(token) })

  return {
    knows: async (token) => (await own(token)).ok,

    async job(token) {
      const found = await own(token)
      if (!found.ok) return found
      const job = found.value.value
      const runnerJob = toRunnerJob(job)
      if (!MAY_RUN.includes(job.state) || job.stopRequested || !runnerJob)
        return refuse('wrong-state', 'This job is not to be run.')
      const env = await envOf(context, job.ref)
      return done(env ? { ...runnerJob, env } : runnerJob)
    },

    async started(token, boot) {
      const found = await own(token)
      if (!found.ok) return found
      const stored = await updateDocument({
        collection: jobs,
        id: found.value.id,
        change: (job) =>
          job.launch && !job.stopRequested
            ? transition(job, 'accept', {
                launch: { ...job.launch, boot },
                run: newRun(job.launch.payout, clock.now()),
                trouble: undefined,
              })
            : undefined,
      })
      const job = stored?.value ?? found.value.value
      return job.state === 'running' && job.launch?.boot === boot
        ? done({})
        : refuse('wrong-state', 'This job is not to be run.')
    },

    async heartbeat(token) {
      const found = await own(token)
      if (!found.ok) return found
      // Whoever asks after the end is to go home.
      if (found.value.value.run?.endedAtMs !== undefined) return done({ stop: true })
      return intake.heartbeat(caller(token))
    },

    log: (token, chunk) => intake.log(caller(token), chunk),
    output: (token, bytes) => intake.output(caller(token), bytes),

    ended: (token, { exitCode, isReclaimed = false }) =>
      intake.inTurn(token, async () => {
        const found = await own(token)
        if (!found.ok) return found
        if (found.value.value.run?.endedAtMs !== undefined) return done({})
        const nowMs = clock.now()
        const stored = await updateDocument({
          collection: jobs,
          id: found.value.id,
          change: ({ ...job }) => {
            if (job.run) job.run = { ...job.run, exitCode, lastSeenAtMs: nowMs, endedAtMs: nowMs }
            const why = isReclaimed ? RECLAIMED : job.run ? undefined : NOT_STARTED
            if (job.launch && why) job.launch = { ...job.launch, why }
            return transition(job, 'finish')
          },
        })
        return stored || isOver((await jobs.get(found.value.id))?.value) ? done({}) : notRunning
      }),
  }
}

/** Ended already, by this call's first delivery or by somebody else. */
const isOver = (job: Job | undefined): boolean => job?.state === 'finishing' || job?.state === 'settling'
