// For tests: the outside that setup talks to, and a person who answers its questions.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Address, parseEther } from 'viem'
import { COMMANDS } from '../bots/commands/table.ts'
import { openDiscordAccount } from '../bots/discord/account.ts'
import { openTelegramAccount } from '../bots/telegram/account.ts'
import { systemClock } from '../core/clock.ts'
import type { Env } from '../core/settings.ts'
import { connect, startAnvil } from '../test/world/chain/anvil.ts'
import { startDiscord } from '../test/world/discord/startDiscord.ts'
import { people, startEscrowChain } from '../test/world/startEscrowChain.ts'
import { keyOf } from '../test/world/startWorld.ts'
import { startTelegram } from '../test/world/telegram/startTelegram.ts'
import { deployFlow } from '../test/world/zerog/deployFlow.ts'
import { startZeroGNode } from '../test/world/zerog/startZeroGNode.ts'
import type { Mode } from './dialog.ts'
import { runSetup } from './runSetup.ts'

/** What a person types where the prompt holds the words; a function may do something first. Unanswered ones get Enter. */
export type Script = readonly (readonly [words: string, answer: string | (() => string | Promise<string>)])[]

export type SetupWorld = Awaited<ReturnType<typeof startSetupWorld>>

/** Two chains, a 0G node, Telegram and Discord, and a folder for the settings file. */
export async function startSetupWorld() {
  const [escrow, storage, telegram, discord] = await Promise.all([
    startEscrowChain(),
    startAnvil({ chainId: 31_338 }),
    startTelegram(),
    startDiscord(),
  ])
  const { flowAddress } = await deployFlow({ rpcUrl: storage.url, deployerKey: keyOf(0) })
  const zeroG = await startZeroGNode({ rpcUrl: storage.url, flowAddress })
  const folder = await mkdtemp(path.join(tmpdir(), 'necto-setup-'))
  const storageChain = connect(storage)
  return {
    escrow,
    storage,
    zeroG,
    telegram,
    discord,
    flowAddress,
    folder,
    file: path.join(folder, '.env'),
    /** What only a local world needs. */
    env: { TELEGRAM_API_ROOT: telegram.apiRoot, DISCORD_API_ROOT: discord.apiRoot } as Env,
    /** Gives an address a coin on both chains. */
    async fund(address: Address) {
      const balance = { address, value: parseEther('1') }
      await Promise.all([escrow.test.setBalance(balance), storageChain.test.setBalance(balance)])
    },
    async stop() {
      await Promise.all([telegram.stop(), discord.stop(), zeroG.stop()])
      await Promise.all([escrow.stop(), storage.stop(), rm(folder, { recursive: true })])
    },
  }
}

/** Every answer that the local world needs, typed in order; wallets are funded when setup asks for it. */
export function goodScript(world: SetupWorld, printed: () => string): Script {
  return [
    ['Network', 'custom'],
    ['Chain id of the escrow', '31337'],
    ['Chain id of 0G', '31338'],
    ['Telegram bot token', world.telegram.token],
    ['Discord bot token', world.discord.token],
    ['RPC endpoints', world.escrow.anvil.url],
    ['USDC on', world.escrow.usdc.address],
    ['RPC endpoint of', world.storage.url],
    ['indexer', world.zeroG.url],
    ['Flow', world.flowAddress],
    ['looks again', async () => fundAll(world, printed())],
    ['Who approves', 'telegram:42'],
    ['owner', people.admin.address],
    ["Chainlink's", world.escrow.feeds.USDC.address],
  ]
}

async function fundAll(world: SetupWorld, printed: string): Promise<string> {
  for (const [, address] of printed.matchAll(/send .* to (0x\w{40})/g)) await world.fund(address as Address)
  return ''
}

/** Plays it once with this script; what was on the screen, and the file afterwards. */
export async function playSetup(options: {
  world: SetupWorld
  script?: Script | ((printed: () => string) => Script)
  mode?: Mode
  agrees?: boolean
  env?: Env
  file?: string
  stop?: AbortController
  onPrint?: (text: string) => void
}) {
  const { world, mode = 'ask', agrees = false, stop = new AbortController(), file = world.file } = options
  const lines: string[] = []
  const printed = () => lines.join('\n')
  const script = typeof options.script === 'function' ? options.script(printed) : (options.script ?? [])
  const left = [...script]
  const code = await runSetup({
    mode,
    agrees,
    file,
    env: { ...world.env, ...options.env },
    accounts: {
      telegram: (token, apiRoot) => openTelegramAccount({ token, apiRoot }),
      discord: (token, apiRoot) => openDiscordAccount({ token, apiRoot }),
    },
    commands: COMMANDS,
    clock: systemClock,
    signal: stop.signal,
    async ask(prompt, { hidden }) {
      const index = left.findIndex(([words]) => prompt.includes(words))
      const [entry] = index < 0 ? [] : left.splice(index, 1)
      const answer = typeof entry?.[1] === 'function' ? await entry[1]() : (entry?.[1] ?? '')
      lines.push(prompt + (hidden ? '' : answer))
      stop.signal.throwIfAborted()
      return answer
    },
    print(text) {
      lines.push(text)
      options.onPrint?.(text)
    },
  })
  const text = await readFile(file, 'utf8').catch(() => '')
  return { code, printed: printed(), text, unused: left.map(([words]) => words) }
}
