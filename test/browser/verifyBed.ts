// What the verify page's browser tests stand on: a real escrow chain, a 0G node, and jobs that were really paid for.
import { encodeFunctionData, erc20Abi, type Hex } from 'viem'
import { serveWeb } from '../../bots/web/serveWeb.ts'
import { createTestShop } from '../../bots/web/testShop.ts'
import { testWeb } from '../../bots/web/testWeb.ts'
import { systemClock } from '../../core/clock.ts'
import { readConfig } from '../../core/config.ts'
import { depositOf } from '../../core/escrow/metering.ts'
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import { issueTerms } from '../../core/jobs/issueTerms.ts'
import type { Job } from '../../core/jobs/job.ts'
import { quoter } from '../../core/jobs/testJobs.ts'
import { transition } from '../../core/jobs/transitions.ts'
import { getUploaded, queueUpload } from '../../core/jobs/upload.ts'
import { canonicalBytes } from '../../core/record/canonicalJson.ts'
import { verifyDecision } from '../../core/record/verifyDecision.ts'
import { release } from '../../core/supply/reserve.ts'
import { verifySources } from '../../core/verifySources.ts'
import { people, startEscrowChain } from '../world/startEscrowChain.ts'
import { startStorageBed } from '../world/zerog/storageBed.ts'

const CHAIN = 84_532

/** What an operator who cheats does to a job before it is paid for. */
export interface Forgery {
  /** Changes the record, which is sealed and stored anew. */
  readonly record?: (text: string) => string
  /** Changes what the terms are made from. */
  readonly selection?: (selection: NonNullable<Job['selection']>) => NonNullable<Job['selection']>
}

export type VerifyBed = Awaited<ReturnType<typeof startVerifyBed>>

/** Chain, storage and pages; `stop` ends them all. */
export async function startVerifyBed() {
  const [chain, storage] = await Promise.all([
    startEscrowChain({ chainId: CHAIN, deployment: { quoters: [quoter.address] } }),
    startStorageBed(),
  ])
  const { router } = chain.deployed
  const usdc = chain.usdc.address
  await chain.usdc.mint(people.payer.address, 1_000_000_000n)
  const approve = { abi: erc20Abi, functionName: 'approve', args: [router, 1_000_000_000n] } as const
  await chain.send(people.payer, usdc, encodeFunctionData(approve))
  const shop = await createTestShop({ at: { chainId: CHAIN, router, usdc, usdcName: 'USDC' }, clock: systemClock })
  await chain.listProvider(shop.listing.id)
  const zeroG = storage.open()
  const { context } = shop
  const config = readConfig({
    ESCROW_CHAIN_ID: String(CHAIN),
    ESCROW_RPC_URLS: chain.anvil.url,
    ROUTER_ADDRESS: router,
    STORAGE_INDEXER_URL: storage.node.url,
  })
  const web = await serveWeb({
    port: 0,
    app: await testWeb(shop, {
      chain: { name: 'Base Sepolia', chainId: CHAIN, readerRpcUrl: chain.anvil.url },
      gatewayUrl: storage.node.url,
      async verifyJob(ref, signal) {
        const sources = verifySources({ config, clock: systemClock, signal })
        return verifyDecision({ target: { kind: 'ref', ref }, sources })
      },
    }),
  })

  return {
    chain,
    storage,
    shop,
    router,
    url: web.url,
    /** A job that was paid for, its record on 0G; with a forgery, as only Necto itself could have done it. */
    async paidJob({ record, selection }: Forgery = {}): Promise<Job & { jobId: Hex }> {
      const ordered = await shop.ordered()
      const bytes = await bytesOf(ordered)
      const sealed = record
        ? await queueUpload({ ...context, kind: 'record', ref: ordered.ref, bytes: forged(bytes, record), nowMs: 0 })
        : undefined
      await shop.change(ordered.ref, (job) => ({
        ...job,
        ...(sealed && job.record && { record: { ...job.record, ...sealed } }),
        ...(selection && job.selection && { selection: selection(job.selection) }),
      }))
      const issued = await issueTerms({
        context,
        linkToken: ordered.linkToken ?? '',
        refundTo: people.payer.address,
      })
      if (!issued.ok) throw new Error(issued.why)
      await zeroG.put(await bytesOf(issued.job))
      const { terms } = issued
      const call = { verb: 'fund', terms, quoteSignature: issued.job.quoteSignature ?? '0x' } as const
      const { transactionHash: txHash } = await chain.send(people.payer, router, encodeRouterCall(call))
      const funded = { txHash, atMs: 0, payer: people.payer.address, depositMicroUsd: depositOf(terms) }
      const stored = await shop.change(ordered.ref, (job) => transition(job, 'fund', { funded }))
      await release({ listings: context.listings, listingId: shop.listing.id, ref: ordered.ref })
      if (!stored?.value.jobId) throw new Error('not funded')
      return { ...stored.value, jobId: stored.value.jobId }
    },
    bytesOf,
    async stop() {
      await web.stop()
      await storage.stop()
      await chain.stop()
    },
  }

  async function bytesOf({ record }: Job): Promise<Uint8Array> {
    const bytes = record && (await getUploaded({ ...context, root: record.root }))
    if (!bytes) throw new Error('no record')
    return bytes
  }
}

/** The record with a change, canonical again: only a replay can tell. */
function forged(bytes: Uint8Array, change: (text: string) => string): Uint8Array {
  const text = new TextDecoder().decode(bytes)
  const changed = change(text)
  if (changed === text) throw new Error('nothing was forged')
  return canonicalBytes(JSON.parse(changed))
}
