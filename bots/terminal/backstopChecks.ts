// Whether `necto backstop` could act: a key of its own, a wallet that can pay, endpoints of the right chain, its Automate.
import { createPublicClient, http } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import { requireBackstopKey } from '../../core/backstopKey.ts'
import { type Config, requireSettings } from '../../core/config.ts'
import { NectoError } from '../../core/errors.ts'
import { etherText } from '../../core/etherText.ts'

const WEI_PER_GWEI = 1_000_000_000n

export interface BackstopQuestion {
  readonly name: string
  ask(signal: AbortSignal): Promise<string>
}

/** What is worth asking besides its endpoints; nothing without a key. */
export function backstopQuestions(config: Config): BackstopQuestion[] {
  if (config.BACKSTOP_KEY === undefined) return []
  const wallet = { name: 'Backstop wallet', ask: (signal: AbortSignal) => askWallet(config, signal) }
  const automate = { name: 'Backstop Automate', ask: (signal: AbortSignal) => askAutomate(config, signal) }
  return config.BACKSTOP_DRIVER === 'gelato' ? [wallet, automate] : [wallet]
}

async function askWallet(config: Config, signal: AbortSignal): Promise<string> {
  const address = privateKeyToAddress(requireBackstopKey(config))
  const heldWei = await firstOf(config, signal).getBalance({ address })
  const held = `${address} holds ${etherText(heldWei)} ETH`
  if (heldWei >= BigInt(config.BACKSTOP_LOW_BALANCE_GWEI) * WEI_PER_GWEI) return held
  throw new NectoError('doctor.low', `${held}: send 0.002, without gas it can give nothing back`)
}

async function askAutomate(config: Config, signal: AbortSignal): Promise<string> {
  const { BACKSTOP_AUTOMATE_ADDRESS: address } = requireSettings(config, ['BACKSTOP_AUTOMATE_ADDRESS'])
  if (await firstOf(config, signal).getCode({ address }))
    return `${address}; its executor is not ours to ask, Gelato's own ended on 2026-03-31`
  throw new NectoError('doctor.no-automate', `no contract is at ${address}`)
}

function firstOf(config: Config, signal: AbortSignal) {
  const [url] = [...(config.BACKSTOP_RPC_URLS ?? []), ...(config.ESCROW_RPC_URLS ?? [])]
  if (url === undefined)
    throw new NectoError('doctor.no-endpoint', 'neither BACKSTOP_RPC_URLS nor ESCROW_RPC_URLS is set')
  return createPublicClient({ transport: http(url, { retryCount: 0, fetchOptions: { signal } }) })
}
