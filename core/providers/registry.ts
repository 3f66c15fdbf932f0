// Every provider Necto knows: a new one is a folder beside this file and one line here.
import type { Clock } from '../clock.ts'
import type { SynapseProvider } from '../market/provider.ts'
import { createAkashProvider } from './akash/index.ts'
import type { AwsCredentials } from './aws-spot/ec2.ts'
import { createAwsSpotProvider } from './aws-spot/index.ts'
import { createNectoProvider } from './necto/index.ts'
import type { NectoListing } from './necto/offers.ts'

export interface ProviderDeps {
  readonly clock: Clock
  /** Akash's Console API. */
  readonly akashUrl: string
  /** Without credentials AWS is named as missing; `endpoint` is for a stand-in, the SDK reads AWS_ENDPOINT_URL_EC2 too. */
  readonly aws: {
    readonly regions: readonly string[]
    readonly credentials?: AwsCredentials | undefined
    readonly endpoint?: string | undefined
  }
  /** All listings of Necto's own sellers. */
  readonly listings: () => Promise<readonly NectoListing[]>
}

/** In the order in which people see them. */
export const createProviders = ({ clock, akashUrl, aws, listings }: ProviderDeps): SynapseProvider[] => [
  createAkashProvider({ baseUrl: akashUrl, clock }),
  createAwsSpotProvider({ ...aws, clock }),
  createNectoProvider({ listings, clock }),
]
