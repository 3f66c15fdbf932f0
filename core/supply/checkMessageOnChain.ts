// Whether a smart wallet signed a text: asked of its contract (ERC-1271), also of one that is yet to be deployed (ERC-6492).
import type { PublicClient } from 'viem'
import { withDeadline } from '../escrow/deadline.ts'
import type { MessageSignatureCheck } from './proveWallet.ts'

/** Errors: those of `withDeadline`. */
export const checkMessageOnChain =
  (client: PublicClient): MessageSignatureCheck =>
  (signed) =>
    withDeadline(() => client.verifyMessage(signed), 'signature of a smart wallet')
