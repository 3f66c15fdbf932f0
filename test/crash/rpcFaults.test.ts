// Whole jobs on a real chain behind an endpoint that lies about every transaction it is sent: paid once, settled once, to the end.
import type { Hex } from 'viem'
import { describe, expect, test } from 'vitest'
import { createRunnerDesk } from '../../core/jobs/createRunnerDesk.ts'
import type { Job } from '../../core/jobs/job.ts'
import { otherPayer, runner } from '../../core/jobs/testJobs.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { intents } from '../../keeper/tx/intent.ts'
import { noise } from '../world/providers/priceWalk.ts'
import { isLongCampaign } from './campaign.ts'
import { type ChainBed, openChainBed, until } from './chainBed.ts'
import { type ChainKeeper, openChainKeeper } from './chainKeeper.ts'
import { runJobs } from './chainRunner.ts'
import { FAULTS, type Fault, startFaultyRpc } from './faultyRpc.ts'

// The same bytes meet it so often before they get through.
const TIMES = 2
const RPC_TIMEOUT_MS = 1_000
const CHECKPOINT_SECONDS = 3_700
const RANDOM_JOBS = 60
// What is read may be missing, not wrong.
const READ_FAULTS = ['refuses', 'takes it and answers 502', 'takes it and never answers'] as const

type Opened = Awaited<ReturnType<typeof openBehind>>

/** A keeper behind the endpoint, at work until the test is over. */
async function openBehind(decide: Parameters<typeof startFaultyRpc>[0]['decide']) {
  const bed = await openChainBed()
  const rpc = await startFaultyRpc({ targetUrl: bed.chain.anvil.url, decide })
  const store = createMemoryStore()
  const keeper = await openChainKeeper({ ...bed, store, urls: [rpc.url], rpcTimeoutMs: RPC_TIMEOUT_MS })
  await bed.opens(keeper)
  const ending = new AbortController()
  const held = new Set<Hex>()
  const working = [
    keeper.run(ending.signal),
    runJobs(keeper, { hold: (jobId) => held.has(jobId), signal: ending.signal }),
  ]
  const close = async () => {
    ending.abort()
    await Promise.all(working)
    await rpc.stop()
    await bed.close()
  }
  return { bed, rpc, store, keeper, held, close }
}

/** One paid by signature, one paid twice by its payer, one that runs long enough for a checkpoint on the way. */
async function playsThree({ bed, keeper, held }: { bed: ChainBed; keeper: ChainKeeper; held: Set<Hex> }) {
  const { shop } = keeper
  const [plain, twice, long] = [await shop.signed(), await shop.signed(), await shop.signed()]
  held.add(long.jobId)
  const newer = await shop.signs(twice, otherPayer.address)
  await Promise.all([shop.pays(plain), shop.pays(long)])
  await bed.fundsAlone(twice)
  await bed.fundsAlone(newer)
  const reach = (ref: string, state: Job['state']) =>
    until(`${ref} to be ${state}`, async () => (await shop.jobOf(ref)).state === state)
  await reach(plain.ref, 'settled')
  await reach(twice.ref, 'settled')
  await reach(long.ref, 'running')
  const sent = (effect: string) => async () =>
    (await keeper.keeper.intents.list({ index: 'state', key: 'final' })).some(({ id }) => id.includes(effect))
  await until('the second deposit to be back', sent(':cancel'))
  await bed.passSeconds(CHECKPOINT_SECONDS)
  await createRunnerDesk(shop.context).heartbeat(runner.address, long.jobId)
  await until('the checkpoint', sent(':checkpoint'))
  held.clear()
  await reach(long.ref, 'settled')
}

async function expectEnds(opened: Opened): Promise<void> {
  const books = await opened.bed.books()
  expect(books).toMatchObject({ deposits: 4, settled: 3, refunded: 1, started: 3, checkpoints: 1 })
  await expectNoneInVain(opened)
}

/** Every unit is where it belongs; no transaction was refused, and each effect has one. */
async function expectNoneInVain({ bed, store }: Opened): Promise<void> {
  const list = async () => (await store.collection(intents).list()).map(({ value }) => value)
  await until('the last answer', async () =>
    (await list()).every(({ state }) => state === 'final' || state === 'failed'),
  )
  const docs = await list()
  expect(docs.map(({ state }) => state)).toEqual(docs.map(() => 'final'))
  expect(await bed.books()).toMatchObject({ doubles: 0, open: 0, isEven: true, transactions: docs.length })
}

describe('an endpoint that, for the transactions it is sent,', () => {
  test.concurrent.each(FAULTS)('%s: fund, start, checkpoint, complete, cancel', async (fault) => {
    const opened = await openBehind(({ before }) => (before !== undefined && before < TIMES ? fault : undefined))
    try {
      await playsThree(opened)
      await expectEnds(opened)
      const verbs = [...opened.rpc.hits.keys()].map((key) => key.split(' ')[0])
      for (const verb of ['fundWithAuthorization', 'start', 'checkpoint', 'cancel']) expect(verbs).toContain(verb)
      expect(verbs.some((verb) => verb?.startsWith('complete'))).toBe(true)
      const count = [...opened.rpc.hits.values()].reduce((sum, one) => sum + one, 0)
      console.info(`it ${fault}: ${count} times in 3 jobs with 4 deposits: 0 double payments, 0 lost jobs`)
    } finally {
      await opened.close()
    }
  })

  test.concurrent('answers an old nonce every other time', async () => {
    let [asked, lies] = [0, 0]
    const opened = await openBehind(({ method }) => {
      if (method !== 'eth_getTransactionCount' || noise('nonce', ++asked) >= 0.5) return undefined
      lies += 1
      return 'answers an old nonce'
    })
    try {
      await playsThree(opened)
      await expectEnds(opened)
      expect(lies).toBeGreaterThan(0)
      console.info(`it answers an old nonce: ${lies} times in 3 jobs with 4 deposits: 0 double payments, 0 lost jobs`)
    } finally {
      await opened.close()
    }
  })

  // Most of its minute is spent waiting for the next try.
  const playsAny = async () => {
    let [calls, faults] = [0, 0]
    const opened = await openBehind(({ method }) => {
      if (noise('call', ++calls) >= 0.3) return undefined
      faults += 1
      const kinds: readonly Fault[] = method === 'eth_sendRawTransaction' ? FAULTS : READ_FAULTS
      return kinds[Math.floor(noise('kind', calls) * kinds.length)]
    })
    const { bed, keeper } = opened
    try {
      for (let i = 0; i < RANDOM_JOBS; i++) await keeper.shop.pays(await keeper.shop.signed())
      await until('all jobs to end', () => bed.ended(keeper))
      expect(await bed.books()).toMatchObject({ deposits: RANDOM_JOBS, settled: RANDOM_JOBS, refunded: 0 })
      await expectNoneInVain(opened)
      console.info(`${faults} faults in ${calls} calls of ${RANDOM_JOBS} jobs: 0 double payments, 0 lost jobs`)
    } finally {
      await opened.close()
    }
  }
  if (isLongCampaign) test('does any of this to three calls in ten', playsAny)
})
