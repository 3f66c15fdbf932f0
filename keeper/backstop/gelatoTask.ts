// The router's resolver as a task of Gelato's Automate, built with its SDK; nothing here asks Gelato's servers.
import { AutomateSDK, TriggerType } from '@gelatonetwork/automate-sdk'
import { type Address, getAddress, type Hex } from 'viem'
import { encodeChecker, reclaimSelector } from '../../core/escrow/routerCall.ts'

const EVERY_MS = 60_000

/** A task as it has to be told to the Automate contract, and the id that it has there. */
export interface ReclaimTask {
  readonly taskId: Hex
  readonly data: Hex
}

/** The task that reclaims what `checker(cursor, limit)` names, for the account that creates it. */
export async function buildReclaimTask(options: {
  chainId: number
  automate: Address
  creator: Address
  router: Address
  cursor: bigint
  limit: bigint
}): Promise<ReclaimTask> {
  const { chainId, automate, creator, router, cursor, limit } = options
  // `AutomateSDK.create` would ask Gelato's servers for the contract's address, so the constructor, which TypeScript
  // may not call, is given ours; of a signer it reads no more than the address.
  const signer = { _isSigner: true, getAddress: async () => getAddress(creator) }
  const sdk: AutomateSDK = Reflect.construct(AutomateSDK, [chainId, signer, getAddress(automate)])
  const { taskId, tx } = await sdk.prepareTask({
    name: `Necto: refunds of places ${cursor + 1n} to ${cursor + limit}`,
    execAddress: getAddress(router),
    execSelector: reclaimSelector(),
    resolverAddress: getAddress(router),
    resolverData: encodeChecker({ cursor, limit }),
    // Automate takes no task without a caller of its own; whoever calls, the money goes to the refund address.
    dedicatedMsgSender: true,
    trigger: { type: TriggerType.TIME, interval: EVERY_MS },
  })
  if (!tx.data) throw new Error('the SDK made no call of the task')
  return { taskId: taskId as Hex, data: tx.data as Hex }
}
