// What a transaction bids for gas: at first, and when it has waited too long.
import type { SignedVersion } from './intent.ts'

/** EIP-1559 bid, wei per unit of gas. */
export type Fees = Pick<SignedVersion, 'maxFeePerGas' | 'maxPriorityFeePerGas'>

// Nodes refuse a replacement under 10 % more on both figures; 15 % is what Optimism's txmgr bids.
const BUMP_PERCENT = 15n
const NODE_MINIMUM_PERCENT = 10n

const raised = (value: bigint, percent: bigint) => (value * (100n + percent) + 99n) / 100n
const larger = (a: bigint, b: bigint) => (a > b ? a : b)
const smaller = (a: bigint, b: bigint) => (a < b ? a : b)

/** The first bid: twice the base fee leaves room for six full blocks; undefined when the cap is under the base fee. */
export function firstFees(options: { baseFee: bigint; tip: bigint; capWei: bigint }): Fees | undefined {
  const { baseFee, tip, capWei } = options
  if (baseFee > capWei) return undefined
  const maxFeePerGas = smaller(2n * baseFee + tip, capWei)
  return { maxFeePerGas, maxPriorityFeePerGas: smaller(tip, maxFeePerGas) }
}

/** A higher bid for the same nonce; undefined when the cap leaves no step that a node would accept. */
export function bumpedFees(options: { last: Fees; suggested: Fees | undefined; capWei: bigint }): Fees | undefined {
  const { last, suggested, capWei } = options
  const wantedMax = larger(raised(last.maxFeePerGas, BUMP_PERCENT), suggested?.maxFeePerGas ?? 0n)
  const wantedTip = larger(raised(last.maxPriorityFeePerGas, BUMP_PERCENT), suggested?.maxPriorityFeePerGas ?? 0n)
  const maxFeePerGas = smaller(wantedMax, capWei)
  const maxPriorityFeePerGas = smaller(wantedTip, maxFeePerGas)
  const enough =
    maxFeePerGas >= raised(last.maxFeePerGas, NODE_MINIMUM_PERCENT) &&
    maxPriorityFeePerGas >= raised(last.maxPriorityFeePerGas, NODE_MINIMUM_PERCENT)
  return enough ? { maxFeePerGas, maxPriorityFeePerGas } : undefined
}
