// Restarts, end to end: killed or stopped at any point of a job, Necto goes on in the same message and pays exactly once.
import type { PrivateKeyAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RouterEventOf } from '../../core/escrow/events.ts'
import { depositOf, splitOf } from '../../core/escrow/metering.ts'
import { type JobState, jobState } from '../../core/jobs/job.ts'
import { noise } from '../world/providers/priceWalk.ts'
import { accounts } from '../world/startWorld.ts'
import { type Buyer, createBuyer } from './buyer.ts'
import { openStage, type Stage, until } from './stage.ts'

/** A job that prints a line each second. */
const askFor = (seconds: number, mode = 'tracked') =>
  `h100 x1 4h max 3 ${mode} run sh -c "for line in $(seq ${seconds}); do echo line $line; sleep 1; done"`
/** The states in the order in which a job passes them. */
const ASIDE: readonly JobState[] = ['refused', 'cancelling', 'refunded', 'lapsed', 'cancelled']
const WAY = jobState.options.filter((state) => !ASIDE.includes(state))

let stage: Stage
let wallet: PrivateKeyAccount
let people = 9000
const newBuyer = (firstName: string) => createBuyer(stage, { id: people++, firstName })
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const transactionsOf = ({ address }: { address: `0x${string}` }) =>
  stage.world.escrow.client.getTransactionCount({ address })

/** Until the job's document on disk has come this far; answers how far it is. */
const reached = (ref: string, state: JobState) =>
  until(`${ref} to be ${state}`, async () => {
    const now = (await stage.jobOf(ref))?.state
    return now !== undefined && WAY.indexOf(now) >= WAY.indexOf(state) && now
  })

/** One payment, one start, one payout, as the terms and the seconds say, told in one message. */
async function expectExact(buyer: Buyer, ref: string, seconds: number): Promise<void> {
  const ended = await buyer.shows(ref, 'Charged')
  const events = await stage.eventsOf(ref)
  expect(events.map((event) => event.name)).toEqual(['JobFunded', 'JobStarted', 'JobSettled'])
  const [funded, , settled] = events as [RouterEventOf<'JobFunded'>, unknown, RouterEventOf<'JobSettled'>]
  const split = splitOf(funded.terms, settled.usedSeconds)
  expect(funded.depositMicroUsd).toBe(depositOf(funded.terms))
  expect(settled).toMatchObject({
    toProviderMicroUsd: split.toProviderMicroUsd,
    feeMicroUsd: split.feeMicroUsd,
    refundedMicroUsd: split.refundMicroUsd,
  })
  expect(ended.text).toContain(`Used: ${settled.usedSeconds} s`)
  // The whole of it ran, whoever was away meanwhile.
  expect(settled.usedSeconds).toBeGreaterThanOrEqual(seconds)
  expect(settled.usedSeconds).toBeLessThan(60)
  const own = stage.world.telegram.transcript(buyer.chat).filter((entry) => entry.text.startsWith(`Job ${ref}`))
  expect(new Set(own.map((entry) => entry.messageId)).size).toBe(1)
  await buyer.see((entry) => entry.text.startsWith(`${ref} has ended`))
}

/** Pays a link for as long as the pages are away now and then, as a payer who reloads would. */
async function payPatiently(buyer: Buyer, url: string): Promise<void> {
  await until('the payment to be taken', async () => {
    const payment = await buyer.pay(url, wallet, { waitMs: 0 }).catch(() => undefined)
    return payment?.outcome === 'still-paying' || payment?.code === 'already-paid'
  })
}

beforeAll(async () => {
  stage = await openStage({ seed: 'restart' })
  await stage.startNecto()
  const [made] = await Promise.all([stage.wallet(200n), stage.openShop()])
  wallet = made
})
afterAll(() => stage.close())

test('killed in every state of a job: the same message goes on, one payment, one payout, the whole log', async () => {
  const buyer = newBuyer('Kit')
  const { telegram } = stage.world
  const before = { agent: await transactionsOf(accounts.agent), relay: await transactionsOf(accounts.relay) }
  const killedIn = new Set<JobState | undefined>()
  let ref = ''
  const killAt = async (state: JobState) => {
    await reached(ref, state)
    await stage.killNecto()
    killedIn.add((await stage.jobOf(ref))?.state)
    await stage.startNecto()
  }

  telegram.command(buyer.user, buyer.chat, `job ${askFor(6)}`)
  const opened = await buyer.see((entry) => entry.text.startsWith('Job '))
  ref = opened.text.slice('Job '.length, 'Job 0000-0000'.length)
  // Telegram takes a message twice if asked twice: only one that Necto had the time to note down is surely the only one.
  await until('the message to be noted', async () => (await stage.sessionOf(ref))?.message)
  await killAt('scanning')
  await buyer.shows(ref, 'Recommended: Berlin Rack')
  await killAt('offered')
  const ordering = buyer.order(ref)
  await killAt('ordered')
  const url = await ordering
  const paying = buyer
    .pay(url, wallet, {
      waitMs: 0,
      // The terms are issued; the payer takes a while to sign.
      async send(to, init) {
        if (to.endsWith('/authorization')) await killAt('signed')
        return fetch(to, init)
      },
    })
    // What was taken may go unanswered: the next kill comes in between.
    .catch(() => undefined)
  await reached(ref, 'paying')
  for (const state of ['paying', 'funded', 'starting', 'active', 'running', 'finishing', 'settling'] as const)
    await killAt(state)
  await paying

  await expectExact(buyer, ref, 6)
  for (const state of ['offered', 'ordered', 'signed', 'paying', 'funded', 'running'] as const)
    expect([...killedIn]).toContain(state)
  // No transaction was sent twice: one fund by the relay; one start and one completion by the agent.
  expect((await transactionsOf(accounts.agent)) - before.agent).toBe(2)
  expect((await transactionsOf(accounts.relay)) - before.relay).toBe(1)

  const log = await buyer.tell(`logs ${ref}`)
  for (let line = 1; line <= 6; line++) expect(log.text.split(`line ${line}\n`)).toHaveLength(2)
})

