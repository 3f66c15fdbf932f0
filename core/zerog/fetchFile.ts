// One download: from the storage nodes, else from the gateway, again when neither answers; nothing passes that does not have the root.
import { type Hex, keccak256 } from 'viem'
import type { Clock } from '../clock.ts'
import { errorText, NectoError } from '../errors.ts'
import { merkleRoot } from '../record/merkleRoot.ts'
import { pageBytes } from '../record/pages.ts'
import type { NodeReads } from './nodeRpc.ts'
import type { SdkPool } from './sdkPool.ts'

const tries = 5
const firstPauseMs = 500

interface FetchRequest {
  root: Hex
  expectLength?: number
  expectHash?: Hex
  reads: NodeReads
  pool: SdkPool
  indexerUrl: string
  clock: Clock
  signal: AbortSignal
}

/**
 * Bytes with that root; throws `zerog.not-found`, `zerog.corrupt` or `zerog.unavailable`. Only an outage is worth another
 * try: what was answered wrong, or not found, is told at once.
 */
export async function fetchFile(request: FetchRequest): Promise<Uint8Array> {
  for (let failures = 0; ; failures++) {
    try {
      return await fetchOnce(request)
    } catch (error) {
      const isOutage = error instanceof NectoError && error.code === 'zerog.unavailable'
      if (request.signal.aborted || !isOutage || failures === tries - 1) throw error
    }
    await request.clock.sleep(firstPauseMs * 2 ** failures, request.signal)
  }
}

async function fetchOnce(request: FetchRequest): Promise<Uint8Array> {
  try {
    return verified(await fromNodes(request), request)
  } catch (nodeError) {
    request.signal.throwIfAborted()
    return fromGateway(request).catch((gatewayError: unknown) => {
      request.signal.throwIfAborted()
      throw worse(nodeError, gatewayError)
    })
  }
}

async function fromNodes({ root, pool, indexerUrl, signal }: FetchRequest): Promise<Uint8Array> {
  const send = async () => {
    throw new NectoError('zerog.foreign-call', 'A download asked to be paid.')
  }
  const result = await pool.run({ kind: 'download', root, indexerUrl }, { signal, send })
  if (result.type !== 'downloaded') throw new TypeError(`a download ended as ${result.type}`)
  return result.bytes
}

async function fromGateway(request: FetchRequest): Promise<Uint8Array> {
  const { root, reads, signal } = request
  const bytes = await reads.gatewayFile(root, { maxBytes: pageBytes, signal })
  if (!bytes) throw new NectoError('zerog.not-found', 'Storage does not have this file.', { retry: 'later' })
  return verified(bytes, request)
}

/** The SDK's own `proof` flag checks nothing, and a root does not fix the length. */
function verified(bytes: Uint8Array, { root, expectLength = bytes.length, expectHash }: FetchRequest): Uint8Array {
  if (bytes.length !== expectLength || bytes.length === 0 || bytes.length > pageBytes) throw corrupt(root, 'length')
  if (merkleRoot(bytes) !== root) throw corrupt(root, 'root')
  if (expectHash !== undefined && keccak256(bytes) !== expectHash) throw corrupt(root, 'hash')
  return bytes
}

function corrupt(root: Hex, what: string): NectoError {
  return new NectoError('zerog.corrupt', 'Storage answered other bytes.', {
    retry: 'later',
    details: `${root}: ${what}`,
  })
}

/** Of two failures the one that says most: wrong bytes, then no such file, then no answer. */
function worse(nodeError: unknown, gatewayError: unknown): NectoError {
  const errors = [nodeError, gatewayError].filter((error) => error instanceof NectoError)
  const details = `nodes: ${errorText(nodeError)}; gateway: ${errorText(gatewayError)}`
  for (const code of ['zerog.corrupt', 'zerog.not-found']) {
    const found = errors.find((error) => error.code === code)
    if (found) return new NectoError(code, found.message, { retry: 'later', details, cause: found })
  }
  return new NectoError('zerog.unavailable', 'Storage does not answer.', { retry: 'later', details, cause: nodeError })
}
