// First question: test network, main network, or chains by their ids.
import { NectoError } from '../core/errors.ts'
import { knownEscrowChain, knownStorageChain } from '../core/networks.ts'
import type { Dialog } from './dialog.ts'

const NETWORKS = {
  testnet: { escrow: '84532', storage: '16602', about: 'Base Sepolia and 0G Galileo: test money only' },
  mainnet: { escrow: '8453', storage: '16661', about: 'Base and 0G mainnet: real money' },
} as const
const WORDS = ['testnet', 'mainnet', 'custom']

// Belongs to one chain and is wrong on any other.
const OF_ESCROW = [
  'ESCROW_RPC_URLS',
  'BACKSTOP_RPC_URLS',
  'BACKSTOP_AUTOMATE_ADDRESS',
  'USDC_ADDRESS',
  'ROUTER_ADDRESS',
  'REGISTRY_ADDRESS',
  'ROUTER_FROM_BLOCK',
  'DEPLOY_USDC_FEED',
  'DEPLOY_PRICE_GUARD',
]
const OF_STORAGE = [
  'STORAGE_RPC_URL',
  'STORAGE_INDEXER_URL',
  'STORAGE_FLOW_ADDRESS',
  'STORAGE_KV_URL',
  'STORAGE_KV_STREAM',
]

/** Asks for it; settings that belong to another chain are forgotten when it changes. */
export async function askNetwork(dialog: Dialog): Promise<void> {
  const { mode, answers } = dialog
  const before = { escrow: answers.get('ESCROW_CHAIN_ID'), storage: answers.get('STORAGE_CHAIN_ID') }
  if (mode === 'ask') {
    for (const [name, { about }] of Object.entries(NETWORKS)) dialog.say(`${name.padEnd(8)} ${about}`)
    dialog.say('custom   chains by their ids')
  }
  const word = await chooseWord(dialog, wordOf(before))
  if (word === 'custom') {
    await askChain(dialog, { key: 'ESCROW_CHAIN_ID', label: 'Chain id of the escrow', nameOf: knownEscrowChain })
    await askChain(dialog, { key: 'STORAGE_CHAIN_ID', label: 'Chain id of 0G', nameOf: knownStorageChain })
  } else {
    const { escrow, storage } = NETWORKS[word]
    if (mode !== 'check') await answers.keep({ ESCROW_CHAIN_ID: escrow, STORAGE_CHAIN_ID: storage })
    dialog.good(`${knownEscrowChain(Number(escrow))?.name} and ${knownStorageChain(Number(storage))?.name}`)
  }
  if (mode === 'check') return
  await forgetIfMoved({ dialog, keys: OF_ESCROW, isMoved: moved(before.escrow, answers.get('ESCROW_CHAIN_ID')) })
  await forgetIfMoved({ dialog, keys: OF_STORAGE, isMoved: moved(before.storage, answers.get('STORAGE_CHAIN_ID')) })
}

const moved = (before: string | undefined, now: string | undefined) => before !== undefined && before !== now

function wordOf(before: { escrow: string | undefined; storage: string | undefined }): string {
  if (before.escrow === undefined && before.storage === undefined) return 'testnet'
  const same = Object.entries(NETWORKS).find(
    ([, { escrow, storage }]) => (before.escrow ?? '84532') === escrow && (before.storage ?? '16602') === storage,
  )
  return same?.[0] ?? 'custom'
}

async function chooseWord(dialog: Dialog, fallback: string): Promise<'testnet' | 'mainnet' | 'custom'> {
  for (;;) {
    const word = await dialog.choose('Network', fallback)
    if (WORDS.includes(word)) return word as 'testnet' | 'mainnet' | 'custom'
    dialog.say(`✗ "${word}" is none of ${WORDS.join(', ')}.`)
  }
}

async function askChain(
  dialog: Dialog,
  question: { key: string; label: string; nameOf: (chainId: number) => { name: string } | undefined },
): Promise<void> {
  const { key, label, nameOf } = question
  await dialog.ask({
    key,
    label,
    async check(value) {
      const known = nameOf(Number(value))
      if (!known) throw new NectoError('setup.chain', `Chain ${value} is not in data/networks.json: describe it there.`)
      return `${known.name} (${value})`
    },
  })
}

async function forgetIfMoved(options: { dialog: Dialog; keys: readonly string[]; isMoved: boolean }): Promise<void> {
  const { dialog, keys, isMoved } = options
  const stale = keys.filter((key) => dialog.answers.get(key) !== undefined)
  if (!isMoved || stale.length === 0) return
  await dialog.answers.keep(Object.fromEntries(stale.map((key) => [key, undefined])))
  dialog.note(`Forgotten, since they belong to the other chain: ${stale.join(', ')}`)
}
