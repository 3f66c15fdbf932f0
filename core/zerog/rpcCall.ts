// One JSON-RPC call to an indexer, a storage node or a key-value node of 0G.
import { z } from 'zod'
import { wrapError } from '../errors.ts'

const timeoutMs = 15_000

const replySchema = z.object({
  result: z.unknown(),
  error: z.object({ code: z.number(), message: z.string(), data: z.unknown() }).optional(),
})

/** The result as the schema reads it; throws `zerog.unavailable` when there is none, the signal's reason when called off. */
export async function rpcCall<T>(request: {
  url: string
  method: string
  params: unknown[]
  schema: z.ZodType<T>
  signal: AbortSignal | undefined
}): Promise<T> {
  const { url, method, params, schema, signal } = request
  try {
    const deadline = AbortSignal.timeout(timeoutMs)
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    })
    if (!response.ok) throw new Error(`${method} answered HTTP ${response.status}`)
    const { result, error } = replySchema.parse(await response.json())
    if (error) throw new Error(`${method}: ${error.message} (${error.code})`)
    return schema.parse(result)
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    throw wrapError(error, { code: 'zerog.unavailable', message: 'Storage does not answer.', retry: 'later' })
  }
}
