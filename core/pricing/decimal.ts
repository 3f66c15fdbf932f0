// Plain decimal strings as scaled integers, for token amounts and token prices.
import { z } from 'zod'

const DECIMAL = /^(0|[1-9]\d{0,14})(?:\.(\d{1,30}))?$/

/** A non-negative decimal string without sign, exponent or leading zeros. */
export const decimalText = z.string().regex(DECIMAL)

/** `text` × 10^`decimals`, rounded up; undefined when it is no plain decimal. */
export function scaleUp(text: string, decimals: number): bigint | undefined {
  const match = DECIMAL.exec(text)
  if (!match) return undefined
  const [, whole = '0', fraction = ''] = match
  const kept = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'))
  return /[1-9]/.test(fraction.slice(decimals)) ? kept + 1n : kept
}
