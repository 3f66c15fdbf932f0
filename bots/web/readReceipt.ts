// What a seller signed of a job's results, read from its public evidence: runs in the reader's browser.
import { bytesToHex, type Hex, hexToBytes } from 'viem'
import { evidenceSchema, isSignedFor } from '../../core/jobs/publicEvidence.ts'

/** Whose receipt it must be, and for which chain. */
export interface Signer {
  readonly runner: Hex
  readonly chainId: number
}

/** Whether these bytes are what the signer signed for. */
export type ReceiptCheck = (kind: 'log' | 'output', plain: Uint8Array) => Promise<boolean>

/** Undefined when there is no receipt, its salt does not open, or the evidence is of an older kind. */
export async function readReceipt(options: {
  evidence: unknown
  signer: Signer
  openSalt: (sealed: Uint8Array<ArrayBuffer>) => Promise<Uint8Array | undefined>
}): Promise<ReceiptCheck | undefined> {
  const { signer, openSalt } = options
  const evidence = evidenceSchema.safeParse(options.evidence).data
  if (!evidence?.signed || !evidence.sealedSalt) return undefined
  const salt = await openSalt(hexToBytes(evidence.sealedSalt) as Uint8Array<ArrayBuffer>)
  return (
    salt &&
    (async (kind, plain) => (await isSignedFor({ evidence, salt: bytesToHex(salt), kind, plain, ...signer })) ?? false)
  )
}
