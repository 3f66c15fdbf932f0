// `necto demo` and `necto sandbox`: the whole story in a local world, played through the bots and printed as it is seen.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { overview, verbHelp } from '../../bots/terminal/help.ts'
import { ADMIN_ID } from './cast.ts'
import { type RunningProcess, startProcess } from './childProcess.ts'
import { noise } from './providers/priceWalk.ts'
import { createScreen } from './screen.ts'
import { startWorld, type World } from './startWorld.ts'
import { createStory, DEMO_COMMAND, showUsdc } from './story.ts'
import { watchChains } from './watchChains.ts'

const DEMO_ASK = `h100 x1 4h max 3 run ${DEMO_COMMAND}`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    untracked: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const [verb = 'demo', ...words] = positionals
const seed = values.seed ?? String(Math.floor(Math.random() * 1_000_000))
const startedAtMs = Date.now()

if (values.help) process.stdout.write(`${verbHelp(verb) ?? overview()}\n`)
else process.exitCode = await play()

async function play(): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'necto-'))
  const processes: RunningProcess[] = []
  const ending = new AbortController()
  let world: World | undefined
  const stop = async () => {
    ending.abort()
    // The last started first, so that none waits for one that is gone.
    for (const running of processes.toReversed()) await running.stop()
    await world?.stop()
    await rm(folder, { recursive: true, force: true })
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => void stop().then(() => process.exit(130)))
  try {
    world = await startWorld({ seed, dataDir: path.join(folder, 'data'), admins: [ADMIN_ID] })
    return verb === 'sandbox'
      ? await sandbox(world, processes)
      : await demo({ world, folder, processes, signal: ending.signal })
  } catch (error) {
    process.stderr.write(`The story broke off: ${error instanceof Error ? error.message : String(error)}\n`)
    // What the processes said is the first thing anybody would ask for.
    for (const running of processes) process.stderr.write(running.output())
    return 1
  } finally {
    await stop()
  }
}

async function startNecto(world: World, processes: RunningProcess[]): Promise<RunningProcess> {
  const necto = startProcess({ args: ['main.ts'], env: world.env })
  processes.push(necto)
  await necto.printed('is ready')
  return necto
}

async function demo(options: {
  world: World
  folder: string
  processes: RunningProcess[]
  signal: AbortSignal
}): Promise<number> {
  const { world, folder, processes, signal } = options
  const story = createStory({ world, dataDir: path.join(folder, 'data') })
  const { cast } = story
  const names = new Map(
    [cast.team, cast.adminChat, cast.sellerChat, cast.memberChat].map((chat) => [
      chat.id,
      chat === cast.team ? 'the group Acme ML' : 'a private chat',
    ]),
  )
  const screen = createScreen({
    write: (text) => process.stdout.write(text),
    columns: process.stdout.isTTY ? process.stdout.columns : undefined,
    rows: process.stdout.rows ?? 0,
    chatName: (id) => names.get(id) ?? 'a private chat',
  })
  await startNecto(world, processes)
  screen.note(
    `A local world with seed ${seed}: two chains, 0G, the GPU markets and Telegram on this machine. Ready in ${seconds(startedAtMs)}.`,
  )
  watchChains(world, screen.chain, signal)
  await story.meetTheBot()
  world.telegram.onEvent(screen.chat)

  const ask = words.length > 0 ? words.join(' ') : DEMO_ASK
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

  const text = values.untracked ? withUntracked(ask) : ask
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
  await story.resultSeen(job, values.untracked)

  screen.act('A stranger verifies the decision: the chain and 0G, nothing of ours')
  screen.note(`$ ./necto verify ${job.ref}`)
  const verified = await story.verify([job.ref])
  process.stdout.write(verified.output)

  screen.act('The seller goes offline; the same ask again')
  await story.capacity('offline', '[○ offline]')
  await story.ask(text, { untracked: values.untracked })
  screen.note(`The end, after ${seconds(startedAtMs)}. Repeat it with --seed ${seed}.`)
  return verified.code === 0 ? 0 : 1
}

async function sandbox(world: World, processes: RunningProcess[]): Promise<number> {
  const necto = await startNecto(world, processes)
  process.stdout.write(
    `The world with seed ${seed} runs. Pages: ${world.publicUrl}; sellers: ${world.sellerApiUrl}; Bot API: ${world.telegram.apiRoot}\nSettings for other verbs:\n`,
  )
  for (const [key, value] of Object.entries(world.env))
    process.stdout.write(`export ${key}=${/KEY|TOKEN/.test(key) ? '[secret]' : value}\n`)
  process.stdout.write('Ctrl-C ends it.\n')
  await necto.ended
  return 0
}

function seconds(sinceMs: number): string {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`
}

/** Before `run`, since everything after it is the command. */
function withUntracked(ask: string): string {
  return /\srun\s/.test(ask) ? ask.replace(/\srun\s/, ' untracked run ') : `${ask} untracked`
}
