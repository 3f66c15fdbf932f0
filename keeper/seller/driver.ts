// What the runner asks of whatever runs a job: a process, or a container.
import type { RunnerJob } from '../../core/jobs/runnerDesk.ts'

/** One job with its places on disk. */
export interface Assignment {
  readonly job: RunnerJob
  /** Where it starts; empty and its own. */
  readonly workPath: string
  /** What it leaves here is sent to the buyer; it finds the path in NECTO_OUTPUT. */
  readonly outputPath: string
  /** An open file that its standard output and standard error are appended to. */
  readonly logFd: number
}

/** How it ended. `failure` is set when it never ran, with what to tell the buyer. */
export interface Ending {
  readonly exitCode: number
  readonly failure?: string
}

export interface RunningWorkload {
  /** Resolves once it and everything it started is gone; never rejects. */
  readonly ended: Promise<Ending>
  /** Asks it to end, then makes it end; `ended` tells when. */
  stop(): void
}

export interface Driver {
  readonly name: 'process' | 'docker' | 'podman'
  /** Why this driver cannot run such a job; undefined when it can. */
  refuses(job: RunnerJob): string | undefined
  /** Whatever takes time before the job itself runs; throws NectoError `seller.prepare`. The buyer does not pay for it. */
  prepare(assignment: Assignment, signal: AbortSignal): Promise<void>
  /** Starts it and calls `record` at once, before anything can interrupt, with what finds it again after a restart. */
  start(assignment: Assignment, record: (handle: string) => void): RunningWorkload
  /** Ends what an earlier life of the runner started; whether it was still running. */
  endLeftover(handle: string): Promise<boolean>
}

/** How long a job may take to end by itself after being asked to. */
export const STOP_GRACE_MS = 5_000
