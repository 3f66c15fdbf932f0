// Calls to the provider registry as calldata: listing sellers and announcing payout changes.
import { type Address, encodeFunctionData, type Hex } from 'viem'
import { providerRegistryAbi } from '../../contracts/abi/ProviderRegistry.ts'

/** What the registry keeps of a provider's terms. `broker`: Necto receives and pays the provider itself. */
export interface ProviderListing {
  payout: Address
  kind: 'direct' | 'broker'
  /** See `priceAssetKey`; zero is USD. */
  priceAsset: Hex
}

/** One call of the registry, as data. `add` is immediate and live; a change waits for the registry's delay. */
export type RegistryCall =
  | ({ verb: 'add' | 'proposeChange'; provider: Hex } & ProviderListing)
  | { verb: 'setLive'; provider: Hex; live: boolean }
  | { verb: 'cancelChange' | 'applyChange'; provider: Hex }

/** The calldata of a call. */
export function encodeRegistryCall(call: RegistryCall): Hex {
  const abi = providerRegistryAbi
  switch (call.verb) {
    case 'add':
    case 'proposeChange': {
      const args = [call.provider, call.payout, call.kind === 'broker' ? 1 : 0, call.priceAsset] as const
      return encodeFunctionData({ abi, functionName: call.verb, args })
    }
    case 'setLive':
      return encodeFunctionData({ abi, functionName: 'setLive', args: [call.provider, call.live] })
    default:
      return encodeFunctionData({ abi, functionName: call.verb, args: [call.provider] })
  }
}
