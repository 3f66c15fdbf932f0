// Where a reader's browser reads from: the chain through the reader's endpoint, the bytes from 0G, else Necto's own copy.
import type { Hex } from 'viem'
import { errorText, NectoError } from '../../core/errors.ts'
import { findFunding } from '../../core/escrow/findFunding.ts'
import { fundingOfTransaction } from '../../core/escrow/fundingOfTransaction.ts'
import { readJob } from '../../core/escrow/jobRecord.ts'
import { createReadClient } from '../../core/escrow/readClient.ts'
import { type RouterRef, refKey } from '../../core/escrow/terms.ts'
import { isNotStored } from '../../core/record/notStored.ts'
import { splitPages } from '../../core/record/pages.ts'
import type { Funding, VerifySources } from '../../core/record/verifyDecision.ts'

const FETCH_MS = 30_000
const MAX_BYTES = 8 * 1024 * 1024

export type ChainReads = Pick<VerifySources, 'findFunding' | 'readJob' | 'router'>

/** Reads the escrow through `rpcUrl`; throws `verify.wrong-chain` when that is another chain's endpoint. */
export async function readerChain(options: {
  rpcUrl: string
  router: RouterRef
  fromBlock: bigint
  /** The transaction that is said to have paid; looked at before the whole log is searched. */
  txHash: Hex | undefined
  signal: AbortSignal
}): Promise<ChainReads> {
  const { rpcUrl, router: place, fromBlock, txHash, signal } = options
  const client = createReadClient(rpcUrl)
  const { router, chainId } = place
  const found = await client.getChainId().catch((cause: unknown) => {
    throw new NectoError('chain.failed', 'The endpoint does not answer, or does not let this page read.', { cause })
  })
  if (found !== chainId) {
    throw new NectoError('verify.wrong-chain', `The endpoint is chain ${found}, the escrow is on chain ${chainId}.`)
  }
  return {
    router: place,
    readJob: (id) => readJob({ client, router, id, signal }),
    async findFunding(by) {
      const paid = txHash ? await fundingOfTransaction({ client, router, txHash, signal }).catch(() => []) : []
      const hit = paid.filter((one) => isOf(one, by))
      return hit.length > 0 ? hit : findFunding({ client, router, fromBlock, by, signal })
    },
  }
}

const isOf = ({ id, terms }: Funding, by: { id: Hex } | { ref: string }): boolean =>
  'id' in by ? by.id === id : refKey(by.ref) === terms.ref

/** Fetches stored objects; `onSource` is told in words where the bytes came from. */
export function readerBytes(options: {
  gatewayUrl: string
  copyUrl: string
  signal: AbortSignal
  onSource: (words: string) => void
}): VerifySources['fetchObject'] {
  const { gatewayUrl, copyUrl, signal, onSource } = options
  let copy: Promise<Uint8Array> | undefined

  return async (root) => {
    try {
      if (!gatewayUrl) throw new NectoError('verify.no-gateway', 'no gateway was given')
      const bytes = await fetchFile(`${gatewayUrl.replace(/\/+$/, '')}/file?root=${root}`, signal)
      if (isNotStored(bytes)) throw new NectoError('verify.not-stored', 'it has no such file')
      onSource(`0G’s gateway, ${hostOf(gatewayUrl)}`)
      return bytes
    } catch (error) {
      signal.throwIfAborted()
      const why = `0G’s gateway did not give them: ${errorText(error)}`
      if (!copyUrl) throw new NectoError('verify.no-bytes', `${why}. Drop a file with them here.`, { cause: error })
      copy ??= fetchFile(copyUrl, signal)
      const whole = await copy.catch((cause: unknown) => {
        const both = `${why}; nor did Necto’s own copy: ${errorText(cause)}. Drop a file with them here.`
        throw new NectoError('verify.no-bytes', both, { cause })
      })
      onSource(`Necto’s own copy, since ${why}. The steps are the same`)
      // The copy is the whole record; a paged one is stored as pages and a manifest, which follow from it.
      return splitPages(whole).objects.find((object) => object.root === root)?.bytes ?? whole
    }
  }
}

async function fetchFile(url: string, signal: AbortSignal): Promise<Uint8Array> {
  let reply: Response
  try {
    reply = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(FETCH_MS)]),
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      redirect: 'error',
      cache: 'no-store',
    })
  } catch (error) {
    signal.throwIfAborted()
    throw new NectoError('verify.unreachable', 'it could not be reached', { details: errorText(error) })
  }
  if (!reply.ok) throw new NectoError('verify.refused', `it answered ${reply.status}`)
  const bytes = new Uint8Array(await reply.arrayBuffer())
  if (bytes.length > MAX_BYTES) throw new NectoError('verify.too-large', 'it is too large for a record')
  return bytes
}

/** The host of an address, or what was typed. */
export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url)
