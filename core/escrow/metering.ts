// What a job deposits, owes and pays as fee: the contract's arithmetic, to the micro-dollar.
import { type MicroUsd, type MicroUsdPerJobHour, mulDivDown, mulDivUp, SECONDS_PER_HOUR } from '../money.ts'

const BPS = 10_000n

/** The deposit: price × maxSeconds / 3600, rounded up. */
export function depositOf(terms: { pricePerHour: MicroUsdPerJobHour; maxSeconds: number }): MicroUsd {
  return mulDivUp(terms.pricePerHour, BigInt(terms.maxSeconds), SECONDS_PER_HOUR)
}

/** Owed in total after `usedSeconds`, fee included: at least minSeconds once anything ran, rounded down. */
export function owedOf(terms: { pricePerHour: MicroUsdPerJobHour; minSeconds: number }, usedSeconds: number): MicroUsd {
  const billed = usedSeconds === 0 ? 0 : Math.max(usedSeconds, terms.minSeconds)
  return mulDivDown(terms.pricePerHour, BigInt(billed), SECONDS_PER_HOUR)
}

/** The fee inside a released total, rounded down. A release's own fee is the difference of two totals' fees. */
export function feeOf(releasedMicroUsd: MicroUsd, feeBps: number): MicroUsd {
  return mulDivDown(releasedMicroUsd, BigInt(feeBps), BPS)
}

/** How a deposit would be split if the job ended with `usedSeconds`. */
export function splitOf(
  terms: { pricePerHour: MicroUsdPerJobHour; minSeconds: number; maxSeconds: number; feeBps: number },
  usedSeconds: number,
): { toProviderMicroUsd: MicroUsd; feeMicroUsd: MicroUsd; refundMicroUsd: MicroUsd } {
  const paid = owedOf(terms, usedSeconds)
  const feeMicroUsd = feeOf(paid, terms.feeBps)
  return { toProviderMicroUsd: paid - feeMicroUsd, feeMicroUsd, refundMicroUsd: depositOf(terms) - paid }
}
