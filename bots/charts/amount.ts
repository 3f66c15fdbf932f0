// Amounts as a chart has room for: grouped, and shortened in the millions; the exact figures stand in the words beside it.
import { type MicroUsd, showUsd } from '../../core/money.ts'
import { compareAmounts } from '../../core/router/rank.ts'

const LARGE = [
  ['T', 1_000_000_000_000n],
  ['B', 1_000_000_000n],
  ['M', 1_000_000n],
] as const

/** "0.001334", "2.50", "12,345.60", "1.23 M". */
export function shortAmount(amount: MicroUsd): string {
  for (const [unit, dollars] of LARGE) {
    const hundredths = (amount * 100n) / (dollars * 1_000_000n)
    if (hundredths >= 100n) return `${grouped(hundredths / 100n)}.${String(hundredths % 100n).padStart(2, '0')} ${unit}`
  }
  // From a dollar on cents are enough; under it every digit may carry the price.
  const shown = amount >= 1_000_000n ? showUsd(((amount + 5_000n) / 10_000n) * 10_000n) : showUsd(amount)
  const [whole = '0', fraction = '00'] = shown.split('.')
  return `${grouped(BigInt(whole))}.${fraction}`
}

const grouped = (whole: bigint): string => whole.toString().replace(/\B(?=(\d{3})+$)/g, ',')

/** The lowest and the highest of some amounts; both zero of none. */
export function extentOf(amounts: readonly MicroUsd[]): { low: MicroUsd; high: MicroUsd } {
  const sorted = [...amounts].sort(compareAmounts)
  return { low: sorted[0] ?? 0n, high: sorted.at(-1) ?? 0n }
}
