// Reads from a 0G key-value node over JSON-RPC.
import { type Address, type Hex, toHex } from 'viem'
import { z } from 'zod'
import { NectoError } from '../errors.ts'
import { pageBytes } from '../record/pages.ts'
import { rpcCall } from './rpcCall.ts'

const progressSchema = z.object({ appliedSeq: z.int().min(0) })
const valueSchema = z.object({ version: z.number(), data: z.base64(), size: z.int().min(0) })

// Permission is asked of a key; this one is none of ours, and so is as open as any that nobody made special.
const anyKey = Buffer.from([0]).toString('base64')

/** Reads that cost nothing; all throw `zerog.unavailable` when the node does not answer. */
export interface KvReads {
  /** Undefined: never written, or deleted. */
  value(at: { streamId: Hex; key: Uint8Array }, signal?: AbortSignal): Promise<Uint8Array | undefined>
  /** Whether the node replays this stream; a batch for another one is ignored, though paid for. */
  holds(streamId: Hex, signal?: AbortSignal): Promise<boolean>
  mayWrite(of: { account: Address; streamId: Hex }, signal?: AbortSignal): Promise<boolean>
  /** The first submission that is not replayed yet. */
  nextSeq(signal?: AbortSignal): Promise<number>
  /** What became of a submission: "Commit", or why it was dropped; null while it is not replayed. */
  result(txSeq: number, signal?: AbortSignal): Promise<string | null>
}

/** Reads from the node at `url`. */
export function createKvReads(url: string): KvReads {
  const ask = <T>(method: string, params: unknown[], from: { schema: z.ZodType<T>; signal: AbortSignal | undefined }) =>
    rpcCall({ url, method, params, ...from })
  return {
    async value({ streamId, key }, signal) {
      const params = [streamId, Buffer.from(key).toString('base64'), 0, pageBytes]
      const found = await ask('kv_getValue', params, { schema: valueSchema, signal })
      const bytes = new Uint8Array(Buffer.from(found.data, 'base64'))
      if (bytes.length !== found.size) {
        const details = `${toHex(key)}: ${bytes.length} of ${found.size} bytes`
        throw new NectoError('zerog.corrupt', 'Storage answered half a value.', { retry: 'later', details })
      }
      return found.size === 0 ? undefined : bytes
    },
    async holds(streamId, signal) {
      const ids = await ask('kv_getHoldingStreamIds', [], { schema: z.array(z.string()), signal })
      return ids.some((id) => id.toLowerCase() === streamId.toLowerCase())
    },
    mayWrite: ({ account, streamId }, signal) =>
      ask('kv_hasWritePermission', [account, streamId, anyKey], { schema: z.boolean(), signal }),
    nextSeq: async (signal) => (await ask('kv_getReplayProgress', [], { schema: progressSchema, signal })).appliedSeq,
    // The SDK sends the number as text, which a node does not take.
    result: (txSeq, signal) => ask('kv_getTransactionResult', [txSeq], { schema: z.string().nullable(), signal }),
  }
}
