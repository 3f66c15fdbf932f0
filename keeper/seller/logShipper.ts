// Sends a growing log file to the desk, from wherever the desk says it has got to.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { Hex } from 'viem'
import { NectoError } from '../../core/errors.ts'
import { MAX_LOG_CHUNK_BYTES } from '../api/messages.ts'
import type { SellerApiClient } from './apiClient.ts'

export interface LogShipper {
  /** Sends what is new. Throws what the client throws; called again, it goes on from the desk's count. */
  ship(signal: AbortSignal): Promise<void>
  /** SHA-256 of the log as far as the desk takes it: a log over the desk's limit ends there. */
  hash(): Promise<Hex>
}

/** One job's log. Several runs of the runner may ship one file one after the other. */
export function createLogShipper(options: {
  client: Pick<SellerApiClient, 'log'>
  jobId: Hex
  path: string
}): LogShipper {
  const { client, jobId, path } = options
  let acknowledged: number | undefined
  let endsAt: number | undefined

  return {
    async ship(signal) {
      if (endsAt !== undefined) return
      try {
        acknowledged ??= await client.log(jobId, { offset: 0, bytes: new Uint8Array() }, signal)
        for (;;) {
          const bytes = await readFrom(path, acknowledged)
          if (bytes.length === 0) return
          acknowledged = await client.log(jobId, { offset: acknowledged, bytes }, signal)
        }
      } catch (error) {
        const isFull = error instanceof NectoError && error.code === 'seller.too-large' && acknowledged !== undefined
        // Whether a chunk arrived before its answer was lost only the desk can say.
        if (!isFull) acknowledged = undefined
        if (!isFull) throw error
        endsAt = acknowledged
      }
    },
    async hash() {
      const hash = createHash('sha256')
      if (endsAt !== 0) {
        for await (const part of createReadStream(path, endsAt === undefined ? {} : { end: endsAt - 1 }))
          hash.update(part)
      }
      return `0x${hash.digest('hex')}`
    },
  }
}

/** Bytes in the file. */
export const fileSize = async (path: string): Promise<number> => (await stat(path)).size

async function readFrom(path: string, offset: number): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const { bytesRead, buffer } = await file.read({ buffer: new Uint8Array(MAX_LOG_CHUNK_BYTES), position: offset })
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
