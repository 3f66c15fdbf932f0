// Money: USD and USDC in bigint millionths, one strict converter, every rounding named.

/** An amount in millionths of a US dollar (also USDC's smallest unit). */
export type MicroUsd = bigint

declare const unit: unique symbol
type Rate<Unit extends string> = bigint & { readonly [unit]: Unit }

/** Micro-USD for one GPU for one hour. */
export type MicroUsdPerGpuHour = Rate<'gpu-hour'>
/** Micro-USD for one whole node, whatever GPUs it holds, for one hour. */
export type MicroUsdPerNodeHour = Rate<'node-hour'>
/** Micro-USD for everything a job uses, for one hour: what the escrow's terms carry. */
export type MicroUsdPerJobHour = Rate<'job-hour'>

export const perGpuHour = (microUsd: bigint) => microUsd as MicroUsdPerGpuHour
export const perNodeHour = (microUsd: bigint) => microUsd as MicroUsdPerNodeHour
export const perJobHour = (microUsd: bigint) => microUsd as MicroUsdPerJobHour

const DECIMAL = /^(0|[1-9]\d{0,14})(?:\.(\d{1,18}))?$/
export const SECONDS_PER_HOUR = 3600n

/**
 * A plain decimal string of dollars ("2.5") in micro-USD; undefined for anything else (signs, exponents, spaces).
 * More than six decimals are rounded as `round` says: 'up' for what a buyer pays, 'down' for what is released,
 * 'exact' (the default) refuses them.
 */
export function parseUsd(text: string, round: 'exact' | 'up' | 'down' = 'exact'): MicroUsd | undefined {
  const match = DECIMAL.exec(text)
  if (!match) return undefined
  const [, whole = '0', fraction = ''] = match
  const kept = BigInt(whole) * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'))
  const rest = /[1-9]/.test(fraction.slice(6))
  if (rest && round === 'exact') return undefined
  return rest && round === 'up' ? kept + 1n : kept
}

/** A decimal string with all six decimals ("2.500000"): the form in JSON, the same for the same amount always. */
export function formatUsd(amount: MicroUsd): string {
  const sign = amount < 0n ? '-' : ''
  const digits = (amount < 0n ? -amount : amount).toString().padStart(7, '0')
  return `${sign}${digits.slice(0, -6)}.${digits.slice(-6)}`
}

/** For people: at least two decimals, more only where they carry something ("2.50", "0.001334"). */
export function showUsd(amount: MicroUsd): string {
  return formatUsd(amount).replace(/(\.\d\d\d*?)0+$/, '$1')
}

/** A floating figure of an outside reply in micro-USD, rounded up at the micro-dollar; undefined when it is no price. */
export function usdFromNumber(value: number): MicroUsd | undefined {
  if (!Number.isFinite(value) || value < 0) return undefined
  // The shortest decimal that reads back as the same float is what the sender wrote; exponents mean under a micro-dollar or absurd.
  return parseUsd(String(value), 'up')
}

/** a × b / c rounded up: for what is quoted. c > 0, all non-negative. */
export const mulDivUp = (a: bigint, b: bigint, c: bigint): bigint => (a * b + c - 1n) / c
/** a × b / c rounded down: for what is released. c > 0, all non-negative. */
export const mulDivDown = (a: bigint, b: bigint, c: bigint): bigint => (a * b) / c
