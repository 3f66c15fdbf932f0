// Hands in what an ended job owes the desk: the rest of the log, the output, the signed receipt, in that order.
import { appendFileSync } from 'node:fs'
import { sha256 } from 'viem'
import { errorText, NectoError } from '../../core/errors.ts'
import { createSalt } from '../../core/ids.ts'
import type { Receipt, RunnerJob } from '../../core/jobs/runnerDesk.ts'
import { blindHash } from '../../core/supply/blindHash.ts'
import { signReceipt } from '../../core/supply/receiptSignature.ts'
import { MAX_OUTPUT_BYTES } from '../api/messages.ts'
import { archiveOutput } from './archiveOutput.ts'
import type { JobFolder, RunEnding } from './jobFolder.ts'
import { createLogShipper } from './logShipper.ts'
import { untilAnswered } from './retry.ts'
import type { RunnerOptions } from './runner.ts'

/**
 * Repeats until the desk has acknowledged the receipt, then removes the folder; a receipt refused for good stays in it
 * as `refused`. Throws the signal's reason when aborted before: what is on disk is enough to go on later.
 */
export async function settleJob(options: {
  runner: RunnerOptions
  job: RunnerJob
  ending: RunEnding
  folder: JobFolder
  signal: AbortSignal
}): Promise<void> {
  const { runner, job, ending, folder, signal } = options
  const { client, log } = runner
  const { jobId } = job
  const ask = <T>(what: string, call: () => Promise<T>) => untilAnswered({ ...runner, what, call, signal })

  const output = await packOutput(options)
  const shipper = createLogShipper({ client, jobId, path: folder.logPath })
  // A desk that will not have log or output any more still decides about the receipt.
  await ask('log', () => shipper.ship(signal)).catch(passRefusal)
  await ask('output', () => client.output(jobId, output, signal)).catch(passRefusal)

  const salt = createSalt()
  const receipt: Receipt = {
    jobId,
    ...ending,
    logHash: blindHash('log', { salt, hash: await shipper.hash() }),
    outputHash: blindHash('output', { salt, hash: sha256(output) }),
  }
  const signed = await signReceipt({ account: runner.account, receipt, chainId: runner.chainId })
  try {
    await ask('receipt', () => client.receipt(jobId, { ...signed, salt }, signal))
  } catch (error) {
    const why = refusalOf(error)
    if (why === undefined) throw error
    log.error({ msg: 'receipt refused', jobId, reason: why })
    folder.save({ phase: 'refused', job, ending, why })
    return
  }
  log.info({ msg: 'receipt acknowledged', jobId, ...ending })
  folder.remove()
}

/** The archive; what cannot be kept is said in the log, before the log's end is signed. */
async function packOutput(options: { job: RunnerJob; folder: JobFolder; runner: RunnerOptions }): Promise<Uint8Array> {
  const { folder, runner, job } = options
  try {
    const packed = await archiveOutput({
      folder: folder.outputPath,
      file: folder.archivePath,
      maxBytes: MAX_OUTPUT_BYTES,
    })
    if (packed.ok) return packed.bytes
    note(folder, `the output is over ${MAX_OUTPUT_BYTES} bytes and was not kept.`)
  } catch (error) {
    runner.log.error({ msg: 'output not packed', jobId: job.jobId, reason: errorText(error) })
    note(folder, 'the output could not be packed and was not kept.')
  }
  // A later try must sign the same output, so the decision is made for good.
  folder.dropOutput()
  return new Uint8Array()
}

function note(folder: JobFolder, text: string) {
  appendFileSync(folder.logPath, `necto: ${text}\n`)
}

function refusalOf(error: unknown): string | undefined {
  return error instanceof NectoError && error.retry === 'never' ? `${error.code}: ${error.message}` : undefined
}

function passRefusal(error: unknown): void {
  if (refusalOf(error) === undefined) throw error
}
