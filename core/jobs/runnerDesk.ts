// What a seller's runner may ask of Necto, whatever carries the request: its own jobs, and nothing of anybody else's.
import type { Hex } from 'viem'
import { z } from 'zod'
import { bytes32, hexBytes } from '../codecs.ts'
import { workloadSchema } from '../market/ask.ts'
import { envSchema } from './jobEnv.ts'

/** A job as its runner sees it: what to run and for how long; no ref, no person, no team. `env` comes with the acceptance alone. */
export const runnerJobSchema = z.strictObject({
  /** The on-chain job id. */
  jobId: bytes32,
  workload: workloadSchema,
  gpuCount: z.int().positive(),
  maxSeconds: z.int().positive(),
  env: envSchema.optional(),
})
export type RunnerJob = z.output<typeof runnerJobSchema>

/** What the runner signs when the job has ended. */
export const receiptSchema = z.strictObject({
  jobId: bytes32,
  /** Seconds the workload ran, whole, rounded down. */
  usedSeconds: z.int().nonnegative(),
  exitCode: z.int(),
  /** 'exited' by itself, 'stopped' on request, 'timeout' at maxSeconds, 'failed' when it could not be started. */
  reason: z.enum(['exited', 'stopped', 'timeout', 'failed']),
  /** Of the whole log and of the output archive, as `core/supply/blindHash.ts` makes it of their SHA-256 and the salt. */
  logHash: bytes32,
  outputHash: bytes32,
})
export type Receipt = z.output<typeof receiptSchema>
export const signedReceiptSchema = z.strictObject({ receipt: receiptSchema, signature: hexBytes })
/** As the runner hands it in: the salt of its hashes stays between it, Necto and whoever has the result key. */
export const handedReceiptSchema = signedReceiptSchema.extend({ salt: bytes32 })
export type HandedReceipt = z.output<typeof handedReceiptSchema>
export type SignedReceipt = z.output<typeof signedReceiptSchema>

/** A refusal the runner can act on. */
export interface DeskRefusal {
  readonly ok: false
  readonly code: 'unknown-runner' | 'unknown-job' | 'wrong-state' | 'bad-receipt' | 'too-large'
  readonly why: string
}
export type DeskAnswer<T> = { readonly ok: true; readonly value: T } | DeskRefusal

/** Every call names the runner (its key's address), already authenticated by the caller. All are idempotent. */
export interface RunnerDesk {
  /** Whether this key belongs to an approved listing. */
  knows(runner: Hex): Promise<boolean>
  /** The oldest job waiting for this runner or already its own and unfinished (after a runner's restart). */
  next(runner: Hex): Promise<RunnerJob | undefined>
  accept(runner: Hex, jobId: Hex): Promise<DeskAnswer<RunnerJob>>
  /** Says whether the runner must stop the job. */
  heartbeat(runner: Hex, jobId: Hex): Promise<DeskAnswer<{ stop: boolean }>>
  /** Appends to the live log; a chunk whose offset is already stored is ignored. `offset` in bytes. */
  log(
    runner: Hex,
    jobId: Hex,
    chunk: { offset: number; bytes: Uint8Array },
  ): Promise<DeskAnswer<{ nextOffset: number }>>
  /** The output archive, whole. */
  output(runner: Hex, jobId: Hex, bytes: Uint8Array): Promise<DeskAnswer<Record<never, never>>>
  receipt(runner: Hex, jobId: Hex, signed: HandedReceipt): Promise<DeskAnswer<Record<never, never>>>
}
