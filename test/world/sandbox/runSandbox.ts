// `necto sandbox`: the local world with an open shop, its pages behind a test wallet, and a page to play it by hand.
import { serveHttp } from '../../../core/serveHttp.ts'
import { type RunningProcess, startProcess } from '../childProcess.ts'
import { createDiscordChats } from '../discordChats.ts'
import { reservePort } from '../reservePort.ts'
import { accounts, startWorld, type World } from '../startWorld.ts'
import { createStory } from '../story.ts'
import { createTelegramChats } from '../telegramChats.ts'
import { createFeed } from './feed.ts'
import { createHands } from './hands.ts'
import { openShop, WALLET_USDC } from './openShop.ts'
import { createPageApp } from './pageApp.ts'
import { loadPageFiles } from './pageFiles.ts'
import { createRooms, PEOPLE_SHOWN } from './people.ts'
import { createWalletProxy } from './walletProxy.ts'
import { createWalletRpc } from './walletRpc.ts'

/** Runs until the signal, or until Necto ends; the exit code. */
export async function runSandbox(options: {
  seed: string
  dataDir: string
  /** Everything started is put here, to be stopped by the caller. */
  processes: RunningProcess[]
  onWorld: (world: World) => void
  signal: AbortSignal
}): Promise<number> {
  const { seed, dataDir, processes, onWorld, signal } = options
  const say = (text: string) => process.stdout.write(`${text}\n`)
  say('Starting two chains, 0G, the GPU markets, Telegram and Discord on this machine…')
  const port = await reservePort()
  const [world, files] = await Promise.all([
    startWorld({ seed, dataDir, publicUrl: `http://127.0.0.1:${port}` }),
    loadPageFiles(),
  ])
  onWorld(world)
  const { telegram, discord, escrow } = world
  const onTelegram = createTelegramChats(telegram)
  const onDiscord = createDiscordChats(discord)
  const rooms = createRooms(onTelegram, onDiscord)
  const feed = createFeed({ telegram, discord, rooms })
  const rpc = createWalletRpc({ account: accounts.payer, escrow })
  const pages = await serveHttp({
    name: 'The pages with the test wallet',
    fetch: createWalletProxy({ webUrl: world.webUrl, script: files.walletScript, rpc }).fetch,
    port,
  })
  const page = await serveHttp({
    name: 'The sandbox',
    fetch: createPageApp({
      files,
      feed,
      act: createHands({ telegram, discord, onTelegram, onDiscord, rooms }),
      signal,
    }).fetch,
    port: 0,
  })
  try {
    const necto = startProcess({ args: ['main.ts'], env: world.env })
    processes.push(necto)
    await necto.printed(' ready on ')
    say('Opening a seller’s shop and filling the test wallet…')
    await openShop({ story: createStory({ world, chats: onTelegram, dataDir }), processes })
    await meetAll()
    say(`
The sandbox runs, with seed ${seed}. Open it in a browser:

  ${page.url}

You are Mia, a member of the team Acme ML. Type or choose
  /job h100 x1 4h max 3 run sh -c 'sleep 4; echo hello'
press Pay, open the payment page and pay with “Test wallet”: it holds ${WALLET_USDC} USDC of play money
at ${accounts.payer.address}.
Be Selma to sell GPUs, Ada to approve a seller, Boris for the team’s owner.
Ctrl-C ends it; nothing is kept.`)
    const ended = await Promise.race([
      necto.ended,
      new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true })),
    ])
    if (signal.aborted) return 0
    process.stderr.write(`Necto ended by itself, with ${ended}:\n${necto.output()}`)
    return 1
  } finally {
    await Promise.all([page.stop(), pages.stop()])
  }

  /** Private chats begin with a first word. */
  async function meetAll(): Promise<void> {
    onTelegram.meet(onTelegram.cast.creator)
    // Where Discord is connected, its private chats begin the same way.
    if (discord.commands().some(({ name }) => name === 'start'))
      for (const { key } of PEOPLE_SHOWN) onDiscord.meet(onDiscord.cast[key])
  }
}
