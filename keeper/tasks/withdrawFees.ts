// Sends the fees that have gathered in the escrow to their recipient, once a day where it is worth the gas.
import { type Address, getAddress } from 'viem'
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import { utcDay } from '../../core/jobs/relayDay.ts'
import type { MicroUsd } from '../../core/money.ts'
import type { KeeperContext } from './keeper.ts'

// A withdrawal costs less than a cent on Base; below this the fees may as well wait.
const WORTH_IT_MICRO_USD = 5_000_000n

/** What waits for whom, read from the chain. */
export interface WaitingFees {
  readonly recipient: Address
  readonly microUsd: MicroUsd
}

/** One look: a day has one transaction at most, so that a repeated look sends nothing twice. */
export async function withdrawFees(
  keeper: Pick<KeeperContext, 'agent' | 'router'> & { readonly context: Pick<KeeperContext['context'], 'clock'> },
  read: () => Promise<WaitingFees>,
): Promise<void> {
  const { recipient, microUsd } = await read()
  if (microUsd < WORTH_IT_MICRO_USD) return
  const account = getAddress(recipient)
  await keeper.agent.submit({
    id: `fees:${utcDay(keeper.context.clock.now())}:${account}`,
    to: keeper.router,
    data: encodeRouterCall({ verb: 'withdrawFor', account }),
  })
}
