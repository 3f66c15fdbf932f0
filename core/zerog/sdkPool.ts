// Workers that run the 0G SDK: one job each at a time, reused when the job ends, killed when it is called off.
import { Worker } from 'node:worker_threads'
import type { Hex } from 'viem'
import { errorText, NectoError } from '../errors.ts'
import { WITHOUT_NATIVE_ADDONS } from '../killableWorker.ts'
import type { FromWorker, SdkJob, ToWorker, TransactionRequest } from './sdkMessages.ts'

/** What a job ends with. */
type SdkResult = Extract<FromWorker, { type: 'uploaded' | 'downloaded' }>

interface RunOptions {
  signal: AbortSignal
  send: (tx: TransactionRequest) => Promise<Hex>
  /** The nodes have taken every segment; what is left is finality. */
  onSegmentsTaken?: () => void
}

/** Runs SDK jobs side by side, up to a number of workers; further jobs wait their turn. */
export interface SdkPool {
  /**
   * `send` signs and broadcasts the upload's transaction; what it throws is what the job throws.
   * When `signal` is aborted the worker is killed and the job throws the signal's reason.
   */
  run(job: SdkJob, options: RunOptions): Promise<SdkResult>
  /** Kills every worker; jobs under way throw `zerog.closed`. */
  close(): Promise<void>
}

/** A pool of at most `maxWorkers`; the first one starts at once, since loading the SDK takes most of a second. */
export function createSdkPool(options: { maxWorkers: number }): SdkPool {
  const idle: Worker[] = []
  const all = new Set<Worker>()
  const waiting: (() => void)[] = []
  const closing = new AbortController()
  let busy = 0

  function start(): Worker {
    const worker = new Worker(new URL('./sdkWorker.ts', import.meta.url), {
      env: { ...process.env, ...WITHOUT_NATIVE_ADDONS },
    })
    worker.unref()
    all.add(worker)
    worker.once('exit', () => {
      all.delete(worker)
      if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1)
    })
    // Without a listener a failing idle worker would take the process with it; it is replaced at the next job.
    worker.on('error', () => undefined)
    return worker
  }
  idle.push(start())

  async function takeTurn(signal: AbortSignal): Promise<void> {
    if (busy < options.maxWorkers) {
      busy++
      return
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        waiting.splice(waiting.indexOf(enter), 1)
        reject(signal.reason)
      }
      const enter = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      waiting.push(enter)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  // A turn is handed to the next in line directly, so that nobody slips in between.
  function giveTurn(): void {
    const next = waiting.shift()
    if (next) next()
    else busy--
  }

  return {
    async run(job, { signal: callerSignal, ...hooks }) {
      const signal = AbortSignal.any([callerSignal, closing.signal])
      signal.throwIfAborted()
      await takeTurn(signal)
      const worker = idle.pop() ?? start()
      worker.ref()
      try {
        return await runJob({ worker, job, signal, ...hooks })
      } finally {
        if (signal.aborted) await worker.terminate()
        else if (all.has(worker)) {
          worker.unref()
          idle.push(worker)
        }
        giveTurn()
      }
    },
    async close() {
      closing.abort(new NectoError('zerog.closed', 'Storage is shutting down.', { retry: 'later' }))
      await Promise.all(Array.from(all, (worker) => worker.terminate()))
    },
  }
}

function runJob(options: RunOptions & { worker: Worker; job: SdkJob }): Promise<SdkResult> {
  const { worker, job, signal } = options
  const listening = new AbortController()
  return new Promise<SdkResult>((resolve, reject) => {
    const say = (message: ToWorker) => worker.postMessage(message)
    const gone = (cause: unknown) => {
      const message = 'The storage worker stopped.'
      reject(new NectoError('zerog.worker-lost', message, { retry: 'unknown', details: errorText(cause), cause }))
    }
    // A refusal keeps its own error: the worker would only send its text back.
    let refusal: unknown
    const onMessage = (message: FromWorker) => {
      if (message.type === 'send') {
        options.send(message.transaction).then(
          (raw) => say({ type: 'signed', raw }),
          (error: unknown) => {
            refusal = error
            say({ type: 'refused', message: String(error) })
          },
        )
      } else if (message.type === 'segments-taken') options.onSegmentsTaken?.()
      else if (message.type === 'failed') reject(refusal ?? sdkError(message))
      else resolve(message)
    }
    worker.on('message', onMessage)
    worker.once('error', gone)
    worker.once('exit', gone)
    signal.addEventListener('abort', () => reject(signal.reason), { signal: listening.signal })
    listening.signal.addEventListener('abort', () => {
      worker.off('message', onMessage)
      worker.off('error', gone)
      worker.off('exit', gone)
    })
    say({ type: 'job', job })
  }).finally(() => listening.abort())
}

function sdkError(failed: FromWorker & { type: 'failed' }): NectoError {
  const details = failed.message
  if (failed.wrongNetwork) {
    return new NectoError('zerog.wrong-network', 'Storage is set up for another network.', { details })
  }
  if (/file not found|no locations/i.test(details)) {
    return new NectoError('zerog.not-found', 'Storage does not have this file.', { retry: 'later', details })
  }
  return new NectoError('zerog.unavailable', 'Storage did not take the request.', { retry: 'later', details })
}
