// Necto as broker of a provider: the on-chain registry entry under which its own wallet is paid for that provider's jobs.
import { type Address, type Hex, keccak256, stringToBytes } from 'viem'
import { z } from 'zod'
import { address, bytes32 } from '../codecs.ts'
import type { Collection, CollectionDefinition } from '../store/store.ts'
import type { Launcher } from './launcher.ts'

const brokerSchema = z.strictObject({
  provider: z.string(),
  /** What its quotes are priced in: the registry ties each entry to one. */
  priceAsset: z.string(),
  payout: address,
  /** wanted → (registry entry final on chain) live. */
  state: z.enum(['wanted', 'live']),
  registryTx: bytes32.optional(),
})
export type Broker = z.output<typeof brokerSchema>

/** By the registry id, which is what terms name. */
export const brokers: CollectionDefinition<Broker> = { name: 'brokers', schema: brokerSchema, indexes: {} }

type Entry = Pick<Broker, 'provider' | 'priceAsset' | 'payout'>

/** The registry id. The wallet is in it: another one is another entry, and no quote that is out changes whom it pays. */
export const brokerPayee = ({ provider, priceAsset, payout }: Entry): Hex =>
  keccak256(stringToBytes(`necto.broker:${provider}:${priceAsset}:${payout.toLowerCase()}`))

/** Writes down which entries these launchers need; those here already stay as they are. Answers their ids. */
export async function wantBrokers(options: {
  brokers: Collection<Broker>
  launchers: readonly Launcher[]
  payout: Address
}): Promise<Hex[]> {
  const { launchers, payout } = options
  const entries = launchers.flatMap(({ provider, priceAssets }) =>
    priceAssets.map((priceAsset): Entry => ({ provider, priceAsset, payout })),
  )
  const ids = entries.map(brokerPayee)
  for (const [at, entry] of entries.entries())
    await options.brokers.insert(ids[at] ?? '', { ...entry, state: 'wanted' })
  return ids
}
