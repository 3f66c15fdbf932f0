// What Necto is, in one screen.
import type { Address } from 'viem'
import type { Platform } from '../chat/inbound.ts'
import type { Span, View } from '../chat/view.ts'

const PLATFORMS: Readonly<Record<Platform, string>> = { telegram: 'Telegram', discord: 'Discord', terminal: 'Terminal' }
const TX_PATH = '/tx/{hash}'

export function aboutView(options: {
  botNames: readonly { readonly platform: Platform; readonly username: string }[]
  router: Address
  chainName: string
  chainId: number
  explorerTxUrl: string | undefined
  publicUrl: string
  version: string
}): View {
  const { botNames, router, chainName, chainId, explorerTxUrl, publicUrl, version } = options
  const contract: Span = explorerTxUrl?.endsWith(TX_PATH)
    ? { text: router, href: `${explorerTxUrl.slice(0, -TX_PATH.length)}/address/${router}` }
    : { text: router, style: 'code' }
  return {
    blocks: [
      { kind: 'heading', text: `Necto ${version}` },
      {
        kind: 'text',
        spans: [
          'Necto finds the cheapest GPU that fits your job across every provider, holds the price in escrow, pays by the second of use, and can prove why it chose what it chose.',
        ],
      },
      {
        kind: 'facts',
        rows: [
          ...botNames.map(({ platform, username }) => ({
            label: `Our bot on ${PLATFORMS[platform]}`,
            value: [platform === 'telegram' ? `@${username}` : username],
          })),
          { label: 'Our pages', value: [publicUrl] },
          { label: 'Escrow contract', value: [contract] },
          { label: 'Chain', value: [`${chainName} (${chainId}), paid in USDC`] },
        ],
      },
      {
        kind: 'list',
        items: [
          ['Your deposit is in the contract, never with us: it pays the seller by the second, and the rest goes back.'],
          ['Every decision is sealed before it is paid and stored on 0G; anybody can recompute it: /verify.'],
          ['We never hold your keys, never ask for a key or a recovery phrase, and never write to you first.'],
          ['Whoever does is not us, whatever name and picture they show. On Discord look for the APP sign.'],
        ],
      },
      {
        kind: 'note',
        text: 'Names can be copied. Open a payment only from your job’s own message, and only on our pages.',
      },
    ],
  }
}
