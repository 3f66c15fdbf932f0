// What everybody may read of a run, and what whoever has its result key can check with it: safe for a browser.
import { type Hex, sha256 } from 'viem'
import { z } from 'zod'
import { bytes32, hexBytes } from '../codecs.ts'
import { blindHash } from '../supply/blindHash.ts'
import { verifyReceipt } from '../supply/receiptSignature.ts'
import { evidenceFile } from './job.ts'
import { signedReceiptSchema } from './runnerDesk.ts'

/** No workload, no name; log and output only as roots of ciphertext and as hashes that confirm no guess. */
export const evidenceSchema = z.strictObject({
  schema: z.literal('necto.evidence/2'),
  jobId: bytes32,
  /** What was paid for, which may be less than the receipt says. */
  usedSeconds: z.int().nonnegative(),
  /**
   * What `usedSeconds` was made from besides receipt and chain: the span from taking the job to its last sign of life,
   * what was released on the way, and the block time that the wall clock was read from. Absent when no runner took it.
   */
  seen: z
    .strictObject({
      acceptedAt: z.int().nonnegative(),
      seconds: z.int().nonnegative(),
      checkpointSeconds: z.int().nonnegative().optional(),
      meteredAt: z.int().nonnegative().optional(),
    })
    .optional(),
  /** Absent when the runner went silent, and of a machine that Necto rented, which signs nothing. */
  signed: signedReceiptSchema.optional(),
  /** Of such a machine: how its program ended, and what its provider took from Necto for it. */
  exitCode: z.int().optional(),
  invoice: z.strictObject({ provider: z.string(), usd: z.string(), basis: z.string(), how: z.string() }).optional(),
  /** The salt of the receipt's hashes, encrypted as `resultCipher` does with kind `salt`. */
  sealedSalt: hexBytes.optional(),
  log: evidenceFile.optional(),
  output: evidenceFile.optional(),
})
export type PublicEvidence = z.output<typeof evidenceSchema>

/** Whether this runner signed that its job printed or left exactly these bytes; undefined when there is no receipt. */
export async function isSignedFor(options: {
  evidence: Pick<PublicEvidence, 'signed'>
  salt: Hex
  kind: 'log' | 'output'
  plain: Uint8Array
  runner: Hex
  chainId: number
}): Promise<boolean | undefined> {
  const { evidence, salt, kind, plain, runner, chainId } = options
  const { signed } = evidence
  if (!signed) return undefined
  const hash = blindHash(kind, { salt, hash: sha256(plain) })
  if (hash !== signed.receipt[kind === 'log' ? 'logHash' : 'outputHash']) return false
  return verifyReceipt({ signed, runner, chainId })
}
