// `necto demo`: the story of one job, played through the bots and printed as it is seen.
import type { ChatWorld, SeenMessage } from './chatWorld.ts'
import type { RunningProcess } from './childProcess.ts'
import { noise } from './providers/priceWalk.ts'
import { createScreen } from './screen.ts'
import type { World } from './startWorld.ts'
import { createStory, DEMO_COMMAND, showUsdc } from './story.ts'
import { watchChains } from './watchChains.ts'

const DEMO_ASK = `h100 x1 4h max 3 run ${DEMO_COMMAND}`
const PLATFORM_NAMES = { telegram: 'Telegram', discord: 'Discord' }

/** Plays it to the end; the exit code. Throws when a step does not come. */
export async function playDemo<Person, Chat, Entry extends SeenMessage>(options: {
  world: World
  chats: ChatWorld<Person, Chat, Entry>
  dataDir: string
  seed: string
  /** Replaces the ask of the story when given. */
  ask: string
  untracked: boolean
  startNecto: () => Promise<RunningProcess>
  processes: RunningProcess[]
  signal: AbortSignal
  /** Epoch milliseconds when the world began to start. */
  startedAtMs: number
}): Promise<number> {
  const { world, chats, dataDir, seed, untracked, processes, startedAtMs } = options
  const story = createStory({ world, chats, dataDir })
  const screen = createScreen({
    write: (text) => process.stdout.write(text),
    columns: process.stdout.isTTY ? process.stdout.columns : undefined,
    rows: process.stdout.rows ?? 0,
    chatName: chats.chatName,
  })
  await options.startNecto()
  screen.note(
    `A local world with seed ${seed}: two chains, 0G, the GPU markets and ${PLATFORM_NAMES[chats.platform]} on this machine. Ready in ${seconds(startedAtMs)}.`,
  )
  watchChains(world, screen.chain, options.signal)
  await story.meetTheBot()
  chats.onEvent(screen.chat)

  const ask = options.ask || DEMO_ASK
  screen.act('A seller lists hardware and links a wallet, an operator approves it')
  const runner = await story.makeRunnerKey()
  screen.note(`$ ./necto seller key   → ${runner}`)
  const price = (name: string, usd: number) => (usd * (0.95 + 0.1 * noise(seed, name))).toFixed(2)
  const rack = { gpu: 'h100-80gb-sxm', count: 2, usdPerGpuHour: price('h100', 2.4), name: 'Berlin Rack' }
  const linked = await story.sell(rack, runner)
  screen.note(`The seller’s wallet opened the link, typed the code and signed one text: ${linked?.outcome}`)
  if (/4090/.test(ask))
    await story.sell({ gpu: 'rtx4090', count: 2, usdPerGpuHour: price('4090', 0.39), name: 'Berlin Desk' }, runner)
  const runnerProcess = story.startRunner()
  processes.push(runnerProcess)
  await runnerProcess.printed('waits for jobs')
  screen.note('$ ./necto seller run --unsafe-process   → the runner waits for jobs, in a process of its own')

  const text = untracked ? withUntracked(ask) : ask
  screen.act('A member asks in the team’s group')
  await story.fundWallet(10_000n)
  const before = await story.balances()
  const job = await story.ask(text, { untracked: /\buntracked\b/.test(text.split(/\brun\b/)[0] ?? '') })
  const payable = job.entry.buttons.flat().some((button) => button.text.startsWith('Pay up to'))
  if (!payable) {
    screen.note('There is nothing to pay for here, so the story ends. No money moved.')
    return 0
  }

  screen.act('Pay: one signature, no gas')
  const paidAtMs = Date.now()
  const url = await story.order(job)
  const payment = await story.pay(url)
  screen.note(
    `The wallet opened ${url.replace(/\/pay\/.*/, '/pay/…')}, checked the terms and signed once: ${payment.outcome}`,
  )
  if (payment.outcome !== 'in-escrow') throw new Error(`the payment was not accepted: ${JSON.stringify(payment)}`)
  await story.ended(job)
  screen.note(`From payment to payout: ${seconds(paidAtMs)}.`)

  screen.act('What it came to')
  const after = await story.balances()
  for (const who of ['payer', 'provider', 'fees', 'escrow'] as const)
    screen.note(`${who.padEnd(9)} ${showUsdc(after[who] - before[who]).padStart(16)}`)
  const sum = (['payer', 'provider', 'fees', 'escrow'] as const).reduce(
    (total, who) => total + after[who] - before[who],
    0n,
  )
  screen.note(`${'together'.padEnd(9)} ${showUsdc(sum).padStart(16)}`)
  await story.resultSeen(job, untracked)

  screen.act('A stranger verifies the decision: the chain and 0G, nothing of ours')
  screen.note(`$ ./necto verify ${job.ref}`)
  const verified = await story.verify([job.ref])
  process.stdout.write(verified.output)

  screen.act('The seller goes offline; the same ask again')
  await story.capacity('offline', '[○ offline]')
  await story.ask(text, { untracked: untracked })
  screen.note(`The end, after ${seconds(startedAtMs)}. Repeat it with --seed ${seed}.`)
  return verified.code === 0 ? 0 : 1
}

function seconds(sinceMs: number): string {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`
}

/** Before `run`, since everything after it is the command. */
function withUntracked(ask: string): string {
  return /\srun\s/.test(ask) ? ask.replace(/\srun\s/, ' untracked run ') : `${ask} untracked`
}
