// Reads from 0G's indexer and storage nodes over JSON-RPC, and from the indexer's file gateway.
import type { Hex } from 'viem'
import { z } from 'zod'
import { NectoError } from '../errors.ts'
import { rpcCall } from './rpcCall.ts'

const shardSchema = z.object({ shardId: z.int().min(0), numShard: z.int().positive() })
const nodesSchema = z.object({ trusted: z.array(z.object({ url: z.url(), config: shardSchema })).nullable() })
const fileSchema = z
  .object({ tx: z.object({ seq: z.int().min(0), size: z.int().min(0) }), finalized: z.boolean(), pruned: z.boolean() })
  .nullable()
const statusSchema = z.object({ networkIdentity: z.object({ chainId: z.int(), flowAddress: z.string() }) })

/** What the network knows of a root. `finalized`: a full set of shards holds it. `txSeq`: of a submission, if any. */
export interface FileStatus {
  known: boolean
  finalized: boolean
  txSeq: number | null
  pruned: boolean
}

/** Reads that cost nothing; all throw `zerog.unavailable` when nobody answers. */
export interface NodeReads {
  fileStatus(root: Hex, signal?: AbortSignal): Promise<FileStatus>
  /** What each trusted node says of the network it serves. */
  identities(signal?: AbortSignal): Promise<{ url: string; chainId: number; flowAddress: string }[]>
  /** The gateway's bytes, unverified; undefined when it has none. Refuses more than `maxBytes`. */
  gatewayFile(root: Hex, options: { maxBytes: number; signal: AbortSignal }): Promise<Uint8Array | undefined>
}

/** Reads through the indexer at `indexerUrl`. */
export function createNodeReads(indexerUrl: string): NodeReads {
  const trustedNodes = async (signal: AbortSignal | undefined) =>
    (await rpcCall({ url: indexerUrl, method: 'indexer_getShardedNodes', params: [], schema: nodesSchema, signal }))
      .trusted ?? []

  return {
    async fileStatus(root, signal) {
      const nodes = await trustedNodes(signal)
      const answers = await firstOrAll(
        nodes.map(async ({ url, config }) => {
          const info = await rpcCall({
            url,
            method: 'zgs_getFileInfo',
            params: [root, true],
            schema: fileSchema,
            signal,
          })
          return { config, info }
        }),
      )
      const holders = answers.filter(({ info }) => info !== null)
      const final = holders.filter(({ info }) => info?.finalized)
      const any = final[0] ?? holders[0]
      return {
        known: holders.length > 0,
        finalized: coversAllShards(final.map(({ config }) => config)),
        txSeq: any?.info?.tx.seq ?? null,
        pruned: final.length === 0 && holders.some(({ info }) => info?.pruned),
      }
    },

    async identities(signal) {
      const nodes = await trustedNodes(signal)
      return firstOrAll(
        nodes.map(async ({ url }) => {
          const { networkIdentity } = await rpcCall({
            url,
            method: 'zgs_getStatus',
            params: [],
            schema: statusSchema,
            signal,
          })
          return { url, ...networkIdentity }
        }),
      )
    },

    async gatewayFile(root, { maxBytes, signal }) {
      const url = new URL(`file?root=${root}`, indexerUrl.endsWith('/') ? indexerUrl : `${indexerUrl}/`)
      const response = await fetch(url, { signal })
      if (!response.ok) throw new Error(`gateway answered ${response.status}`)
      const bytes = await readUpTo(response, maxBytes)
      return isNotFound(response, bytes) ? undefined : bytes
    },
  }
}

/** The answers of those that answered; throws what the first one threw when nobody did. */
async function firstOrAll<T>(calls: Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(calls)
  const answers = settled.filter((one) => one.status === 'fulfilled').map((one) => one.value)
  const [failure] = settled.filter((one) => one.status === 'rejected')
  if (answers.length > 0) return answers
  throw failure?.reason ?? new NectoError('zerog.unavailable', 'Storage has no nodes.', { retry: 'later' })
}

/** A node holds the segments whose number modulo `numShard` is its `shardId`. */
function coversAllShards(configs: z.infer<typeof shardSchema>[]): boolean {
  const shards = Math.max(0, ...configs.map((config) => config.numShard))
  const residues = Array.from({ length: shards }, (_, i) => i)
  return shards > 0 && residues.every((i) => configs.some((config) => i % config.numShard === config.shardId))
}

async function readUpTo(response: Response, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body ?? []) {
    length += part.length
    if (length > maxBytes) throw new Error(`gateway sent more than ${maxBytes} bytes`)
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

/** Not found is HTTP 200 with a JSON body of code 101; a stored file may be JSON too, but is not served as such. */
function isNotFound(response: Response, bytes: Uint8Array): boolean {
  if (!response.headers.get('content-type')?.includes('json')) return false
  try {
    return z.object({ code: z.literal(101) }).safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).success
  } catch {
    return false
  }
}
