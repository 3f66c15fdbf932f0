// `necto demo`, `necto sandbox` and `necto chat --sandbox`: the local world, Necto in it, and whichever was asked for.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { overview, verbHelp } from '../../bots/terminal/help.ts'
import { readArguments } from '../../bots/terminal/readArguments.ts'
import { type RunningProcess, startProcess } from './childProcess.ts'
import { playDemo } from './demo.ts'
import { createDiscordChats } from './discordChats.ts'
import { runChat } from './sandbox/runChat.ts'
import { runSandbox } from './sandbox/runSandbox.ts'
import { startWorld, type World } from './startWorld.ts'
import { createTelegramChats } from './telegramChats.ts'

interface Wish {
  readonly seed: string
  readonly ask: string
  readonly untracked: boolean
  readonly on: 'telegram' | 'discord'
}

const startedAtMs = Date.now()
const [verb = 'demo', ...typed] = process.argv.slice(2)
process.exitCode = typed.some((word) => word === '--help' || word === '-h') ? help() : await run()

function help(): number {
  process.stdout.write(`${verbHelp(verb) ?? overview()}\n`)
  return 0
}

async function run(): Promise<number> {
  const wish = readWish()
  if ('why' in wish) {
    process.stderr.write(`${wish.why}\n\n${verbHelp(verb)}\n`)
    return 2
  }
  return play(wish)
}

/** What was asked for, or what is wrong with it in one line. */
function readWish(): Wish | { why: string } {
  const given = readArguments(verb, typed)
  if ('why' in given) return given
  const { words, values, switches } = given
  if (verb !== 'demo' && words.length > 0) return { why: `${verb} takes no words: "${words.join(' ')}".` }
  const on = values.on?.at(-1) ?? 'telegram'
  if (on !== 'telegram' && on !== 'discord') return { why: `--on takes telegram or discord, not "${on}".` }
  const seed = values.seed?.at(-1) ?? String(Math.floor(Math.random() * 1_000_000))
  return { seed, on, ask: words.join(' '), untracked: switches.has('untracked') }
}

async function play(wish: Wish): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'necto-'))
  const dataDir = path.join(folder, 'data')
  const processes: RunningProcess[] = []
  const ending = new AbortController()
  let world: World | undefined
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= end())
  async function end() {
    ending.abort()
    // The last started first, so that none waits for one that is gone.
    for (const running of processes.toReversed()) await running.stop()
    await world?.stop()
    await rm(folder, { recursive: true, force: true })
  }
  // Ctrl-C is how a sandbox ends, and how a demo is broken off.
  const code = verb === 'demo' ? 130 : 0
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => void stop().then(() => process.exit(code)))
  try {
    const { seed } = wish
    const stage = { seed, dataDir, processes, onWorld: (started: World) => (world = started) }
    if (verb === 'chat') return await runChat(stage)
    if (verb === 'sandbox') return await runSandbox({ ...stage, signal: ending.signal })
    world = await startWorld({ seed, dataDir })
    const started = world
    const startNecto = async () => {
      const necto = startProcess({ args: ['main.ts'], env: started.env })
      processes.push(necto)
      await necto.printed(' ready on ')
      return necto
    }
    const common = { ...wish, world, dataDir, processes, startNecto, startedAtMs, signal: ending.signal }
    return wish.on === 'discord'
      ? await playDemo({ ...common, chats: createDiscordChats(world.discord) })
      : await playDemo({ ...common, chats: createTelegramChats(world.telegram) })
  } catch (error) {
    if (ending.signal.aborted) return code
    process.stderr.write(`The story broke off: ${error instanceof Error ? error.message : String(error)}\n`)
    // What the processes said is the first thing anybody would ask for.
    for (const running of processes) process.stderr.write(running.output())
    return 1
  } finally {
    await stop()
  }
}
