// Puts approved sellers into the on-chain registry; once that is final the listing is Live.
import { zeroHash } from 'viem'
import { encodeRegistryCall } from '../../core/escrow/registryCall.ts'
import type { Stored } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import type { Listing } from '../../core/supply/listing.ts'
import { type KeeperContext, LOOK_AGAIN_MS } from './keeper.ts'
import { submitAgain } from './submitAgain.ts'

/** One approved listing: send its registry entry, then mark it live. Sellers are paid directly and price in USD. */
export async function listSeller(keeper: KeeperContext, doc: Stored<Listing>): Promise<number | undefined> {
  const { payee, payout } = doc.value
  // Nothing is approved without a wallet; this only says so to the compiler.
  if (!payout) return undefined
  const attempt = await submitAgain({
    keeper,
    sender: keeper.agent,
    call: {
      id: `${doc.id}:list`,
      to: keeper.registry,
      data: encodeRegistryCall({ verb: 'add', provider: payee, payout, kind: 'direct', priceAsset: zeroHash }),
    },
  })
  if (attempt?.againInMs !== undefined) {
    const failure = attempt.intent.failure?.code
    keeper.context.log.error({ msg: 'registry refused a seller', listing: doc.id, failure, attempt: attempt.number })
    return attempt.againInMs
  }
  const intent = attempt?.intent
  if (intent?.state !== 'final') return LOOK_AGAIN_MS
  await updateDocument({
    collection: keeper.context.listings,
    id: doc.id,
    change: (listing) =>
      listing.state === 'approved'
        ? { ...listing, state: 'live' as const, ...(intent.mined && { registryTx: intent.mined.hash }) }
        : undefined,
  })
  return undefined
}
