// What one transaction paid for: the short way to a job's payment, for those who were told where it is.
import type { Address, Hex, PublicClient } from 'viem'
import { type CallLimits, withDeadline } from './deadline.ts'
import { decodeRouterLog, type RouterEventOf } from './events.ts'

/** The JobFunded events of a mined transaction; none when it is not the router's. Errors: chain.failed also when it is not mined. */
export async function fundingOfTransaction(
  options: CallLimits & { client: Pick<PublicClient, 'getTransactionReceipt'>; router: Address; txHash: Hex },
): Promise<RouterEventOf<'JobFunded'>[]> {
  const { client, router, txHash, ...limits } = options
  const { logs } = await withDeadline(
    () => client.getTransactionReceipt({ hash: txHash }),
    'receipt of the payment',
    limits,
  )
  const own = logs.filter(({ address }) => address.toLowerCase() === router.toLowerCase())
  return own.flatMap((log) => {
    const event = decodeRouterLog(log)
    return event?.name === 'JobFunded' ? [event] : []
  })
}
