// Record bytes and an index of them in 0G: put pays at most once whatever happens in between, get believes nothing but the root.
import { type Address, createPublicClient, type Hex, http } from 'viem'
import type { Clock } from '../clock.ts'
import { errorText, NectoError, wrapError } from '../errors.ts'
import { createKeyedQueue } from '../keyedQueue.ts'
import type { Log } from '../log.ts'
import { merkleRoot } from '../record/merkleRoot.ts'
import { pageBytes } from '../record/pages.ts'
import { withTimeLimit } from '../timeLimit.ts'
import { fetchFile } from './fetchFile.ts'
import { createMemoryJournal, type TransactionJournal } from './journal.ts'
import { type KvBatch, kvTags } from './kvBatch.ts'
import { createKvReads, type KvReads } from './kvReads.ts'
import { checkNetwork, type Health, readHealth } from './network.ts'
import { createNodeReads, type FileStatus } from './nodeRpc.ts'
import { createPayer } from './payer.ts'
import { createSdkPool } from './sdkPool.ts'
import { storeBatch } from './storeBatch.ts'
import { type PutStep, type StoredFile, storeFile } from './storeFile.ts'

const downloadTimeoutMs = 45_000
// A record of two pages and its manifest at once; each worker takes some 60 MB.
const parallelJobs = 3

/** How to reach a 0G network and pay on it. */
export interface ZeroGOptions {
  rpcUrl: string
  /** What the RPC must report; anything else is refused. */
  chainId: number
  indexerUrl: string
  /** A key-value node; without one there is no `kvPut` and no `kvGet`. */
  kvUrl?: string | undefined
  /** The only contract that is ever paid. */
  flowAddress: Address
  /** A wallet for storage alone. */
  signerKey: Hex
  gasLimit: bigint
  maxGasPriceWei: bigint
  /** For one `put` from call to finality. */
  uploadTimeoutMs: number
  clock: Clock
  log?: Log
  /** Without one, a crash between broadcast and finality may cost a second fee. */
  journal?: TransactionJournal
}

/** 0G Storage for objects of at most `pageBytes`. Every error is a NectoError `zerog.*`. */
export interface ZeroG {
  /**
   * Stores bytes and waits until they are final. Calling it again after any error is safe: it looks first and pays
   * only for what is not paid. `onStep` is told how far it is: a payment before it leaves, so what `onStep` throws then
   * keeps it here and ends the put.
   */
  put(bytes: Uint8Array, options?: PutOptions): Promise<StoredFile>
  /** Bytes whose root is `root`; also of that length and keccak256 where given (the root does not fix the length). */
  get(root: Hex, options?: GetOptions): Promise<Uint8Array>
  status(root: Hex): Promise<FileStatus>
  /**
   * Stores a batch and waits until the key-value node has taken it; as safe to call again as `put`. What is written is
   * an index, no proof: whoever owns the stream may write anything.
   */
  kvPut(batch: KvBatch, options?: PutOptions): Promise<StoredFile>
  /**
   * The last value of a key; undefined when it was never written, or deleted. `after`: throws `zerog.kv-behind` while
   * the node has not replayed that submission.
   */
  kvGet(at: KvKey, signal?: AbortSignal): Promise<Uint8Array | undefined>
  health(): Promise<Health>
  /** Stops at once; what is under way fails with `zerog.closed` and is resumed by the next `put`. */
  close(): Promise<void>
}

interface KvKey {
  streamId: Hex
  key: Uint8Array
  after?: number | undefined
}

interface PutOptions {
  signal?: AbortSignal
  onStep?: (step: PutStep) => Promise<void>
}

interface GetOptions {
  expectLength?: number
  expectHash?: Hex
  signal?: AbortSignal
}

