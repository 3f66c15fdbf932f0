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

/**
 * A floating figure of an outside reply as a plain decimal: the shortest one that reads back as the same float, which is
 * what the sender wrote, without an exponent. undefined when it is negative, not finite, or longer than `decimalText`.
 */
export function decimalFromNumber(value: number): string | undefined {
  const match = /^(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(value.toExponential())
  if (!match) return undefined
  const [, first = '', rest = '', exponent] = match
  const point = Number(exponent) + 1
  const digits = `${'0'.repeat(Math.max(0, 1 - point))}${first}${rest}`.padEnd(Math.max(point, 1), '0')
  const whole = digits.slice(0, Math.max(point, 1))
  const fraction = digits.slice(whole.length)
  const text = fraction === '' ? whole : `${whole}.${fraction}`
  return DECIMAL.test(text) ? text : undefined
}
