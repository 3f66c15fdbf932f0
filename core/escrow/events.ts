// The router's events in our names and units, each with its place in the chain.
import { type Address, decodeEventLog, type Hex, type Log, type PublicClient } from 'viem'
import { computeRouterAbi } from '../../contracts/abi/ComputeRouter.ts'
import { type MicroUsd, perJobHour } from '../money.ts'
import { type CallLimits, withDeadline } from './deadline.ts'
import type { Terms } from './terms.ts'

/** Where a log stands; the block hash tells whether it still stands there after a reorg. */
interface ChainPosition {
  blockNumber: bigint
  blockHash: Hex
  logIndex: number
  transactionHash: Hex
}

/** What happened to a job's money. `paidMicroUsd` is the total released so far, fee included. */
export type RouterEvent = { at: ChainPosition } & (
  | {
      name: 'JobFunded'
      id: Hex
      payer: Address
      payout: Address
      depositMicroUsd: MicroUsd
      priceVerified: boolean
      terms: Terms
    }
  | { name: 'JobStarted'; id: Hex; startedAtMs: number }
  | {
      name: 'JobCheckpointed'
      id: Hex
      provider: Hex
      usedSeconds: number
      toProviderMicroUsd: MicroUsd
      feeMicroUsd: MicroUsd
      paidMicroUsd: MicroUsd
    }
  | {
      name: 'JobSettled'
      id: Hex
      provider: Hex
      usedSeconds: number
      toProviderMicroUsd: MicroUsd
      feeMicroUsd: MicroUsd
      paidMicroUsd: MicroUsd
      refundedMicroUsd: MicroUsd
      evidenceRoot: Hex
    }
  | { name: 'JobRefunded'; id: Hex; refundTo: Address; refundedMicroUsd: MicroUsd; cancelled: boolean }
  | {
      name: 'JobExpired'
      id: Hex
      refundTo: Address
      refundedMicroUsd: MicroUsd
      usedSeconds: number
      paidMicroUsd: MicroUsd
    }
  | { name: 'StopRequested'; id: Hex; refundTo: Address }
  | { name: 'Credited'; id: Hex; account: Address; amountMicroUsd: MicroUsd }
  | { name: 'Withdrawn'; account: Address; amountMicroUsd: MicroUsd }
  | { name: 'CompleteFailed' | 'ReclaimFailed'; id: Hex; reason: Hex }
)

/** One kind of router event. */
export type RouterEventOf<Name extends RouterEvent['name']> = Extract<RouterEvent, { name: Name }>

/** A mined router log as an event; undefined for what concerns no job (roles, pause, fee recipient) or is not the router's. */
export function decodeRouterLog(log: Log<bigint, number, false>): RouterEvent | undefined {
  const at: ChainPosition = {
    blockNumber: log.blockNumber,
    blockHash: log.blockHash,
    logIndex: log.logIndex,
    transactionHash: log.transactionHash,
  }
  const decoded = decode(log)
  switch (decoded?.eventName) {
    case 'JobFunded': {
      const { id, payer, payout, deposit, priceVerified, terms } = decoded.args
      const { pricePerHour, ...rest } = terms
      return {
        at,
        name: 'JobFunded',
        id,
        payer,
        payout,
        depositMicroUsd: deposit,
        priceVerified,
        terms: { ...rest, pricePerHour: perJobHour(pricePerHour) },
      }
    }
    case 'JobStarted':
      return { at, name: 'JobStarted', id: decoded.args.id, startedAtMs: decoded.args.startedAt * 1000 }
    case 'JobCheckpointed': {
      const { id, provider, usedSeconds, toProvider, fee, paid } = decoded.args
      const amounts = { toProviderMicroUsd: toProvider, feeMicroUsd: fee, paidMicroUsd: paid }
      return { at, name: 'JobCheckpointed', id, provider, usedSeconds, ...amounts }
    }
    case 'JobSettled': {
      const { id, provider, usedSeconds, toProvider, fee, paid, refunded, evidenceRoot } = decoded.args
      const amounts = { toProviderMicroUsd: toProvider, feeMicroUsd: fee, paidMicroUsd: paid }
      return { at, name: 'JobSettled', id, provider, usedSeconds, ...amounts, refundedMicroUsd: refunded, evidenceRoot }
    }
    case 'JobRefunded': {
      const { id, refundTo, refunded, cancelled } = decoded.args
      return { at, name: 'JobRefunded', id, refundTo, refundedMicroUsd: refunded, cancelled }
    }
    case 'JobExpired': {
      const { id, refundTo, refunded, usedSeconds, paid } = decoded.args
      return { at, name: 'JobExpired', id, refundTo, refundedMicroUsd: refunded, usedSeconds, paidMicroUsd: paid }
    }
    case 'StopRequested':
      return { at, name: 'StopRequested', ...decoded.args }
    case 'Credited': {
      const { id, account, amount } = decoded.args
      return { at, name: 'Credited', id, account, amountMicroUsd: amount }
    }
    case 'Withdrawn':
      return { at, name: 'Withdrawn', account: decoded.args.account, amountMicroUsd: decoded.args.amount }
    case 'CompleteFailed':
    case 'ReclaimFailed':
      return { at, name: decoded.eventName, ...decoded.args }
    default:
      return undefined
  }
}

/** The router's events of a block range, in chain order. Errors: chain.failed (also when the range is too wide). */
export async function readRouterEvents(
  options: CallLimits & { client: PublicClient; router: Address; fromBlock: bigint; toBlock: bigint },
): Promise<RouterEvent[]> {
  const { client, router, fromBlock, toBlock, ...limits } = options
  const logs = await withDeadline(
    () => client.getLogs({ address: router, fromBlock, toBlock }),
    `router logs of ${fromBlock}-${toBlock}`,
    limits,
  )
  return logs.flatMap((log) => decodeRouterLog(log) ?? [])
}

function decode(log: Log<bigint, number, false>) {
  try {
    return decodeEventLog({ abi: computeRouterAbi, data: log.data, topics: log.topics })
  } catch {
    // Not one of the router's events.
    return undefined
  }
}
