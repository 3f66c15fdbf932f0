// One transaction that must be sent exactly once, as it is stored from the wish to the final block.
import { z } from 'zod'
import { address, bytes32, hexBytes, instantMs, integerText } from '../../core/codecs.ts'
import { utcDay } from '../../core/jobs/relayDay.ts'
import type { CollectionDefinition } from '../../core/store/store.ts'

/** One set of signed bytes. All of a nonce's versions make the same call; only the fee grows. */
const signedVersionSchema = z.strictObject({
  nonce: z.int().nonnegative(),
  hash: bytes32,
  raw: hexBytes,
  maxFeePerGas: integerText,
  maxPriorityFeePerGas: integerText,
  signedAtMs: instantMs,
})
export type SignedVersion = z.output<typeof signedVersionSchema>

const minedSchema = z.strictObject({
  hash: bytes32,
  blockNumber: integerText,
  blockHash: bytes32,
  status: z.enum(['success', 'reverted']),
  gasUsed: integerText,
  /** What it cost its signer, in wei. */
  feeWei: integerText.optional(),
})
/** Where a version was seen in a block; it may still be taken back by a reorg until the intent is final. */
export type Mined = z.output<typeof minedSchema>

/**
 * planned: wished, nothing signed. signed: bytes stored, perhaps not sent. sent: offered to the network, outcome open.
 * mined: in a block. final: in a block at depth, it did what it should. failed: it will never do it, `failure` says why.
 */
export const intentState = z.enum(['planned', 'signed', 'sent', 'mined', 'final', 'failed'])

const intentSchema = z.strictObject({
  signer: address,
  chainId: z.int().positive(),
  to: address,
  data: hexBytes,
  value: integerText,
  /** The on-chain jobs that a batch is for: the one place that says so, written with the wish itself. */
  covers: z.array(bytes32).optional(),
  /** A gas limit set by the caller; otherwise it is estimated. */
  gas: integerText.optional(),
  state: intentState,
  /** The nonce it holds, from the first signature on. */
  nonce: z.int().nonnegative().optional(),
  /** The limit signed; never estimated again, since an earlier copy may already have changed the state. */
  gasLimit: integerText.optional(),
  /** Every version ever signed, oldest first: any of them may be the one that is mined. */
  versions: z.array(signedVersionSchema),
  mined: minedSchema.optional(),
  /** `code` is the contract's error name (`NotActive`) or one of ours (`tx.reverted`, `tx.out-of-gas`). */
  failure: z.strictObject({ code: z.string(), text: z.string() }).optional(),
  createdAtMs: instantMs,
})
export type Intent = z.output<typeof intentSchema>

/** The key of one nonce line: one signer on one chain. */
export const lineKey = (line: { chainId: number; signer: string }) => `${line.chainId}:${line.signer.toLowerCase()}`

const isSettled = (intent: Intent) => intent.state === 'final' || intent.state === 'failed'

export const intents: CollectionDefinition<Intent> = {
  name: 'intents',
  schema: intentSchema,
  indexes: {
    line: (intent) => [lineKey(intent)],
    openLine: (intent) => (isSettled(intent) ? [] : [lineKey(intent)]),
    state: (intent) => [intent.state],
    covers: (intent) => intent.covers ?? [],
    day: (intent) => [utcDay(intent.createdAtMs)],
  },
}
