// A job's log and output while it runs: numbered chunks in blobs, gone once the encrypted copies exist.
import type { Hex } from 'viem'
import type { Blobs } from '../store/store.ts'

const chunkBlob = (jobId: Hex, number: number) => `running/${jobId}/log-${number}`
const outputBlob = (jobId: Hex) => `running/${jobId}/output`

/** Keeps chunk `number`; the same number again replaces it, since it was never acknowledged. */
export const putLogChunk = (options: { blobs: Blobs; jobId: Hex; number: number; bytes: Uint8Array }): Promise<void> =>
  options.blobs.put(chunkBlob(options.jobId, options.number), options.bytes)

export const readLogChunk = (options: { blobs: Blobs; jobId: Hex; number: number }): Promise<Uint8Array | undefined> =>
  options.blobs.get(chunkBlob(options.jobId, options.number))

/** The whole log so far. */
export async function readLog(options: { blobs: Blobs; jobId: Hex; chunks: number }): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (let number = 0; number < options.chunks; number++) {
    const part = await readLogChunk({ ...options, number })
    if (part) parts.push(part)
  }
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer())
}

export const putOutput = (options: { blobs: Blobs; jobId: Hex; bytes: Uint8Array }): Promise<void> =>
  options.blobs.put(outputBlob(options.jobId), options.bytes)

/** The output archive; empty when the job left none. */
export const readOutput = async (options: { blobs: Blobs; jobId: Hex }): Promise<Uint8Array> =>
  (await options.blobs.get(outputBlob(options.jobId))) ?? new Uint8Array()

/** Removes the plain copies. */
export async function removePlain(options: { blobs: Blobs; jobId: Hex; chunks: number }): Promise<void> {
  // One beyond the count: a chunk may have been written just before its acknowledgement was lost.
  for (let number = 0; number <= options.chunks; number++) await options.blobs.remove(chunkBlob(options.jobId, number))
  await options.blobs.remove(outputBlob(options.jobId))
}
