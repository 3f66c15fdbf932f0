// Looks at the wallets that pay for gas: what they hold, whether that is enough, and whether a nonce is missing.
import type { Address, PublicClient } from 'viem'
import { etherText } from '../../core/etherText.ts'
import type { Metrics } from '../../core/health/metrics.ts'
import type { Log } from '../../core/log.ts'
import type { Collection } from '../../core/store/store.ts'
import { type Intent, lineKey } from '../tx/intent.ts'

// Fifty settlements, the dearest call that is sent for every job.
const FLOOR_GAS = 50n * 200_000n

export interface WatchedSigner {
  readonly name: string
  readonly address: Address
  readonly client: PublicClient
  /** Its line of stored transactions; absent for one that keeps none. */
  readonly chainId?: number
  /** Else what fifty settlements cost now. */
  readonly floorWei?: bigint
}

/** One look at all of them. What is wrong is logged when it becomes so, not at every look. */
export function createSignerWatch(options: {
  signers: readonly WatchedSigner[]
  intents: Collection<Intent>
  metrics: Metrics
  log: Log
}): () => Promise<void> {
  const { signers, intents, metrics, log } = options
  const told = new Set<string>()

  function tell(key: string, isWrong: boolean, fields: Parameters<Log['error']>[0]): void {
    if (isWrong && !told.has(key)) log.error(fields)
    if (isWrong) told.add(key)
    else told.delete(key)
  }

  async function lookAtBalance({ name, address, client, floorWei }: WatchedSigner): Promise<void> {
    const balance = await client.getBalance({ address })
    const floor = floorWei ?? FLOOR_GAS * (await client.getGasPrice())
    const isLow = balance < floor
    metrics.set('signerBalanceWei', balance, name)
    metrics.set('signerLow', isLow ? 1 : 0, name)
    const texts = { holds: etherText(balance), floor: etherText(floor) }
    tell(`${name} balance`, isLow, { msg: 'a wallet is nearly empty', signer: name, address, ...texts })
  }

  /** How many nonces nobody holds before the first open transaction: it is not mined until they are used. */
  async function lookAtNonces({ name, address, client, chainId }: WatchedSigner): Promise<void> {
    if (chainId === undefined) return
    const open = await intents.list({ index: 'openLine', key: lineKey({ chainId, signer: address }) })
    const nonces = open.flatMap(({ value }) => value.nonce ?? [])
    const next = await client.getTransactionCount({ address, blockTag: 'latest' })
    const gap = nonces.length === 0 ? 0 : Math.max(0, Math.min(...nonces) - next)
    metrics.set('nonceGap', gap, name)
    tell(`${name} nonce`, gap > 0, { msg: 'a nonce is missing, later transactions wait', signer: name, next, gap })
  }

  return async () => {
    const looks = signers.flatMap((signer) => [lookAtBalance(signer), lookAtNonces(signer)])
    // One chain that is away hides nothing of the other.
    const failed = (await Promise.allSettled(looks)).find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
  }
}
