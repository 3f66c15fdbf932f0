// Outages, end to end: whatever is away for a while is said so in the chat, holds up no payment, and loses nothing.
import type { PrivateKeyAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { splitOf } from '../../core/escrow/metering.ts'
import { startTcpLink, type TcpLink } from '../world/tcpLink.ts'
import { buttonsOf, createBuyer } from './buyer.ts'
import { openStage, type Stage, until } from './stage.ts'

const HEARTBEAT_TIMEOUT_SECONDS = 4
const SCAN_DEADLINE_MS = 2_500
const RUNNABLE = 'h100 x1 4h max 3 run sh -c "echo begun; sleep 2; echo done"'

let stage: Stage
/** What Necto reaches the escrow chain by. */
let link: TcpLink
let wallet: PrivateKeyAccount
let people = 8000
const newBuyer = (firstName: string) => createBuyer(stage, { id: people++, firstName })
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const names = async (ref: string) => (await stage.eventsOf(ref)).map((event) => event.name)

beforeAll(async () => {
  stage = await openStage({ seed: 'outages' })
  link = await startTcpLink(stage.world.escrow.anvil.url)
})
afterAll(async () => {
  await stage.close()
  await link.cut()
})

test('started while the chain and Telegram are away, Necto waits for both', async () => {
  const { telegram } = stage.world
  await link.cut()
  telegram.failNext({ method: 'getMe', fault: { kind: 'status', code: 502 } })
  telegram.failNext({ method: 'getMe', fault: { kind: 'drop', when: 'before' } })
  const necto = stage.launchNecto({
    ESCROW_RPC_URLS: link.url,
    HEARTBEAT_TIMEOUT_SECONDS: String(HEARTBEAT_TIMEOUT_SECONDS),
    SCAN_DEADLINE_MS: String(SCAN_DEADLINE_MS),
  })
  await necto.printed('the escrow chain does not answer, waiting', 30_000)
  await link.mend()
  await necto.printed(' ready on ', 60_000)
  wallet = await stage.wallet(100n)
  await stage.openShop()
})

test('providers that are down, slow, busy or talk HTML are named as absent with the reason; the others are served', async () => {
  const { faults } = stage.world.providers
  const ask = async (name: string) => {
    const { entry } = await newBuyer(name).ask('h100 x1 4h max 3 run echo hi')
    expect(entry.text).toContain('Scanning Necto sellers… ✓ 1 offer')
    expect(entry.text).toContain('Recommended: Berlin Rack')
    expect(buttonsOf(entry).some((text) => text.startsWith('Pay up to'))).toBe(true)
    return entry.text
  }
  faults.set('akash', { kind: 'html' })
  faults.set('ec2', { kind: 'down' })
  const first = await ask('Hal')
  expect(first).toContain('Scanning Akash… ✗ absent: It answered with something that is not data.')
  expect(first).toMatch(/Scanning AWS Spot… ✗ absent: \S/)

  faults.set('akash', { kind: 'busy', retryAfterSeconds: 3 })
  faults.set('ec2', { kind: 'slow', delayMs: SCAN_DEADLINE_MS + 1_500 })
  // A provider that failed is left alone for a moment.
  await pause(2_500)
  const second = await ask('Sid')
  expect(second).toContain('Scanning Akash… ✗ absent: It is busy and asks to try again in 3 s.')
  expect(second).toContain('Scanning AWS Spot… ✗ absent: no answer within the deadline')

  faults.clear()
  await pause(3_500)
  expect(await ask('Wes')).toMatch(/Scanning Akash… ✓ \d+ offers/)
})

test('0G away when the decision is sealed: paid all the same, the start waits and says so, then all goes on', async () => {
  const { faults } = stage.world.zeroG
  const buyer = newBuyer('Zoe')
  const { ref } = await buyer.ask(RUNNABLE)
  faults.down = true
  const url = await buyer.order(ref)
  expect(await buyer.pay(url, wallet)).toMatchObject({ outcome: 'in-escrow' })
  const shown = await buyer.shows(ref, 'the decision is not on 0G yet')
  expect(shown.text).toContain('the job starts as soon as it is. Your deposit is safe')
  await pause(2_000)
  expect((await stage.jobOf(ref))?.state).toBe('funded')
  expect(await names(ref)).toEqual(['JobFunded'])
  faults.down = false
  const ended = await buyer.shows(ref, 'Charged')
  expect(ended.text).toContain('Decision on 0G')
  expect(ended.text).not.toContain('Waiting')
  expect(await names(ref)).toEqual(['JobFunded', 'JobStarted', 'JobSettled'])
  const verified = await stage.story.verify([ref])
  expect(verified.output).toContain('Verified: selected necto:')
})

test('the chain away between the signature and the escrow, and again while the job runs: nothing is lost', async () => {
  const buyer = newBuyer('Rpc')
  const { ref } = await buyer.ask('h100 x1 4h max 3 run sh -c "echo begun; sleep 4; echo done"')
  const url = await buyer.order(ref)
  await link.cut()
  expect(await buyer.pay(url, wallet, { waitMs: 0 })).toMatchObject({ outcome: 'still-paying' })
  await buyer.shows(ref, 'Authorization signed, on its way to escrow')
  await pause(2_500)
  expect((await stage.jobOf(ref))?.state).toBe('paying')
  expect(await names(ref)).toEqual([])
  await link.mend()
  await until('the job to run', async () => (await stage.jobOf(ref))?.state === 'running')
  await link.cut()
  await until('the job to end', async () => (await stage.jobOf(ref))?.run?.endedAtMs !== undefined)
  await pause(1_000)
  await link.mend()
  await buyer.shows(ref, 'Charged')
  const events = await stage.eventsOf(ref)
  expect(events.map((event) => event.name)).toEqual(['JobFunded', 'JobStarted', 'JobSettled'])
  // The time without the chain is the job's own all the same: it ran on.
  expect(events.find((event) => event.name === 'JobSettled')).toMatchObject({ usedSeconds: 4 })
})

test('Telegram drops the first answer: the person is told, and asking again works', async () => {
  const { telegram } = stage.world
  const buyer = newBuyer('Tea')
  // To this chat alone: the end of an earlier job may still be told in its own.
  telegram.failNext({ method: 'sendMessage', chatId: buyer.chat.id, fault: { kind: 'drop', when: 'before' } })
  const told = await buyer.tell(`job ${RUNNABLE}`)
  expect(told.text).toMatch(/^Telegram did not answer\. \(reference [0-9A-Z]{4}-[0-9A-Z]{4}\)$/)
  expect((await buyer.ask(RUNNABLE)).entry.text).toContain('Recommended: Berlin Rack')
})

test('Telegram answers 429 and 502 and drops connections: the final state is shown all the same', async () => {
  const { telegram } = stage.world
  const buyer = newBuyer('Tom')
  const { ref } = await buyer.ask(RUNNABLE)
  const url = await buyer.order(ref)
  const storm = () => {
    for (const fault of [
      { kind: 'status', code: 502 },
      { kind: 'tooManyRequests', retryAfterSeconds: 1 },
      { kind: 'drop', when: 'before' },
      { kind: 'drop', when: 'after' },
      { kind: 'slow', delayMs: 500 },
      { kind: 'tooManyRequests', retryAfterSeconds: 2 },
    ] as const)
      telegram.failNext({ method: 'editMessageText', chatId: buyer.chat.id, fault })
  }
  // Few of these: the poller pauses ever longer between failures.
  telegram.failNext({ method: 'getUpdates', fault: { kind: 'drop', when: 'after' } })
  telegram.failNext({ method: 'getUpdates', fault: { kind: 'status', code: 502 } })
  storm()
  expect(await buyer.pay(url, wallet)).toMatchObject({ outcome: 'in-escrow' })
  storm()
  const ended = await buyer.shows(ref, 'Charged')
  expect(buyer.message(ref).text).toBe(ended.text)
  expect(telegram.messages(buyer.chat).filter(({ text }) => text.startsWith(`Job ${ref}`))).toHaveLength(1)
  await buyer.see((entry) => entry.text.startsWith(`${ref} has ended`))
  // The chat still listens.
  expect((await buyer.tell('help')).text).toContain('Necto')
})

test('a runner killed in the middle: paid for no more than was seen, the rest returned, the next job runs', async () => {
  const buyer = newBuyer('Rui')
  const { ref } = await buyer.ask('h100 x1 4h max 3 run sh -c "echo begun; exec sleep 60"')
  const url = await buyer.order(ref)
  expect(await buyer.pay(url, wallet)).toMatchObject({ outcome: 'in-escrow' })
  await until('signs of life for a while', async () => {
    const { acceptedAtMs = 0, lastSeenAtMs = 0 } = (await stage.jobOf(ref))?.run ?? {}
    return lastSeenAtMs - acceptedAtMs > 1_500
  })
  await stage.killRunner()
  const ended = await buyer.shows(ref, 'Charged')
  expect(ended.text).toContain('The seller’s machine went silent')

  const { run, usedSeconds = 0, terms = expect.unreachable('no terms') } = (await stage.jobOf(ref)) ?? {}
  const seenMs = (run?.lastSeenAtMs ?? 0) - (run?.acceptedAtMs ?? 0)
  expect(seenMs).toBeGreaterThan(1_500)
  expect(usedSeconds).toBe(Math.ceil(seenMs / 1000))
  const { toProviderMicroUsd, feeMicroUsd, refundMicroUsd } = splitOf(terms, usedSeconds)
  expect((await stage.eventsOf(ref)).at(-1)).toMatchObject({
    name: 'JobSettled',
    usedSeconds,
    toProviderMicroUsd,
    feeMicroUsd,
    refundedMicroUsd: refundMicroUsd,
  })

  // The runner comes back with a receipt that nobody pays for any more, and takes the next job.
  await stage.startRunner()
  const next = await buyer.ask(RUNNABLE)
  expect(await buyer.pay(await buyer.order(next.ref), wallet)).toMatchObject({ outcome: 'in-escrow' })
  await buyer.shows(next.ref, 'Charged')
  expect(await names(ref)).toEqual(['JobFunded', 'JobStarted', 'JobSettled'])
})

test('one of two endpoints away, from before the payment to after the payout: nobody notices', async () => {
  expect(await stage.stopNecto()).toBe(0)
  await stage.startNecto({ ESCROW_RPC_URLS: `${link.url},${stage.world.escrow.anvil.url}` })
  const buyer = newBuyer('Two')
  const { ref } = await buyer.ask(RUNNABLE)
  const url = await buyer.order(ref)
  await link.cut()
  expect(await buyer.pay(url, wallet)).toMatchObject({ outcome: 'in-escrow' })
  await buyer.shows(ref, 'Charged')
  expect(await names(ref)).toEqual(['JobFunded', 'JobStarted', 'JobSettled'])
  await link.mend()
})

test('an endpoint of another chain is refused at the start, by its host alone', async () => {
  expect(await stage.stopNecto()).toBe(0)
  const { escrow, storageRpcUrl } = stage.world
  const necto = stage.launchNecto({ ESCROW_RPC_URLS: `${escrow.anvil.url},${storageRpcUrl}?key=secret-of-it` })
  expect(await necto.ended).toBe(1)
  expect(necto.output()).toContain(`${new URL(storageRpcUrl).host} is chain `)
  expect(necto.output()).not.toContain('secret-of-it')
})

test('the chain away until the signed quote has run out: refused when it is back, no money moved, and it says so', async () => {
  await stage.startNecto({ ESCROW_RPC_URLS: link.url, QUOTE_SECONDS: '6' })
  const buyer = newBuyer('Lat')
  const had = await stage.holds(wallet)
  const { ref } = await buyer.ask(RUNNABLE)
  const url = await buyer.order(ref)
  await link.cut()
  expect(await buyer.pay(url, wallet, { waitMs: 0 })).toMatchObject({ outcome: 'still-paying' })
  const { fundBy = expect.unreachable('no terms') } = (await stage.jobOf(ref))?.terms ?? {}
  await until('a block after the quote', async () => (await stage.world.escrow.nowSeconds()) > fundBy)
  await link.mend()
  const ended = await buyer.shows(ref, 'The quote ran out before it was paid. No money moved.')
  expect(buttonsOf(ended)).toEqual([])
  expect(await buyer.pay(url, wallet)).toMatchObject({ outcome: 'terms-refused', code: 'expired' })
  expect(await stage.holds(wallet)).toBe(had)
  expect(await names(ref)).toEqual([])
})

test('the books are even, and the bot token is in no output and no file', async () => {
  const events = await stage.events()
  const settled = events.filter((event) => event.name === 'JobSettled')
  expect(settled).toHaveLength(events.filter((event) => event.name === 'JobFunded').length)
  const { provider, fees, escrow } = await stage.story.balances()
  expect(provider).toBe(settled.reduce((sum, event) => sum + event.toProviderMicroUsd, 0n))
  expect(fees).toBe(settled.reduce((sum, event) => sum + event.feeMicroUsd, 0n))
  expect(escrow).toBe(0n)
  const { token } = stage.world.telegram
  expect(stage.printed().includes(token)).toBe(false)
  expect((await stage.stored()).includes(token)).toBe(false)
  // The half behind the colon is the secret.
  expect(stage.printed().includes(token.split(':')[1] ?? token)).toBe(false)
})
