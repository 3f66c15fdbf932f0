// The router's rules in memory, so that thousands of short lives can be tried: it runs the very calldata that is sent.
import { type Address, decodeFunctionData, type Hex } from 'viem'
import { computeRouterAbi } from '../../contracts/abi/ComputeRouter.ts'
import type { RouterEvent } from '../../core/escrow/events.ts'
import { depositOf, owedOf } from '../../core/escrow/metering.ts'
import { hashTerms, type Terms } from '../../core/escrow/terms.ts'
import {
  expiredEvent,
  fundedEvent,
  place,
  refundedEvent,
  settledEvent,
  startedEvent,
  stopEvent,
} from '../../core/jobs/testJobs.ts'
import { perJobHour } from '../../core/money.ts'

interface Deposit {
  readonly terms: Terms
  status: 'funded' | 'active' | 'settled' | 'refunded' | 'expired'
  startedAtSeconds: number
  isStopped: boolean
}

const RECLAIM_GRACE_SECONDS = 72 * 3600

/** An empty router; `call` answers the contract's error name, or undefined when it went through. */
export function createRouterModel(nowSeconds: () => number) {
  const deposits = new Map<Hex, Deposit>()
  /** What happened, all of it final. */
  const events: RouterEvent[] = []
  // Payers act on chain whether our process lives or not.
  let payersStop = false
  const moved = { in: 0n, toSellers: 0n, back: 0n }

  function end(deposit: Deposit, status: 'settled' | 'refunded' | 'expired', paid: bigint): void {
    deposit.status = status
    moved.toSellers += paid
    moved.back += depositOf(deposit.terms) - paid
  }

  function fund(terms: Terms, from: Address): string | undefined {
    const id = hashTerms({ terms, ...place })
    if (deposits.has(id)) return 'JobExists'
    if (nowSeconds() > terms.fundBy) return 'QuoteExpired'
    deposits.set(id, { terms, status: 'funded', startedAtSeconds: 0, isStopped: false })
    moved.in += depositOf(terms)
    events.push(fundedEvent(terms, from))
    return undefined
  }

  function onDeposit(verb: string, deposit: Deposit | undefined, args: readonly unknown[]): string | undefined {
    if (!deposit) return 'WrongStatus'
    const { terms, status } = deposit
    switch (verb) {
      case 'start':
        if (status !== 'funded') return 'WrongStatus'
        if (nowSeconds() > terms.startBy) return 'StartTooLate'
        deposit.status = 'active'
        deposit.startedAtSeconds = nowSeconds()
        events.push(startedEvent(hashTerms({ terms, ...place }), nowSeconds() * 1000))
        return payersStop ? onDeposit('stop', deposit, []) : undefined
      case 'cancel':
        if (status !== 'funded') return 'WrongStatus'
        end(deposit, 'refunded', 0n)
        events.push(refundedEvent(terms))
        return undefined
      case 'complete': {
        const used = Number(args[1])
        if (status !== 'active') return 'WrongStatus'
        if (used > terms.maxSeconds) return 'UsedAboveMax'
        if (used > nowSeconds() - deposit.startedAtSeconds) return 'UsedAboveElapsed'
        end(deposit, 'settled', owedOf(terms, used))
        events.push(settledEvent(terms, used))
        return undefined
      }
      case 'stop':
        if ((status !== 'funded' && status !== 'active') || deposit.isStopped) return 'WrongStatus'
        deposit.isStopped = true
        events.push(stopEvent(terms))
        return undefined
      case 'reclaim': {
        const afterSeconds =
          status === 'funded'
            ? Number(terms.startBy)
            : deposit.startedAtSeconds + terms.maxSeconds + RECLAIM_GRACE_SECONDS
        if ((status !== 'funded' && status !== 'active') || nowSeconds() <= afterSeconds) return 'NotReclaimableYet'
        events.push(status === 'funded' ? refundedEvent(terms, false) : expiredEvent(terms))
        end(deposit, status === 'funded' ? 'refunded' : 'expired', 0n)
        return undefined
      }
      default:
        throw new Error(`the model knows no ${verb}`)
    }
  }

  return {
    deposits,
    events,
    moved,
    fund,
    /** A call by whoever holds the role it needs. */
    call(data: Hex): string | undefined {
      const { functionName, args } = decodeFunctionData({ abi: computeRouterAbi, data })
      if (functionName === 'completeMany') {
        // What is wrong with one of them is an event, and stops none of the others.
        for (const { id, usedSeconds, evidenceRoot } of args[0])
          onDeposit('complete', deposits.get(id), [id, usedSeconds, evidenceRoot])
        return undefined
      }
      if (functionName !== 'fundWithAuthorization')
        return onDeposit(functionName, deposits.get(args?.[0] as Hex), args ?? [])
      const [terms, , from] = args
      return fund({ ...terms, pricePerHour: perJobHour(terms.pricePerHour) }, from)
    },
    /** From now on each job is asked to be stopped in the block of its start. */
    stopStarted(): void {
      payersStop = true
    },
    stop: (id: Hex) => onDeposit('stop', deposits.get(id), []),
    reclaim: (id: Hex) => onDeposit('reclaim', deposits.get(id), []),
  }
}
