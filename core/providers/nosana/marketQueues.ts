// The queues of Nosana's markets on Solana: how many hosts wait for a job, read through Nosana's SDK.
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import type { Clock } from '../../clock.ts'
import { errorText, NectoError } from '../../errors.ts'
import { BusyError, evidenceOf } from '../../http.ts'
import { WITHOUT_NATIVE_ADDONS } from '../../killableWorker.ts'
import type { Evidence } from '../../market/provider.ts'
import { withTimeLimit } from '../../timeLimit.ts'
import { type DroppedRow, dropWarnings } from '../dropped.ts'
import type { FromQueueWorker } from './queueWorker.ts'

export interface IdleHosts {
  /** Hosts that wait for a job, by market address; a market that is not here is unknown. */
  readonly idleHosts: ReadonlyMap<string, number>
  readonly evidence: readonly Evidence[]
  readonly warnings: readonly string[]
}

/** Reads the queues of all markets; throws a NectoError when Solana cannot be read within `timeoutMs`. */
export async function readIdleHosts(options: {
  rpcUrl: string
  clock: Clock
  signal: AbortSignal
  timeoutMs: number
}): Promise<IdleHosts> {
  const { rpcUrl, clock, signal, timeoutMs } = options
  const timeout = new NectoError('nosana.rpc', `Solana did not answer within ${timeoutMs / 1000} s.`, {
    retry: 'later',
  })
  const answer = await withTimeLimit({ clock, signal, timeoutMs, timeout }, (limited) => askWorker(rpcUrl, limited))
  if (answer.type === 'failed') {
    const details = answer.message.replaceAll(rpcUrl, '(the RPC)')
    if (answer.replies.at(-1)?.status === 429) throw new BusyError(undefined, details)
    throw new NectoError('nosana.rpc', 'Solana could not be read.', { retry: 'later', details })
  }
  const { idleHosts, dropped } = queuesOf(answer.markets)
  // Providers of RPCs put their keys into the path as well, so no more than the host is told.
  const { origin } = new URL(rpcUrl)
  const evidence = answer.replies.map(({ method, status, bytes }) =>
    evidenceOf({ url: `${origin}/?method=${method}`, status, bytes, fetchedAtMs: clock.now() }),
  )
  return { idleHosts, evidence, warnings: dropWarnings(dropped) }
}

const queueRow = z.object({ address: z.string(), queueType: z.int(), waiting: z.int().nonnegative() })

// As the program counts them (nosana-ci/nosana-programs, programs/nosana-jobs).
const JOBS_WAIT = 0
const HOSTS_WAIT = 1
const EMPTY = 255

/** Market accounts to idle hosts: where jobs wait, or nobody does, there is none. */
export function queuesOf(rows: readonly unknown[]): { idleHosts: Map<string, number>; dropped: DroppedRow[] } {
  const idleHosts = new Map<string, number>()
  const dropped: DroppedRow[] = []
  for (const [index, raw] of rows.entries()) {
    const { data: row } = queueRow.safeParse(raw)
    if (!row) dropped.push({ row: `accounts[${index}]`, reason: 'a market account that is not readable' })
    else if (row.queueType === HOSTS_WAIT) idleHosts.set(row.address, row.waiting)
    else if (row.queueType === JOBS_WAIT || row.queueType === EMPTY) idleHosts.set(row.address, 0)
    else dropped.push({ row: row.address, reason: 'a queue of a kind that Necto does not know' })
  }
  return { idleHosts, dropped }
}

/** A thread that has loaded the SDK, which takes most of a second and a hundred megabytes: one is kept for all. */
let idleWorker: Worker | undefined

function startWorker(): Worker {
  // Without our environment: the SDK would take a wallet and another RPC from it.
  const worker = new Worker(new URL('./queueWorker.ts', import.meta.url), { env: WITHOUT_NATIVE_ADDONS })
  // Without a listener a failing idle thread would take the process with it.
  worker.on('error', () => undefined)
  worker.once('exit', () => {
    if (idleWorker === worker) idleWorker = undefined
  })
  return worker
}

/** One reading. The thread is killed with all its requests when `signal` ends first. */
async function askWorker(rpcUrl: string, signal: AbortSignal): Promise<FromQueueWorker> {
  signal.throwIfAborted()
  const worker = idleWorker ?? startWorker()
  idleWorker = undefined
  worker.ref()
  const { promise, resolve, reject } = Promise.withResolvers<FromQueueWorker>()
  const gone = (cause: unknown) =>
    reject(new NectoError('nosana.rpc', 'Solana could not be read.', { retry: 'later', details: errorText(cause) }))
  const stopped = () => reject(signal.reason)
  worker.once('message', resolve)
  worker.once('error', gone)
  worker.once('exit', gone)
  signal.addEventListener('abort', stopped, { once: true })
  try {
    worker.postMessage(rpcUrl)
    const answer = await promise
    worker.off('error', gone)
    worker.off('exit', gone)
    keep(worker)
    return answer
  } catch (error) {
    await worker.terminate()
    throw error
  } finally {
    signal.removeEventListener('abort', stopped)
  }
}

function keep(worker: Worker): void {
  if (idleWorker) {
    void worker.terminate()
    return
  }
  worker.unref()
  idleWorker = worker
}
