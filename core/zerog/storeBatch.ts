// One batch of key-value writes: never paid for where nobody would read it, and done only when the node has taken it.
import type { Clock } from '../clock.ts'
import { NectoError } from '../errors.ts'
import type { KvBatch } from './kvBatch.ts'
import type { KvReads } from './kvReads.ts'
import type { Payer } from './payer.ts'
import type { StoredFile } from './storeFile.ts'

const resultPollMs = 500

/**
 * Throws `zerog.kv-stream` before anything is paid when the node does not replay the stream or another owns it, and
 * `zerog.kv-refused` when the batch was paid for and dropped: it will never be taken, another one may.
 */
export async function storeBatch(options: {
  batch: KvBatch
  kv: KvReads
  account: Payer['address']
  /** Brings the bytes to 0G, as those of any file. */
  store: () => Promise<StoredFile>
  clock: Clock
  signal: AbortSignal
}): Promise<StoredFile> {
  const { batch, kv, account, store, clock, signal } = options
  const { streamId } = batch
  if (!(await kv.holds(streamId, signal))) throw stream('the node does not replay stream', streamId)
  if (!(await kv.mayWrite({ account, streamId }, signal))) throw stream(`${account} may not write to stream`, streamId)
  const stored = await store()
  for (;;) {
    const result = await kv.result(stored.txSeq, signal)
    if (result === 'Commit') return stored
    if (result !== null) {
      const details = `submission ${stored.txSeq}: ${result}`
      throw new NectoError('zerog.kv-refused', 'The key-value node dropped these entries.', { details })
    }
    await clock.sleep(resultPollMs, signal)
  }
}

function stream(what: string, streamId: string): NectoError {
  const message = 'The key-value node is not set up for these entries.'
  return new NectoError('zerog.kv-stream', message, { retry: 'later', details: `${what} ${streamId}` })
}
