// The main job at the terminal, end to end through real processes and without any bot: asked, paid by link, run, settled, read.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Hex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decryptResult } from '../../core/jobs/resultCipher.ts'
import { type RunningProcess, runProcess, startProcess } from '../world/childProcess.ts'
import { openShop } from '../world/sandbox/openShop.ts'
import { startWorld, type World } from '../world/startWorld.ts'
import { createStory, DEMO_COMMAND } from '../world/story.ts'
import { createTelegramChats } from '../world/telegramChats.ts'
import { until } from './stage.ts'

let folder: string
let world: World
let env: Readonly<Record<string, string>>
let story: ReturnType<typeof tell>
let chat: RunningProcess
const processes: RunningProcess[] = []

const tell = (dataDir: string) => createStory({ world, chats: createTelegramChats(world.telegram), dataDir })

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'necto-e2e-'))
  const dataDir = path.join(folder, 'data')
  world = await startWorld({ seed: 'terminal', dataDir })
  story = tell(dataDir)
  // The seller and the operator are on Telegram, in a run before.
  const before = startProcess({ args: ['main.ts'], env: world.env })
  processes.push(before)
  await before.printed(' ready on ')
  await openShop({ story, processes })
  await before.stop()
  const { TELEGRAM_BOT_TOKEN: _, DISCORD_BOT_TOKEN: __, ...rest } = world.env
  env = rest
  chat = startProcess({ args: ['main.ts', 'chat'], env, input: 'typed' })
  processes.push(chat)
  await chat.printed(' ready on ')
})

afterAll(async () => {
  const codes = await Promise.all(processes.map((running) => running.stop()))
  await world.stop()
  await rm(folder, { recursive: true, force: true })
  expect(codes).toEqual(codes.map(() => 0))
})

/** What the newest match of this says, once there is one. */
const seen = (pattern: RegExp): Promise<string> =>
  until(String(pattern), async () => chat.output().match(new RegExp(pattern, 'gm'))?.at(-1))

test('the whole way of a job by typed lines, numbers and printed addresses', async () => {
  const before = await story.balances()
  chat.type(`/job h100 x1 4h max 3 run ${DEMO_COMMAND}\n`)
  const pay = await seen(/^\[\d+\] Pay up to 9\.60 USDC/)
  for (const text of [
    'Scanning Necto sellers… ✓ 1 offer',
    'Recommended: Berlin Rack',
    '$2.40 per GPU-hour',
    'Mode: Untracked',
  ])
    expect(chat.output()).toContain(text)

  chat.type(`${/\d+/.exec(pay)?.[0]}\n`)
  const payment = await story.pay(await seen(/^http\S+\/pay\/\S+$/))
  expect(payment).toMatchObject({ outcome: 'in-escrow', pageStatus: 200 })
  await seen(/Charged/)
  const url = new URL(await seen(/^http\S+#key=\S+$/))
  const cipher = new Uint8Array(await (await fetch(`${url.origin}${url.pathname}/log.enc`)).arrayBuffer())
  const key = `0x${url.hash.replace('#key=', '')}` as Hex
  const jobId = payment.jobId ?? expect.unreachable('nothing was paid')
  expect(new TextDecoder().decode(await decryptResult({ key, jobId, kind: 'log', bytes: cipher }))).toContain(
    'step 3 of 3',
  )
  const after = await story.balances()
  expect(after.provider).toBeGreaterThan(before.provider)
  expect(after.escrow).toBe(before.escrow)
  expect(before.payer - after.payer).toBe(after.provider - before.provider + after.fees - before.fees)
})

test('a second Necto over the same folder is refused, in words', async () => {
  const second = await runProcess({ args: ['main.ts', 'chat'], env })
  expect(second.code).toBe(75)
  expect(second.output).toContain(`another necto process (pid ${chat.pid}) has this folder open`)
  expect(second.output).toContain('Nothing was started')
  expect(second.output).toContain('stop the other one first')
})

test('nothing on the pipe but lines; the end of the input ends it, and what was typed last is still answered', async () => {
  chat.type('/about\n')
  chat.endInput()
  expect(await chat.ended).toBe(0)
  expect(chat.output()).toContain('Escrow contract')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
  expect(chat.output()).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/)
})
