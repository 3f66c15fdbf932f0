// Small wording shared by the views: durations, ages, amounts, links.
import type { Hex } from 'viem'
import { type MicroUsd, showUsd } from '../../core/money.ts'
import type { Span } from '../chat/view.ts'

/** "4 h", "1 h 30 min", "45 s". */
export function showSeconds(seconds: number): string {
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor((seconds % 86_400) / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  const parts = [
    [days, 'd'],
    [hours, 'h'],
    [minutes, 'min'],
    [Math.floor(seconds % 60), 's'],
  ] as const
  const shown = parts.filter(([value]) => value > 0).map(([value, unit]) => `${value} ${unit}`)
  return shown.join(' ') || '0 s'
}

/** "the last day", "the last 7 days" */
export const lastDays = (days: number): string => (days === 1 ? 'the last day' : `the last ${days} days`)

/** "3 h ago": the largest unit alone. */
export const showAgo = (seconds: number): string => `${/^\d+ \w+/.exec(showSeconds(Math.max(0, seconds)))?.[0]} ago`

/** "0.4 s" */
export const showMs = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** "$2.40": an amount in US dollars. */
export const usd = (amount: MicroUsd): string => `$${showUsd(amount)}`

/** "$1.51", "$0.0421": for a column of prices, to the cent, below a dollar to its hundredth; the exact ones stand in the arithmetic. */
export function usdInColumn(amount: MicroUsd): string {
  const stepMicroUsd = amount >= 1_000_000n ? 10_000n : 100n
  return usd(((amount + stepMicroUsd / 2n) / stepMicroUsd) * stepMicroUsd)
}

/** "±29%", "±6.4%"; "" where it is not known: from basis points either way. */
export const showSpread = (bps: number | undefined): string =>
  bps === undefined ? '' : `±${(bps / 100).toFixed(bps < 1000 ? 1 : 0)}%`

/** "9.60 USDC": an amount of the token. */
export const usdc = (amount: MicroUsd): string => `${showUsd(amount)} USDC`

/** A clock time in UTC, since a team may sit in several zones: "14:05 UTC". */
export const showTime = (atMs: number): string => `${new Date(atMs).toISOString().slice(11, 16)} UTC`

/** "2026-11-29 22:10 UTC", for what is days away. */
export const showDate = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** "0x12ab…9f3c" */
export const shortHex = (hex: string): string => `${hex.slice(0, 6)}…${hex.slice(-4)}`

/** A transaction as a link where the chain has an explorer, else as its short hash. */
export function txSpan(hash: Hex, explorerTxUrl: string | undefined): Span {
  return explorerTxUrl
    ? { text: `tx ${shortHex(hash)}`, href: explorerTxUrl.replace('{hash}', hash) }
    : { text: `tx ${shortHex(hash)}`, style: 'code' }
}
