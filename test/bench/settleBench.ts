// Jobs that ended, until the chain has paid for them: each in a transaction of its own, and together as the keeper sends them.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { systemClock as clock } from '../../core/clock.ts'
import { decodeRouterLog, type RouterEvent } from '../../core/escrow/events.ts'
import { encodeRouterCall, routerErrors } from '../../core/escrow/routerCall.ts'
import { encodeApprove } from '../../core/escrow/usdc.ts'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import type { Job, JobState } from '../../core/jobs/job.ts'
import { quoter, runner } from '../../core/jobs/testJobs.ts'
import { transition } from '../../core/jobs/transitions.ts'
import { silentLog as log } from '../../core/log.ts'
import { runTogether } from '../../core/runTogether.ts'
import { openLowdbStore } from '../../core/store/lowdb.ts'
import type { Store } from '../../core/store/store.ts'
import { workOn } from '../../core/store/workOn.ts'
import { chainCursors } from '../../keeper/tasks/chainCursor.ts'
import { followChain } from '../../keeper/tasks/followChain.ts'
import type { KeeperContext } from '../../keeper/tasks/keeper.ts'
import { completeId } from '../../keeper/tasks/sendSettlements.ts'
import { settleJob } from '../../keeper/tasks/settleJobs.ts'
import { createTestKeeper } from '../../keeper/tasks/testKeeper.ts'
import { createEndpoints, rpcTransport } from '../../keeper/tx/endpoints.ts'
import { createSender } from '../../keeper/tx/sender.ts'
import { type EscrowChain, people, startEscrowChain } from '../world/startEscrowChain.ts'
import type { Bench, Row } from './bench.ts'
import { summarize } from './measure.ts'

const JOBS = 100
const RUNS = 3
const RAN_SECONDS = 30

export const settleBench: Bench = {
  name: 'settle',
  about: `${JOBS} ended jobs to their payouts on a local chain, one by one and in batches`,
  async run() {
    const alone = await settleAll('alone')
    const together = await settleAll('together')
    const ratio = summarize(together.perSecond).median / summarize(alone.perSecond).median
    return [
      row('jobs settled per second, a transaction each', '/s', alone.perSecond),
      {
        ...row('jobs settled per second, together', '/s', together.perSecond),
        ratio: { value: ratio, to: 'a transaction each' },
      },
      row('gas per job, a transaction each', 'gas', alone.gasPerJob),
      row('gas per job, together', 'gas', together.gasPerJob),
    ]
  },
}

const row = (what: string, unit: Row['unit'], values: readonly number[]): Row => ({ what, unit, ...summarize(values) })