/** Opens 0G Storage; nothing is asked of the network before the first call. */
export function createZeroG(options: ZeroGOptions): ZeroG {
  const { clock, indexerUrl, log } = options
  const chain = createPublicClient({ transport: http(options.rpcUrl, { timeout: 15_000, retryCount: 1 }) })
  const reads = createNodeReads(indexerUrl)
  const kvReads = options.kvUrl === undefined ? undefined : createKvReads(options.kvUrl)
  const pool = createSdkPool({ maxWorkers: parallelJobs })
  const payer = createPayer({ ...options, chain, journal: options.journal ?? createMemoryJournal() })
  const network = { chain, reads, expected: options, payerAddress: payer.address }
  const puts = createKeyedQueue()
  const closing = new AbortController()
  let networkChecked: Promise<void> | undefined

  function ensureNetwork(): Promise<void> {
    networkChecked ??= checkNetwork(network).catch((error: unknown) => {
      networkChecked = undefined
      throw error
    })
    return networkChecked
  }

  async function within<T>(
    limit: { timeoutMs: number; signal: AbortSignal | undefined; what: string },
    task: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { timeoutMs, what } = limit
    const signal = limit.signal ? AbortSignal.any([limit.signal, closing.signal]) : closing.signal
    const timeout = new NectoError('zerog.timeout', 'Storage took too long.', {
      retry: 'unknown',
      details: `${what}, ${timeoutMs} ms`,
    })
    try {
      return await withTimeLimit({ clock, timeoutMs, signal, timeout }, task)
    } catch (error) {
      const stopped = limit.signal?.aborted && error === limit.signal.reason
      const as = stopped
        ? ({ code: 'zerog.aborted', message: 'Storage was stopped.', retry: 'unknown' } as const)
        : ({ code: 'zerog.unavailable', message: 'Storage does not answer.', retry: 'later' } as const)
      const known = wrapError(error, as)
      log?.warn({ msg: 'zerog failed', what, code: known.code, retry: known.retry, error: errorText(known) })
      throw known
    }
  }

  async function store(
    object: { root: Hex; bytes: Uint8Array; tags: Hex },
    { signal, onStep }: { signal: AbortSignal; onStep: PutOptions['onStep'] },
  ): Promise<StoredFile> {
    await ensureNetwork()
    return storeFile({ ...object, target: options, reads, pool, payer, clock, signal, onStep })
  }

  return {
    async put(bytes, { signal, onStep } = {}) {
      const root = rootOf(bytes)
      // Equal bytes one after the other: the second put finds what the first has stored.
      const limit = { timeoutMs: options.uploadTimeoutMs, signal, what: `upload of ${root}` }
      return within(limit, (limited) =>
        puts.run(root, () => store({ root, bytes, tags: '0x' }, { signal: limited, onStep })),
      )
    },

    async kvPut(batch, { signal, onStep } = {}) {
      const kv = requireKv(kvReads)
      const { streamId, bytes } = batch
      const object = { root: rootOf(bytes), bytes, tags: kvTags(streamId) }
      const limit = { timeoutMs: options.uploadTimeoutMs, signal, what: `batch ${object.root}` }
      // One stream's batches in the order of the calls, so that the later value of a key is the one that stays.
      return within(limit, (limited) =>
        puts.run(streamId, () => {
          const storeIt = () => store(object, { signal: limited, onStep })
          return storeBatch({ batch, kv, account: payer.address, store: storeIt, clock, signal: limited })
        }),
      )
    },

    async kvGet(at, signal) {
      const kv = requireKv(kvReads)
      return within({ timeoutMs: downloadTimeoutMs, signal, what: 'value' }, async (limited) => {
        if (at.after !== undefined && (await kv.nextSeq(limited)) <= at.after) {
          const details = `submission ${at.after} is not replayed`
          throw new NectoError('zerog.kv-behind', 'The key-value node is behind.', { retry: 'later', details })
        }
        return kv.value(at, limited)
      })
    },

    get(root, { signal, ...expect } = {}) {
      const limit = { timeoutMs: downloadTimeoutMs, signal, what: `download of ${root}` }
      return within(limit, (limited) => fetchFile({ root, ...expect, reads, pool, indexerUrl, clock, signal: limited }))
    },

    status: (root) => reads.fileStatus(root),
    health: () => readHealth(network),

    async close() {
      closing.abort(new NectoError('zerog.closed', 'Storage is shutting down.', { retry: 'later' }))
      await pool.close()
    },
  }
}

function rootOf(bytes: Uint8Array): Hex {
  if (bytes.length > 0 && bytes.length <= pageBytes) return merkleRoot(bytes)
  const details = `${bytes.length} bytes, allowed 1 to ${pageBytes}`
  throw new NectoError('zerog.bad-size', 'This object cannot be stored in one piece.', { details })
}

function requireKv(kv: KvReads | undefined): KvReads {
  if (kv) return kv
  throw new NectoError('zerog.kv-not-set', 'No key-value node is set up: STORAGE_KV_URL names one.')
}