test('stopped by SIGTERM in the middle of everything: it ends by itself with 0, and nothing is lost', async () => {
  const buyer = newBuyer('Ste')
  const { ref } = await buyer.ask(askFor(3))
  const stopAt = async (state: JobState) => {
    await reached(ref, state)
    expect(await stage.stopNecto()).toBe(0)
    await stage.startNecto()
  }
  await stopAt('offered')
  const url = await buyer.order(ref)
  await stopAt('ordered')
  const paying = payPatiently(buyer, url)
  for (const state of ['paying', 'starting', 'running', 'settling'] as const) await stopAt(state)
  await paying
  await expectExact(buyer, ref, 3)
})

test('killed again and again at random while four jobs are paid and run: each is paid and charged exactly once', async () => {
  const before = { agent: await transactionsOf(accounts.agent), relay: await transactionsOf(accounts.relay) }
  const jobs = await Promise.all(
    ['Ann', 'Ben', 'Cleo', 'Dan'].map(async (name, index) => {
      const buyer = newBuyer(name)
      // Two of them leave no trace of who asked, which changes what a restart finds.
      const { ref } = await buyer.ask(askFor(2, index % 2 === 0 ? 'tracked' : 'untracked'))
      return { buyer, ref, url: await buyer.order(ref) }
    }),
  )
  const paying = jobs.map(({ buyer, url }) => payPatiently(buyer, url))
  for (let kill = 0; kill < 8; kill++) {
    // Every third time it is killed while it still starts.
    await pause(200 + 1_800 * noise('restart', 'kill', kill))
    await stage.killNecto()
    if (kill % 3 === 0) stage.launchNecto()
    else await stage.startNecto()
  }
  await stage.killNecto()
  await stage.startNecto()
  await Promise.all(paying)
  for (const { buyer, ref } of jobs) await expectExact(buyer, ref, 2)
  expect((await transactionsOf(accounts.agent)) - before.agent).toBe(2 * jobs.length)
  expect((await transactionsOf(accounts.relay)) - before.relay).toBe(jobs.length)
})

test('the books are even to the micro-dollar, and the bot token is in no output and no file', async () => {
  const events = await stage.events()
  const settled = events.filter((event) => event.name === 'JobSettled')
  expect(settled).toHaveLength(6)
  expect(events.filter((event) => event.name === 'JobFunded')).toHaveLength(6)
  const { provider, fees, escrow } = await stage.story.balances()
  expect(provider).toBe(settled.reduce((sum, event) => sum + event.toProviderMicroUsd, 0n))
  expect(fees).toBe(settled.reduce((sum, event) => sum + event.feeMicroUsd, 0n))
  expect(escrow).toBe(0n)
  expect(await stage.holds(wallet)).toBe(200_000_000n - provider - fees)
  const secret = stage.world.telegram.token.split(':')[1] ?? stage.world.telegram.token
  expect(stage.printed().includes(secret)).toBe(false)
  expect((await stage.stored()).includes(secret)).toBe(false)
})

test('what no waiting heals ends the process, so that whoever watches over it hears of it', async () => {
  expect(await stage.stopNecto()).toBe(0)
  const refused = stage.launchNecto({ TELEGRAM_BOT_TOKEN: `12345678:${'A'.repeat(35)}` })
  expect(await refused.ended).toBe(1)
  expect(refused.output()).toContain('Telegram does not know this bot token.')
  const rewound = stage.launchNecto({})
  await rewound.printed(' ready on ', 120_000)
  const { client } = stage.world.escrow
  // The chain went on while nobody read it; what is taken back must have been read as final.
  const head = await client.getBlockNumber({ cacheTime: 0 })
  await until('the chain to be read', async () => {
    const next = /"nextBlock":\s*"(\d+)"/.exec(await stage.stored('chain-cursors'))?.[1]
    return next !== undefined && BigInt(next) >= head
  })
  await client.request({ method: 'anvil_reorg', params: [8, []] } as never)
  expect(await rewound.ended).toBe(1)
  expect(rewound.output()).toMatch(/The chain took back a block that was final.*necto rebuild/)
})
