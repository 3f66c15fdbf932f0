// What a rebuild refuses before it reads anything: endpoints, router and first block that cannot be right.
import { createPublicClient } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { readTransport } from '../../core/escrow/readTransport.ts'
import { anvilAccount, startAnvil } from '../../test/world/chain/anvil.ts'
import { type EscrowChain, startEscrowChain } from '../../test/world/startEscrowChain.ts'
import { requireRouter } from './requireRouter.ts'

const NOBODY = 'http://127.0.0.1:9'
let escrow: EscrowChain
let other: Awaited<ReturnType<typeof startAnvil>>
beforeAll(async () => {
  ;[escrow, other] = await Promise.all([startEscrowChain(), startAnvil({ chainId: 31_338 })])
})
afterAll(() => Promise.all([escrow.stop(), other.stop()]))

const check = (
  given: { rpcUrls?: string[]; router?: `0x${string}`; usdc?: `0x${string}`; fromBlock?: bigint } = {},
) => {
  const { rpcUrls = [escrow.anvil.url], router = escrow.deployed.router, fromBlock = 0n } = given
  const { usdc = escrow.usdc.address } = given
  const chainId = 31_337
  const network = {
    ...{ name: 'Local', chainId, usdc, confirmations: 1, walletRpcUrl: undefined, explorerTxUrl: undefined },
  }
  const client = createPublicClient({ transport: readTransport({ urls: rpcUrls, chainId, clock: systemClock }) })
  const { signal } = new AbortController()
  return requireRouter({ rpcUrls, client, network, router, fromBlock, signal })
}

test('a router that one of the endpoints knows: the head of the chain', async () => {
  expect(await check()).toBeGreaterThan(0n)
  expect(await check({ rpcUrls: [NOBODY, escrow.anvil.url] })).toBeGreaterThan(0n)
})

test.each<[string, () => Parameters<typeof check>[0], string, 'never' | 'later']>([
  ['no endpoint answers', () => ({ rpcUrls: [NOBODY] }), 'No endpoint of ESCROW_RPC_URLS answers', 'later'],
  [
    'one is of another chain',
    () => ({ rpcUrls: [escrow.anvil.url, other.url] }),
    'is chain 31338, not 31337. Mend ESCROW_RPC_URLS',
    'never',
  ],
  ['nothing is there', () => ({ router: anvilAccount(9).address }), 'There is no contract at ROUTER_ADDRESS', 'never'],
  ['it is no router', () => ({ router: escrow.usdc.address }), "does not answer as Necto's escrow does", 'never'],
  ['it pays in other money', () => ({ usdc: anvilAccount(9).address }), 'not the USDC of the settings', 'never'],
  ['it was deployed later', () => ({ fromBlock: 99_999n }), 'Set the block of the deployment', 'never'],
])('%s: refused, and said that nothing happened', async (_, given, text, retry) => {
  const refused = await check(given()).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'rebuild.refused', retry, message: expect.stringContaining(text) })
  expect(refused).toMatchObject({ message: expect.stringContaining('Nothing was written and no money moved.') })
})
