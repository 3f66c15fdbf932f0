// Keeps the index of jobs on 0G: what is stored and not named there goes into one batch, what it has lost into the next.
import type { Hex } from 'viem'
import type { JobsContext } from '../../core/jobs/context.ts'
import { indexEntry, readJobIndex } from '../../core/jobs/jobIndex.ts'
import { queueUpload, type Upload } from '../../core/jobs/upload.ts'
import type { Stored } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { createKvBatch } from '../../core/zerog/kvBatch.ts'
import type { ZeroG } from '../../core/zerog/zeroG.ts'

// Some 300 bytes each: well within the one segment that a batch has.
const MOST_ENTRIES = 500
const READS_AT_ONCE = 20

export interface Index {
  readonly context: Pick<JobsContext, 'jobs' | 'uploads' | 'blobs' | 'clock' | 'random' | 'log'>
  readonly zeroG: Pick<ZeroG, 'kvGet'>
  readonly streamId: Hex
}

/** Looks through the whole index at the first call and once every day, else only for what is new. */
export function createIndexing(index: Index): (signal: AbortSignal) => Promise<void> {
  let checkedDay: number | undefined
  return async (signal) => {
    const day = Math.floor(index.context.clock.now() / 86_400_000)
    if (day !== checkedDay) {
      await forgetLost(index, signal)
      checkedDay = day
    }
    await queueBatch(index)
  }
}

/** Queues one batch of all that waits; none while one is on its way, whose entries are not marked yet. */
async function queueBatch({ context, streamId }: Index): Promise<void> {
  const { uploads, blobs, clock, random } = context
  const pending = await uploads.list({ index: 'state', key: 'pending' })
  const batches = pending.filter(({ value }) => value.batch)
  const foreign = batches.filter(({ value }) => value.batch?.streamId !== streamId)
  for (const { id } of foreign) await updateDocument({ collection: uploads, id, change: endForeign })
  if (batches.length > foreign.length) return
  const missing: Stored<Upload>[] = []
  for (const doc of await uploads.list({ index: 'index', key: 'missing' })) {
    if (missing.length === MOST_ENTRIES) break
    if (await isOfJob(context, doc.value)) missing.push(doc)
  }
  if (missing.length === 0) return
  const { bytes } = createKvBatch({ streamId, entries: missing.map(({ value }) => indexEntry(value)), random })
  const batch = { streamId, names: missing.map(({ value }) => value.root) }
  await queueUpload({ uploads, blobs, kind: 'index', ref: 'index', bytes, nowMs: clock.now(), batch })
}

/** A crash can leave a second file of one job, which has one entry of each kind: the one that its document names. */
async function isOfJob({ jobs }: Pick<JobsContext, 'jobs'>, { ref, root }: Upload): Promise<boolean> {
  const job = (await jobs.get(ref))?.value
  return job?.record?.root === root || job?.evidence?.root === root
}

/** A batch for another stream, as of another router before, has no reader any more; what it names goes into one of ours. */
const endForeign = (upload: Upload): Upload => ({
  ...upload,
  state: 'stored',
  trouble: 'Not written: the index is another stream now.',
})

/** Entries that are not as they were written, or not there, count as never written. */
async function forgetLost({ context, zeroG, streamId }: Index, signal: AbortSignal): Promise<void> {
  const { uploads, log } = context
  const named = await uploads.list({ index: 'index', key: 'named' })
  // A node that still replays what we wrote has lost nothing.
  const batches = await uploads.list({ index: 'ref', key: 'index' })
  const after = Math.max(...batches.map(({ value }) => value.txSeq ?? 0))
  let lost = 0
  for (let from = 0; from < named.length; from += READS_AT_ONCE) {
    await Promise.all(named.slice(from, from + READS_AT_ONCE).map(check))
  }
  if (lost > 0) log.warn({ msg: 'the index of jobs lacks entries, they are written again', lost, of: named.length })

  async function check({ id, value }: Stored<Upload>): Promise<void> {
    const { ref, kind, root, length, txSeq = 0 } = value
    if ((kind !== 'record' && kind !== 'evidence') || !(await isOfJob(context, value))) return
    const found = await readJobIndex({ zeroG, streamId, ref, kind, after, signal })
    if (found?.root === root && found.length === length && found.txSeq === txSeq) return
    lost++
    await updateDocument({ collection: uploads, id, change: ({ indexedIn: _, ...rest }) => rest })
  }
}
