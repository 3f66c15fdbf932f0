// The backstop's own key and endpoints: made here, used by `necto backstop` on another machine, needed by no start.
import { type Hex, parseEther } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { NectoError } from '../core/errors.ts'
import { etherText } from '../core/etherText.ts'
import { hostOf, requireChain } from '../core/requireChain.ts'
import type { Dialog } from './dialog.ts'
import type { EscrowChain } from './escrow.ts'
import { readBalance, type Wallets } from './keys.ts'

// Above some twenty refunds on Base.
const AT_LEAST_WEI = parseEther('0.001')
const SEND = '0.002'
const WITHOUT = 'no backstop, so an overdue deposit waits for whoever reclaims it'

/** Asks for both, and says what its wallet lacks; nothing waits for that. */
export async function askBackstop(options: {
  dialog: Dialog
  wallets: Wallets
  escrow: EscrowChain | undefined
}): Promise<void> {
  const { dialog, wallets, escrow } = options
  const isNew = dialog.answers.get('BACKSTOP_KEY') === undefined
  const key = await dialog.ask({
    key: 'BACKSTOP_KEY',
    label: 'Key (backstop)',
    help: 'The backstop gives overdue deposits back when necto start is gone. It runs on another machine, with a key that is for nothing else.',
    // Only a person decides that there shall be one.
    ...(dialog.mode === 'ask' && isNew && { fallback: generatePrivateKey(), fallbackShown: 'a new one' }),
    without: WITHOUT,
    async check(value) {
      const address = privateKeyToAddress(value as Hex)
      if (Object.values(wallets).includes(address))
        throw new NectoError('setup.same-key', 'This is another key of Necto; the backstop needs its own.')
      return `backstop ${address}`
    },
  })
  if (key === undefined || escrow === undefined) return
  const { chainId, client, name } = escrow
  await dialog.ask({
    key: 'BACKSTOP_RPC_URLS',
    label: `Backstop's own endpoints of ${name}`,
    help: 'Best of another company, so that what stops one does not stop both. What you paste is not shown.',
    without: 'those of the escrow chain',
    async check(value, signal) {
      const all = value.split(',').map((url) => url.trim())
      for (const url of all) await requireChain({ url, chainId, signal })
      return `${all.map(hostOf).join(', ')}: chain ${chainId}`
    },
  })
  const address = privateKeyToAddress(key as Hex)
  const heldWei = await readBalance(client, address)
  const held = heldWei === undefined ? 'not known' : `${etherText(heldWei)} ETH`
  if (heldWei !== undefined && heldWei >= AT_LEAST_WEI) dialog.good(`backstop holds ${held}`)
  else dialog.note(`backstop holds ${held}: send ${SEND} ETH on ${name} to ${address}`)
}
