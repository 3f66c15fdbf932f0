// Puts Necto's own wallet into the on-chain registry for each provider it can rent at; once final, those offers can be booked.
import type { Hex } from 'viem'
import { encodeRegistryCall } from '../../core/escrow/registryCall.ts'
import type { RegistryReads } from '../../core/escrow/registryReads.ts'
import { priceAssetKey } from '../../core/escrow/terms.ts'
import type { Broker } from '../../core/launch/broker.ts'
import type { Stored } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { type KeeperContext, LOOK_AGAIN_MS } from './keeper.ts'
import { newestAttempt, submitAgain } from './submitAgain.ts'

/** One wanted entry: send it, then mark it live. The chain may have it from an earlier store. */
export async function listBroker(
  keeper: KeeperContext & { reads: Pick<RegistryReads, 'payout'> },
  doc: Stored<Broker>,
): Promise<number | undefined> {
  const { payout, priceAsset } = doc.value
  const provider = doc.id as Hex
  const id = `${provider}:list`
  const newest = await newestAttempt(keeper, id)
  if ((!newest || newest.intent.state === 'failed') && (await keeper.reads.payout(provider)) !== undefined)
    return goLive(keeper, doc)
  const attempt = await submitAgain({
    keeper,
    sender: keeper.agent,
    call: {
      id,
      to: keeper.registry,
      data: encodeRegistryCall({
        verb: 'add',
        provider,
        payout,
        kind: 'broker',
        priceAsset: priceAssetKey(priceAsset),
      }),
    },
  })
  if (attempt?.againInMs !== undefined) {
    const { intent, number, againInMs } = attempt
    const { provider: name } = doc.value
    keeper.context.log.error({
      msg: 'registry refused a broker entry',
      provider: name,
      failure: intent.failure?.code,
      attempt: number,
    })
    return againInMs
  }
  return attempt?.intent.state === 'final' ? goLive(keeper, doc, attempt.intent.mined?.hash) : LOOK_AGAIN_MS
}

async function goLive(keeper: KeeperContext, doc: Stored<Broker>, registryTx?: Hex): Promise<undefined> {
  await updateDocument({
    collection: keeper.context.brokers,
    id: doc.id,
    change: (now) =>
      now.state === 'wanted' ? { ...now, state: 'live' as const, ...(registryTx && { registryTx }) } : undefined,
  })
}
