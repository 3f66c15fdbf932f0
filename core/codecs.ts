// Zod codecs shared by every stored and sealed document: bigints and rates are decimal strings in JSON.
import { z } from 'zod'
import {
  formatUsd,
  type MicroUsd,
  type MicroUsdPerGpuHour,
  type MicroUsdPerJobHour,
  type MicroUsdPerNodeHour,
  parseUsd,
} from './money.ts'

const usdText = z
  .string()
  .refine((text) => /^\d+\.\d{6}$/.test(text) && parseUsd(text) !== undefined, 'a dollar amount with six decimals')

function usdCodec<Amount extends bigint>() {
  return z.codec(
    usdText,
    z.custom<Amount>((value) => typeof value === 'bigint' && value >= 0n),
    {
      decode: (text) => (parseUsd(text) ?? 0n) as Amount,
      encode: (amount) => formatUsd(amount),
    },
  )
}

/** An amount: "2.500000" in JSON. */
export const microUsd = usdCodec<MicroUsd>()
/** A rate for one GPU-hour. */
export const microUsdPerGpuHour = usdCodec<MicroUsdPerGpuHour>()
/** A rate for one node-hour. */
export const microUsdPerNodeHour = usdCodec<MicroUsdPerNodeHour>()
/** A rate for one hour of the whole job. */
export const microUsdPerJobHour = usdCodec<MicroUsdPerJobHour>()

/** A whole number too large or too exact for a JSON number: "12345". */
export const integerText = z.codec(z.string().regex(/^(0|[1-9]\d*)$/), z.bigint().nonnegative(), {
  decode: (text) => BigInt(text),
  encode: (value) => value.toString(),
})

/** UTC epoch milliseconds. */
export const instantMs = z.int().nonnegative()
/** 32 bytes as lower-case hex. */
export const bytes32 = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]{64}$/)])
/** An EVM address, checksummed or lower case. */
export const address = z.templateLiteral(
  ['0x', z.string().regex(/^[0-9a-fA-F]{40}$/)],
  'an address: 0x and 40 hex digits',
)
/** Bytes as hex. */
export const hexBytes = z.templateLiteral(['0x', z.string().regex(/^([0-9a-fA-F]{2})*$/)])
/** A chat's own words for a place or a message: kept and handed back, never read by core. */
export const chatWords = z.record(z.string(), z.union([z.string(), z.boolean()]).optional())
