// Brings queued files to 0G, object by object, for as long as it takes; jobs are told when their record is there.
import type { Hex } from 'viem'
import { errorText, NectoError } from '../../core/errors.ts'
import type { JobsContext } from '../../core/jobs/context.ts'
import { advance, objectBlob, type Upload } from '../../core/jobs/upload.ts'
import type { Stored } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import type { ZeroG } from '../../core/zerog/zeroG.ts'

// Three tries soon after each other, at a random moment within these, so that a crowd does not come back as one.
const SOON_MS = [2_000, 6_000, 18_000]
const LAST_RETRY_MS = 10 * 60_000

/** One upload: the objects that are still missing, then the word to the job. Answers when to try again. */
export async function storeFile(options: {
  context: JobsContext
  zeroG: Pick<ZeroG, 'put' | 'kvPut'>
  doc: Stored<Upload>
  signal: AbortSignal
}): Promise<number | undefined> {
  const { context, zeroG, doc, signal } = options
  const { clock } = context
  const waitMs = doc.value.nextAttemptMs - clock.now()
  if (waitMs > 0) return waitMs
  const missing = doc.value.objects.filter((object) => object.state !== 'finalized')
  try {
    // Pages go side by side; the manifest goes last, so that whoever finds it finds its pages too.
    await Promise.all(missing.filter(({ root }) => root !== doc.value.root).map(({ root }) => put(root)))
    if (missing.some(({ root }) => root === doc.value.root)) await put(doc.value.root)
  } catch (error) {
    if (signal.aborted) return undefined
    if (!doc.value.batch || !(error instanceof NectoError)) return postpone(context, doc, error)
    // The index was switched off: no fault, and the batch goes when a node is named again.
    if (error.code === 'zerog.kv-not-set') return LAST_RETRY_MS
    return error.code === 'zerog.kv-refused' ? giveUp(context, doc, error) : postpone(context, doc, error)
  }
  // The job first: once it says 'stored' nobody comes back to this upload.
  const upload = (await context.uploads.get(doc.id))?.value
  if (upload?.kind === 'record') await tellJob(context, upload)
  if (upload?.batch) await markNamed(context, upload)
  await change(context, doc.id, ({ trouble: _, ...rest }) => ({ ...rest, state: 'stored' }))
  return undefined

  async function put(root: Hex): Promise<void> {
    const bytes = await context.blobs.get(objectBlob(root))
    if (!bytes) throw new NectoError('upload.bytes-missing', 'The bytes to store are gone.', { details: root })
    const how: Parameters<ZeroG['put']>[1] = {
      signal,
      onStep: async (step) => void (await change(context, doc.id, (upload) => advance(upload, { root, ...step }))),
    }
    const { batch } = doc.value
    const stored = batch ? zeroG.kvPut({ streamId: batch.streamId, bytes }, how) : zeroG.put(bytes, how)
    const { txSeq, txHash } = await stored
    await change(context, doc.id, (upload) => {
      const final = advance(upload, { root, state: 'finalized', txHash: txHash ?? undefined })
      return final && root === upload.root ? { ...final, txSeq, ...(txHash && { txHash }) } : final
    })
  }
}

/** A batch that was paid for and dropped is never taken. What it names stays named, so that only the next check pays for another. */
async function giveUp(context: JobsContext, doc: Stored<Upload>, error: NectoError): Promise<undefined> {
  context.log.error({ msg: '0G dropped a batch of the index', root: doc.id, error: errorText(error) })
  await markNamed(context, doc.value)
  await change(context, doc.id, (upload) => ({ ...upload, state: 'stored', trouble: error.message }))
}

async function markNamed(context: JobsContext, { batch, root: indexedIn }: Upload): Promise<void> {
  for (const id of batch?.names ?? []) await change(context, id, (upload) => ({ ...upload, indexedIn }))
}

async function postpone(context: JobsContext, doc: Stored<Upload>, error: unknown): Promise<number> {
  const attempts = doc.value.attempts + 1
  const retryMs = retryAfterMs(attempts, context.random)
  const isAlarming = attempts >= SOON_MS.length || (error instanceof NectoError && error.retry === 'never')
  context.log[isAlarming ? 'error' : 'warn']({
    msg: '0G upload waits',
    kind: doc.value.kind,
    ref: doc.value.ref,
    attempts,
    error: errorText(error),
  })
  await change(context, doc.id, (upload) => ({
    ...upload,
    attempts,
    nextAttemptMs: context.clock.now() + retryMs,
    trouble: error instanceof NectoError ? error.message : '0G does not answer.',
  }))
  return retryMs
}

/** After the tries that come soon it is tried for ever, twice as long each time up to ten minutes. */
function retryAfterMs(attempts: number, random: JobsContext['random']): number {
  const soonMs = SOON_MS[attempts - 1]
  const [byte = 0] = random(1)
  // Of 256 moments the last one is the whole span, the first one is not at once.
  if (soonMs !== undefined) return Math.ceil((soonMs * (byte + 1)) / 256)
  return Math.min(30_000 * 2 ** Math.min(attempts - SOON_MS.length - 1, 10), LAST_RETRY_MS)
}

/** The job that waits for this record may start now. */
export async function tellJob(context: JobsContext, upload: Upload): Promise<void> {
  await updateDocument({
    collection: context.jobs,
    id: upload.ref,
    change: (job) =>
      job.record?.root === upload.root && !job.recordStored
        ? {
            ...job,
            recordStored: {
              txSeq: upload.txSeq ?? 0,
              ...(upload.txHash && { txHash: upload.txHash }),
              atMs: context.clock.now(),
            },
            trouble: job.trouble?.code === 'record-not-stored' ? undefined : job.trouble,
          }
        : undefined,
  })
}

async function change(
  context: JobsContext,
  id: string,
  by: (upload: Upload) => Upload | undefined,
): Promise<Upload | undefined> {
  return (await updateDocument({ collection: context.uploads, id, change: by }))?.value
}
