// The four keys: made here or brought along, each for one thing, and what their wallets hold.
import { type Address, type Hex, type PublicClient, parseEther } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { NectoError } from '../core/errors.ts'
import { etherText } from '../core/etherText.ts'
import type { Dialog } from './dialog.ts'
import type { EscrowChain } from './escrow.ts'
import type { StorageChain } from './storage.ts'

const KEYS = {
  AGENT_KEY: 'agent',
  RELAY_KEY: 'relay',
  QUOTER_KEY: 'quoter',
  STORAGE_KEY: 'storage wallet',
} as const
const MAY: Readonly<Record<keyof typeof KEYS, string>> = {
  AGENT_KEY: 'starts, completes and cancels jobs, lists sellers, and deploys the contracts',
  RELAY_KEY: 'pays the gas of payers’ deposits and has no role',
  QUOTER_KEY: 'signs the terms that may be paid; it sends nothing and needs no money',
  STORAGE_KEY: 'pays for what is stored on 0G, and is for nothing else',
}
// Far above a week of a small team's jobs on Base; a record on 0G costs about 0.0015.
const NEEDS = {
  AGENT_KEY: { atLeast: parseEther('0.001'), send: '0.005' },
  RELAY_KEY: { atLeast: parseEther('0.0005'), send: '0.002' },
  STORAGE_KEY: { atLeast: parseEther('0.05'), send: '0.1' },
} as const

export type Wallets = Partial<Readonly<Record<keyof typeof KEYS, Address>>>

/** Asks for them; the addresses of those that are there. */
export async function askKeys(dialog: Dialog): Promise<Wallets> {
  const wallets: Record<string, Address> = {}
  const keys = Object.keys(KEYS) as (keyof typeof KEYS)[]
  if (dialog.mode === 'ask' && keys.some((key) => dialog.answers.get(key) === undefined))
    dialog.say('Enter makes a new key. Only addresses are ever shown; the keys stand in the settings file alone.')
  for (const key of keys) {
    const isNew = dialog.answers.get(key) === undefined
    await dialog.ask({
      key,
      label: `Key (${KEYS[key]})`,
      help: `The ${KEYS[key]} ${MAY[key]}.`,
      // A check changes nothing, so it makes none.
      ...(dialog.mode !== 'check' && isNew && { fallback: generatePrivateKey(), fallbackShown: 'a new one' }),
      async check(value) {
        const address = privateKeyToAddress(value as Hex)
        const taken = Object.entries(wallets).find(([, other]) => other === address)
        if (taken)
          throw new NectoError(
            'setup.same-key',
            `This is the key of the ${KEYS[taken[0] as keyof typeof KEYS]}; each needs its own.`,
          )
        wallets[key] = address
        return `${KEYS[key]} ${address}`
      },
    })
  }
  return wallets
}

/** Shows what the wallets hold, and waits for money where a person can send it. */
export async function showBalances(options: {
  dialog: Dialog
  wallets: Wallets
  escrow: EscrowChain | undefined
  storage: StorageChain | undefined
}): Promise<void> {
  const { dialog, wallets, escrow, storage } = options
  for (;;) {
    const low: string[] = []
    for (const key of ['AGENT_KEY', 'RELAY_KEY', 'STORAGE_KEY'] as const) {
      const address = wallets[key]
      const chain = key === 'STORAGE_KEY' ? storage : escrow
      if (address === undefined || chain === undefined) continue
      const { atLeast, send } = NEEDS[key]
      const unit = key === 'STORAGE_KEY' ? '0G' : 'ETH'
      const heldWei = await readBalance(chain.client, address)
      const held = heldWei === undefined ? 'not known' : `${etherText(heldWei)} ${unit}`
      if (heldWei !== undefined && heldWei >= atLeast) dialog.good(`${KEYS[key]} holds ${held}`)
      else low.push(`${KEYS[key]} holds ${held}: send ${send} ${unit} on ${chain.name} to ${address}`)
    }
    for (const line of low) dialog.fault(line)
    if (low.length === 0 || dialog.mode !== 'ask') return
    if (storage?.faucetUrl !== undefined)
      dialog.say(`Test money: ${storage.faucetUrl} gives 0G; search "Base Sepolia faucet" for ETH.`)
    if ((await dialog.choose('Enter looks again, "later" goes on without', 'again')) !== 'again') return
  }
}

/** Undefined when the chain does not say. */
export async function readBalance(client: PublicClient, address: Address): Promise<bigint | undefined> {
  try {
    return await client.getBalance({ address })
  } catch {
    return undefined
  }
}
