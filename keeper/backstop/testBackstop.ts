// For tests of the backstop's drivers: a chain with the router on it, deposits that become due, and a log that is kept.
import type { Hex, LocalAccount } from 'viem'
import { readJob } from '../../core/escrow/jobRecord.ts'
import { signQuote } from '../../core/escrow/quoteSignature.ts'
import { encodeRouterCall, type RouterCall } from '../../core/escrow/routerCall.ts'
import { hashTerms } from '../../core/escrow/terms.ts'
import { encodeApprove, readUsdcBalance } from '../../core/escrow/usdc.ts'
import type { Log } from '../../core/log.ts'
import { people, startEscrowChain } from '../../test/world/startEscrowChain.ts'
import { bytes32, sampleTerms } from '../../test/world/terms.ts'

export type BackstopBed = Awaited<ReturnType<typeof openBackstopBed>>

/** The chain with a listed provider, and a payer who may pay. */
export async function openBackstopBed() {
  const chain = await startEscrowChain()
  const { chainId, router } = chain.deployed
  const place = { chainId, router }
  let salt = 500n
  await chain.listProvider('necto:test')
  await chain.usdc.mint(people.payer.address, 1_000_000_000n)
  const approve = encodeApprove({ spender: router, amountMicroUsd: 1_000_000_000n })
  await chain.send(people.payer, chain.usdc.address, approve)
  const send = (from: LocalAccount, call: RouterCall) => chain.send(from, router, encodeRouterCall(call))
  return {
    chain,
    place,
    send,
    statusOf: async (id: Hex) => (await readJob({ client: chain.client, router, id }))?.status,
    /** Micro-USDC of the payer. */
    held: () => readUsdcBalance({ client: chain.client, usdc: chain.usdc.address, account: people.payer.address }),
    /** One more job; its deposit of two dollars may be reclaimed 2,700 seconds later. */
    async fund(): Promise<Hex> {
      salt += 1n
      const terms = sampleTerms({ nowSeconds: await chain.nowSeconds(), salt: bytes32(salt) })
      const quoteSignature = await signQuote({ terms, ...place, quoter: people.quoter })
      await send(people.payer, { verb: 'fund', terms, quoteSignature })
      return hashTerms({ terms, ...place })
    },
  }
}

/** A log whose lines are kept. */
export function createNotes() {
  const lines: { level: string; msg: string }[] = []
  const note = (level: string) => (fields: { msg: string }) => void lines.push({ level, ...fields })
  const log: Log = { info: note('info'), warn: note('warn'), error: note('error'), child: () => log }
  return { lines, log }
}
