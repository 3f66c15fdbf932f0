// A job's results against its public evidence: what lies on 0G, and what the seller signed. Runs in the reader's browser.
import { bytesToHex, type Hex, hexToBytes } from 'viem'
import { evidenceSchema, isSignedFor } from '../../core/jobs/publicEvidence.ts'
import { splitPages } from '../../core/record/pages.ts'

/** Whether the encrypted file is the one that 0G addresses by this root: itself, or the manifest of its pages. */
export const isStoredUnder = (root: string | undefined, sealed: Uint8Array): boolean => splitPages(sealed).root === root

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
