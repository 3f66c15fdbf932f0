// Which network may be played on: real money only where it was asked for by name.
import type { Config } from '../core/config.ts'

const NETWORKS: Readonly<Record<string, { escrow: number; storage: number }>> = {
  testnet: { escrow: 84_532, storage: 16_602 },
  mainnet: { escrow: 8453, storage: 16_661 },
}
export const NETWORK_WORDS = [...Object.keys(NETWORKS), 'custom']

type Chains = Pick<Config, 'ESCROW_CHAIN_ID' | 'STORAGE_CHAIN_ID'>

/** Whether either chain takes real money. */
export const isRealMoney = ({ ESCROW_CHAIN_ID, STORAGE_CHAIN_ID }: Chains): boolean =>
  ESCROW_CHAIN_ID === NETWORKS.mainnet?.escrow || STORAGE_CHAIN_ID === NETWORKS.mainnet?.storage

/** Why these settings are not of the network that was named (none: any but a main network); undefined when they are. */
export function networkFault(word: string | undefined, config: Chains): string | undefined {
  if (word !== undefined && !NETWORK_WORDS.includes(word))
    return `--network is one of ${NETWORK_WORDS.join(', ')}, not "${word}".`
  const { ESCROW_CHAIN_ID: escrow, STORAGE_CHAIN_ID: storage } = config
  const have = `ESCROW_CHAIN_ID is ${escrow}, STORAGE_CHAIN_ID is ${storage}`
  if (isRealMoney(config) && word !== 'mainnet')
    return `${have}: that is real money. Nothing is played there unless you say --network mainnet.`
  const wanted = NETWORKS[word ?? 'custom']
  if (!wanted || (wanted.escrow === escrow && wanted.storage === storage)) return undefined
  return `${have}, not ${wanted.escrow} and ${wanted.storage} as for --network ${word}. ./necto setup changes it.`
}
