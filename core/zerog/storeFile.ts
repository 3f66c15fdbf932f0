// One upload: look first, settle what was paid before, pay at most once, wait for finality.
import type { Address, Hex, TransactionReceipt } from 'viem'
import type { Clock } from '../clock.ts'
import { NectoError } from '../errors.ts'
import { submissionSeq } from './flowContract.ts'
import type { NodeReads } from './nodeRpc.ts'
import type { Payer } from './payer.ts'
import type { SdkPool } from './sdkPool.ts'

const statusPollMs = 1_000

/** A final object. */
export interface StoredFile {
  root: Hex
  /** The payment of ours behind it, also an earlier one; null when another's submission stored the same bytes. */
  txHash: Hex | null
  /** Number of that submission in the flow; without a payment of ours, of theirs. */
  txSeq: number
  /** The bytes were final before this call: nothing was uploaded. */
  deduplicated: boolean
  finalized: true
}

/** How far a put has come; `registered` and `uploaded` may come in either order, and a resumed put begins where it left off. */
export type PutStep =
  /** The payment is signed and written down, and is about to be sent. */
  | { state: 'submitting'; txHash: Hex }
  /** The payment is mined: the flow contract counts the file. */
  | { state: 'registered'; txHash: Hex }
  /** The nodes have every byte. */
  | { state: 'uploaded' }

interface StoreRequest {
  root: Hex
  bytes: Uint8Array
  reads: NodeReads
  pool: SdkPool
  payer: Payer
  target: { rpcUrl: string; chainId: number; indexerUrl: string; flowAddress: Address }
  clock: Clock
  signal: AbortSignal
  tags: Hex
  onStep: ((step: PutStep) => Promise<void>) | undefined
}

/** Stores `bytes`, resuming what an earlier attempt left behind. */
export async function storeFile(request: StoreRequest): Promise<StoredFile> {
  const { root, reads, payer, target, signal } = request
  const before = await reads.fileStatus(root, signal)
  if (before.finalized && before.txSeq !== null) {
    const found = { root, receipt: await payer.findMined(root), seq: before.txSeq, flow: target.flowAddress }
    return stored({ ...found, deduplicated: true })
  }
  const earlier = before.known ? await payer.findMined(root) : await payer.settleEarlier(root, signal)
  const paid = before.known || earlier !== undefined
  if (earlier) await request.onStep?.({ state: 'registered', txHash: earlier.transactionHash })
  if (paid && !before.known) await waitKnown(request)
  const { seq, receipt } = await upload(request, { mayPay: !paid })
  return stored({ root, receipt: receipt ?? earlier, seq, flow: target.flowAddress, deduplicated: false })
}

/** The SDK submits again what its nodes do not know, so it must not start before they do. */
async function waitKnown({ root, reads, clock, signal }: StoreRequest): Promise<void> {
  while (!(await reads.fileStatus(root, signal)).known) await clock.sleep(statusPollMs, signal)
}

async function upload(
  request: StoreRequest,
  { mayPay }: { mayPay: boolean },
): Promise<{ seq: number; receipt: TransactionReceipt | undefined }> {
  const { root, bytes, pool, payer, target, tags } = request
  const attempt = new AbortController()
  const signal = AbortSignal.any([request.signal, attempt.signal])
  let receipt: Promise<TransactionReceipt> | undefined
  const told: Promise<void>[] = []
  /** Without waiting for it here; a step that cannot be written down ends the attempt. */
  const tell = (step: PutStep) => {
    const telling = request.onStep?.(step)
    telling?.catch((error: unknown) => attempt.abort(error))
    if (telling) told.push(telling)
  }
  const job = { kind: 'upload', bytes, tags, submitter: payer.address, ...addressesOf(target) } as const
  try {
    const result = await pool.run(job, {
      signal,
      async send(tx) {
        if (!mayPay || receipt)
          throw new NectoError('zerog.second-payment', 'Storage asked to be paid twice.', { retry: 'later' })
        const onSigned = async (txHash: Hex) => request.onStep?.({ state: 'submitting', txHash })
        const sent = await payer.send(root, tx, { signal, onSigned })
        receipt = payer.waitMined(sent.hash, signal)
        // The SDK never looks at the receipt: it would wait for a reverted submission for ever.
        receipt.then(
          (mined) =>
            mined.status === 'reverted'
              ? attempt.abort(reverted(sent.hash))
              : tell({ state: 'registered', txHash: sent.hash }),
          () => undefined,
        )
        return sent.raw
      },
      onSegmentsTaken: () => tell({ state: 'uploaded' }),
    })
    if (result.type !== 'uploaded') throw new TypeError(`an upload ended as ${result.type}`)
    const mined = await receipt
    await Promise.all(told)
    return { seq: result.txSeq, receipt: mined }
  } finally {
    attempt.abort()
  }
}

function addressesOf({ rpcUrl, chainId, indexerUrl, flowAddress }: StoreRequest['target']): StoreRequest['target'] {
  return { rpcUrl, chainId, indexerUrl, flowAddress }
}

function reverted(hash: Hex): NectoError {
  return new NectoError('zerog.reverted', 'The storage payment failed.', { retry: 'later', details: hash })
}

function stored(found: {
  root: Hex
  receipt: TransactionReceipt | undefined
  seq: number
  flow: Address
  deduplicated: boolean
}): StoredFile {
  const { root, receipt, seq, flow, deduplicated } = found
  // The network answers the first submission of a root; ours may be a later one.
  const txSeq = (receipt && submissionSeq(receipt, flow)) ?? seq
  return { root, txHash: receipt?.transactionHash ?? null, txSeq, deduplicated, finalized: true }
}
