// The main job on Discord, end to end through real processes: typed options, escrow, payout, result in private, spend in the channel.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createPublicClient, type Hex, http } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findFunding } from '../../core/escrow/findFunding.ts'
import { readJob } from '../../core/escrow/jobRecord.ts'
import { depositOf, splitOf } from '../../core/escrow/metering.ts'
import { decryptResult } from '../../core/jobs/resultCipher.ts'
import { type RunningProcess, startProcess } from '../world/childProcess.ts'
import { createDiscordChats } from '../world/discordChats.ts'
import { startWorld, type World } from '../world/startWorld.ts'
import { createStory, DEMO_COMMAND } from '../world/story.ts'
import { PATIENT } from './stage.ts'

let folder: string
let world: World
let chats: ReturnType<typeof createDiscordChats>
let story: ReturnType<typeof tell>
let job: Awaited<ReturnType<typeof story.ask>>
const processes: RunningProcess[] = []

const tell = (dataDir: string) => createStory({ world, chats, dataDir })

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'necto-e2e-'))
  const dataDir = path.join(folder, 'data')
  world = await startWorld({ seed: 'discord', dataDir })
  chats = createDiscordChats(world.discord)
  story = tell(dataDir)
  const necto = startProcess({ args: ['main.ts'], env: { ...world.env, ...PATIENT } })
  processes.push(necto)
  await necto.printed(' ready on ')
  await story.meetTheBot()
  await story.fundWallet(1_000n)
  const key = await story.makeRunnerKey()
  await story.sell({ gpu: 'h100-80gb-sxm', count: 2, usdPerGpuHour: '2.40', name: 'Berlin Rack' }, key)
  const runner = story.startRunner()
  processes.push(runner)
  await runner.printed('waits for jobs')
})

afterAll(async () => {
  const codes = await Promise.all(processes.map((running) => running.stop()))
  await world.stop()
  await rm(folder, { recursive: true, force: true })
  expect(codes).toEqual(codes.map(() => 0))
})

const shown = () =>
  chats.transcript(job.chat).filter(({ fromBot, text }) => fromBot && text.startsWith(`Job ${job.ref}`))

test('AGENT-03..05: a slash command with typed options; one message tells the scan and the recommendation', async () => {
  job = await story.ask(`h100 x1 4h max 3 run ${DEMO_COMMAND}`)
  expect(new Set(shown().map(({ messageId }) => messageId)).size).toBe(1)
  const card = job.entry.text
  for (const text of ['Scanning Akash… ✓ ', 'Recommended: Berlin Rack', '$2.40 per GPU-hour', '$9.60', 'Mode: Tracked'])
    expect(card).toContain(text)
  // The command is a member's own business: it is not repeated anywhere.
  expect(card).not.toContain('sleep')
})

test('a stranger in the channel presses Pay: told so alone, and nothing is ordered', async () => {
  const message = story.jobMessage(job.chat, job.ref) ?? expect.unreachable('no message in the channel')
  const pay = message.buttons.flat().find(({ text }) => text.startsWith('Pay up to'))?.text ?? ''
  await chats.press(story.cast.creator, message, pay)
  const told = await story.see(job.chat, ({ visibleTo }) => visibleTo === story.cast.creator.id)
  expect(told.text).not.toBe('')
  expect(
    story
      .jobMessage(job.chat, job.ref)
      ?.buttons.flat()
      .map(({ text }) => text),
  ).toContain(pay)
})

test('CHAIN-01..04: paid by one signature, charged for the time used, the rest back', async () => {
  const before = await story.balances()
  const payment = await story.pay(await story.order(job))
  expect(payment).toMatchObject({ outcome: 'in-escrow', pageStatus: 200 })
  const ended = await story.ended(job)
  const client = createPublicClient({ transport: http(world.escrow.anvil.url) })
  const { router, fromBlock } = world.escrow.deployed
  const [funding] = await findFunding({ client, router, fromBlock, by: { ref: job.ref } })
  const { id, terms } = funding ?? expect.unreachable('the job was never paid')
  const used = (await readJob({ client, router, id }))?.usedSeconds ?? 0
  expect(used).toBeGreaterThanOrEqual(3)
  const split = splitOf(terms, used)
  const after = await story.balances()
  expect(after.provider - before.provider).toBe(split.toProviderMicroUsd)
  expect(before.payer - after.payer).toBe(depositOf(terms) - split.refundMicroUsd)
  expect(after.escrow).toBe(before.escrow)
  expect(ended.text).toContain(`Used: ${used} s`)

  const link = await story.resultSeen(job, false)
  const url = new URL(link.buttons.flat().find((button) => button.url)?.url ?? '')
  const cipher = new Uint8Array(await (await fetch(`${url.origin}${url.pathname}/log.enc`)).arrayBuffer())
  const key = `0x${url.hash.replace('#key=', '')}` as Hex
  const log = new TextDecoder().decode(await decryptResult({ key, jobId: id, kind: 'log', bytes: cipher }))
  expect(log).toContain('step 3 of 3')
})

test('every state that the channel showed, in order and never back', () => {
  const marks = ['Scanning Akash', 'Recommended:', 'Waiting for payment', 'in escrow', 'exit code 0', 'Charged']
  const first = marks.map((mark) => shown().findIndex(({ text }) => text.includes(mark)))
  expect(first.every((at) => at >= 0)).toBe(true)
  expect([...first].sort((a, b) => a - b)).toEqual(first)
})

test('REPORT-01: the channel sees what was spent, with a link to the team’s audit log', async () => {
  const spend = await story.see(story.cast.team, ({ text }) => text.includes(' spent '))
  expect(spend.text).toContain('Mia spent')
  const [, audit = ''] = /\((http[^\s)]*\/audit\/[^\s)]*)\)/.exec(spend.markdown) ?? []
  expect(await (await fetch(audit)).text()).toContain(job.ref)
})

test('OUTPUT-01: who did not ask is refused the log, and sees so alone', async () => {
  chats.command(story.cast.creator, story.cast.team, `logs ${job.ref}`)
  const refused = await story.see(story.cast.team, ({ text }) => text.includes('is no job of yours'))
  expect(refused.visibleTo).toBe(story.cast.creator.id)
  expect(refused.text).not.toContain('step')
})

test('BUYER-04: verified without Necto’s server; the token of the bot is in no output', async () => {
  expect(await story.verify([job.ref])).toMatchObject({
    code: 0,
    output: expect.stringContaining('Verified: selected'),
  })
  for (const running of processes) expect(running.output()).not.toContain(world.discord.token)
})
