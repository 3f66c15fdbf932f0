// What the runner knows of a job, on disk, so that a runner killed at any moment still accounts for it.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Hex } from 'viem'
import { z } from 'zod'
import { instantMs } from '../../core/codecs.ts'
import { errorText, NectoError } from '../../core/errors.ts'
import { receiptSchema, runnerJobSchema } from '../../core/jobs/runnerDesk.ts'

const endingSchema = receiptSchema.pick({ usedSeconds: true, exitCode: true, reason: true })
/** What a receipt says about the run itself. */
export type RunEnding = z.output<typeof endingSchema>

const jobStateSchema = z.discriminatedUnion('phase', [
  z.strictObject({ phase: z.literal('accepted'), job: runnerJobSchema }),
  z.strictObject({
    phase: z.literal('running'),
    job: runnerJobSchema,
    driver: z.string(),
    /** What the driver finds the workload by. */
    handle: z.string(),
    startedAtMs: instantMs,
    /** The last moment at which it was known to run. */
    aliveAtMs: instantMs,
  }),
  z.strictObject({ phase: z.literal('ended'), job: runnerJobSchema, ending: endingSchema }),
  /** The receipt was refused for good; kept for the seller to look at. */
  z.strictObject({ phase: z.literal('refused'), job: runnerJobSchema, ending: endingSchema, why: z.string() }),
])
export type JobState = z.output<typeof jobStateSchema>

export interface JobFolder {
  readonly logPath: string
  readonly workPath: string
  readonly outputPath: string
  readonly archivePath: string
  read(): JobState
  /** On disk when it returns. Not async, so that nothing can happen between starting a job and noting it down. */
  save(state: JobState): void
  /** Empties the output folder. */
  dropOutput(): void
  remove(): void
}

/** The jobs of one runner, a folder each under `root`. */
export function openJobFolders(root: string) {
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const statePath = (id: string) => join(root, id, 'state.json')

  return {
    /** The ids of all jobs that are not settled with the desk. */
    list: (): Hex[] =>
      readdirSync(root).filter((name): name is Hex => name.startsWith('0x') && existsSync(statePath(name))),
    has: (id: Hex): boolean => existsSync(statePath(id)),
    open(id: Hex): JobFolder {
      const path = join(root, id)
      const folder: JobFolder = {
        logPath: join(path, 'log'),
        workPath: join(path, 'work'),
        outputPath: join(path, 'output'),
        archivePath: join(path, 'output.tar'),
        read: () => readState(statePath(id)),
        save: (state) => writeSynced(statePath(id), JSON.stringify(state)),
        dropOutput() {
          rmSync(folder.outputPath, { recursive: true, force: true })
          mkdirSync(folder.outputPath, { mode: 0o700 })
        },
        remove: () => rmSync(path, { recursive: true, force: true }),
      }
      mkdirSync(folder.workPath, { recursive: true, mode: 0o700 })
      mkdirSync(folder.outputPath, { recursive: true, mode: 0o700 })
      return folder
    },
  }
}
export type JobFolders = ReturnType<typeof openJobFolders>

function readState(path: string): JobState {
  try {
    return jobStateSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    throw new NectoError('seller.state', `The note of a job is damaged: ${path}`, { details: errorText(cause), cause })
  }
}

function writeSynced(path: string, text: string): void {
  const aside = `${path}.new`
  const fd = openSync(aside, 'w', 0o600)
  writeSync(fd, text)
  fsyncSync(fd)
  closeSync(fd)
  renameSync(aside, path)
}
