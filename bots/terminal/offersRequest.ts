// What `necto offers` was asked for, read and checked: provider, files, instant, token prices.
import { z } from 'zod'
import { NectoError } from '../../core/errors.ts'
import { nearestWord } from '../../core/market/nearestWord.ts'
import { decimalText } from '../../core/pricing/decimal.ts'
import type { TokenPrice } from '../../core/pricing/tokenPrice.ts'
import type { ProviderModule } from '../../core/providers/module.ts'
import type { Arguments } from './readArguments.ts'

export interface OffersRequest {
  readonly module: ProviderModule
  readonly files: readonly string[]
  readonly atMs: number
  readonly tokens: readonly TokenPrice[]
  readonly volatility: boolean
  readonly json: boolean
}

/** Throws NectoError `terminal.usage` that says what is wrong in one line. */
export function offersRequest(options: {
  read: Arguments
  modules: readonly ProviderModule[]
  nowMs: number
}): OffersRequest {
  const { read, modules, nowMs } = options
  const { words, values, switches } = read
  const [provider = '', ...others] = words
  const module = modules.find(({ id }) => id === provider.toLowerCase())
  if (!module) throw unknownProvider(provider, modules)
  if (others.length > 0) throw usage(`What is "${others[0]}"? Files stand behind --replay.`)
  const files = values.replay ?? []
  if (files.length === 0) throw usage('Which recorded replies? Give --replay FILE.')
  const atMs = instantOf(values.at?.at(-1), nowMs)
  return {
    module,
    files,
    atMs,
    tokens: (values.token ?? []).map((text) => tokenPrice(text, atMs)),
    volatility: switches.has('volatility'),
    json: switches.has('json'),
  }
}

const isoInstant = z.iso.datetime({ offset: true })

function instantOf(text: string | undefined, nowMs: number): number {
  if (text === undefined) return nowMs
  // Twelve digits of milliseconds begin in 2001; fewer would be seconds, or a slip.
  const ms = /^\d{12,14}$/.test(text)
    ? Number(text)
    : isoInstant.safeParse(text).success
      ? Date.parse(text)
      : Number.NaN
  if (Number.isSafeInteger(ms) && ms >= 0) return ms
  throw usage(`--at ${text} is no instant: give one like 2026-11-20T12:00:00Z, or epoch milliseconds.`)
}

function tokenPrice(text: string, atMs: number): TokenPrice {
  const [, token, usdPerToken] = /^([A-Za-z][A-Za-z0-9]{0,11})=(.+)$/.exec(text) ?? []
  if (token === undefined || !decimalText.safeParse(usdPerToken).success || !/[1-9]/.test(usdPerToken ?? ''))
    throw usage(`--token ${text} is no token price: give one like AKT=0.54, in US dollars and above zero.`)
  return { token: token.toUpperCase(), usdPerToken: usdPerToken ?? '', source: 'the command line', atMs }
}

function unknownProvider(provider: string, modules: readonly ProviderModule[]): NectoError {
  const ids = modules.map(({ id }) => id)
  if (provider === '') return usage(`Which provider? There are ${ids.join(', ')}.`)
  const near = nearestWord(provider, ids)
  const meant = near === undefined ? '' : ` Did you mean ${near}?`
  return usage(`There is no provider "${provider}".${meant} There are ${ids.join(', ')}.`)
}

const usage = (text: string) => new NectoError('terminal.usage', text)
