// Whether a smart wallet signed a text: asked of its contract (ERC-1271), also of one that is yet to be deployed (ERC-6492).
import type { PublicClient } from 'viem'
import { withDeadline } from '../escrow/deadline.ts'
import type { MessageSignatureCheck } from './proveWallet.ts'

/** Errors: those of `withDeadline`, also when the chain could not be asked. */
export const checkMessageOnChain =
  (client: PublicClient): MessageSignatureCheck =>
  (signed) =>
    withDeadline(async () => {
      if (await client.verifyMessage(signed)) return true
      // viem says false as well where no endpoint answered: only one that answers now makes it a no.
      await client.getBlockNumber({ cacheTime: 0 })
      return false
    }, 'signature of a smart wallet')