async function settleAll(how: 'alone' | 'together') {
  const folder = await mkdtemp(path.join(tmpdir(), 'necto-bench-'))
  const chain = await startEscrowChain({ chainId: 84_532, deployment: { quoters: [quoter.address] } })
  const store = await openLowdbStore({ directory: folder })
  const perSecond: number[] = []
  const gasPerJob: number[] = []
  try {
    const bench = await openShop(chain, store)
    for (let run = 0; run < RUNS; run++) {
      const measured = await bench.settles(how)
      perSecond.push(JOBS / measured.seconds)
      gasPerJob.push(measured.gas / JOBS)
    }
    await bench.close()
  } finally {
    await store.close()
    await chain.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return { perSecond, gasPerJob }
}

/** The product's own follower, sender and task over a real store and a real chain. */
async function openShop(chain: EscrowChain, store: Store) {
  const { router } = chain.deployed
  const at = { chainId: 84_532, router, usdc: chain.usdc.address, usdcName: 'USDC' }
  const { keeper: testKeeper, shop } = await createTestKeeper({ at, clock, store, gpuCount: JOBS * RUNS })
  const { context } = shop
  await chain.listProvider(shop.listing.id)
  await chain.usdc.mint(people.payer.address, 1_000_000_000_000n)
  await chain.send(people.payer, at.usdc, encodeApprove({ spender: router, amountMicroUsd: 1_000_000_000_000n }))
  const loops = { clock, log, pollMs: 100 }
  const docs = testKeeper.intents
  const cursors = store.collection(chainCursors)
  const transports = [rpcTransport({ url: chain.anvil.url })]
  const agent = createSender({
    ...loops,
    intents: docs,
    transports,
    account: people.agent,
    chainId: at.chainId,
    confirmations: 1,
    feeCapWei: 100_000_000_000n,
    errorAbi: routerErrors,
  })
  const keeper: KeeperContext = {
    ...testKeeper,
    agent,
    router,
    chainNowSeconds: async () => Number(await chain.nowSeconds()),
    chainReadBlock: async () => (await cursors.get('bench'))?.value.nextBlock ?? 0n,
  }
  const follower = followChain<RouterEvent>({
    ...loops,
    name: 'bench',
    endpoints: createEndpoints({ transports, chainId: at.chainId }),
    addresses: [router],
    decode: decodeRouterLog,
    cursors,
    startBlock: await chain.client.getBlockNumber(),
    confirmations: 1,
    async onEvent(event, isFinal) {
      if (isFinal) await applyRouterEvent(context, event)
    },
  })
  const stop = new AbortController()
  const following = follower.run(stop.signal)

  const until = async (jobs: readonly Job[], state: JobState) => {
    while ((await Promise.all(jobs.map(({ ref }) => shop.jobOf(ref)))).some((job) => job.state !== state))
      await clock.sleep(20)
  }

  /** Jobs that ran half a minute and wait to be settled; nothing was sent for them. */
  async function ended(): Promise<(Job & { jobId: `0x${string}` })[]> {
    const jobs = []
    for (let i = 0; i < JOBS; i++) {
      const job = await shop.signed()
      const quoteSignature = job.quoteSignature ?? '0x'
      await chain.send(people.payer, router, encodeRouterCall({ verb: 'fund', terms: job.terms, quoteSignature }))
      await chain.send(people.agent, router, encodeRouterCall({ verb: 'start', id: job.jobId }))
      jobs.push(job)
    }
    await until(jobs, 'active')
    await chain.passSeconds(RAN_SECONDS)
    const endedAtMs = clock.now()
    const acceptedAtMs = endedAtMs - RAN_SECONDS * 1000
    const run = {
      runner: runner.address,
      acceptedAtMs,
      lastSeenAtMs: endedAtMs,
      endedAtMs,
      logChunks: 0,
      logBytes: 0,
      stopRequested: false,
    }
    for (const { ref } of jobs) await shop.change(ref, (now) => transition(now, 'finish', { run }))
    // Evidence and seconds, which both ways need alike, are not what is measured.
    for (const { ref } of jobs) {
      const doc = await context.jobs.get(ref)
      if (doc) await settleJob(keeper, doc, stop.signal)
    }
    return jobs
  }

  async function settles(how: 'alone' | 'together') {
    const jobs = await ended()
    const startedAt = performance.now()
    if (how === 'alone') {
      for (const { ref, jobId } of jobs) {
        const { usedSeconds = 0, evidence } = await shop.jobOf(ref)
        const evidenceRoot = evidence?.root ?? jobId
        const data = encodeRouterCall({ verb: 'complete', id: jobId, usedSeconds, evidenceRoot })
        await agent.submit({ id: completeId(jobId), to: router, data })
      }
    }
    const done = new AbortController()
    const working = runTogether(done.signal, [
      (signal) => agent.run(signal),
      (signal) =>
        workOn({
          ...loops,
          name: 'settleJobs',
          collection: context.jobs,
          wants: (job) => job.state === 'settling',
          work: (doc, ending) => settleJob(keeper, doc, ending),
          signal,
        }),
    ])
    await until(jobs, 'settled')
    const seconds = (performance.now() - startedAt) / 1000
    done.abort()
    await working
    const own = new Set<string>(jobs.map(({ jobId }) => jobId))
    const paid = (await docs.list()).filter(
      ({ id, value }) => own.has(id.split(':')[0] ?? '') || value.covers?.some((jobId) => own.has(jobId)),
    )
    return { seconds, gas: paid.reduce((sum, { value }) => sum + Number(value.mined?.gasUsed ?? 0n), 0) }
  }

  return {
    settles,
    async close() {
      stop.abort()
      await following
    },
  }
}
