// `necto chat --sandbox`: the local world with an open shop and a test wallet, and Necto in this terminal.
import { serveHttp } from '../../../core/serveHttp.ts'
import { type RunningProcess, startProcess } from '../childProcess.ts'
import { reservePort } from '../reservePort.ts'
import { accounts, startWorld, type World } from '../startWorld.ts'
import { createStory } from '../story.ts'
import { createTelegramChats } from '../telegramChats.ts'
import { openShop, WALLET_USDC } from './openShop.ts'
import { loadPageFiles } from './pageFiles.ts'
import { createWalletProxy } from './walletProxy.ts'
import { createWalletRpc } from './walletRpc.ts'

/** Runs until the person at the terminal ends it; the exit code. */
export async function runChat(options: {
  seed: string
  dataDir: string
  /** Everything started is put here, to be stopped by the caller. */
  processes: RunningProcess[]
  onWorld: (world: World) => void
}): Promise<number> {
  const { seed, dataDir, processes, onWorld } = options
  const say = (text: string) => process.stdout.write(`${text}\n`)
  say('Starting two chains, 0G and the GPU markets on this machine, and opening a seller’s shop. About 20 seconds…')
  const port = await reservePort()
  const [world, files] = await Promise.all([
    startWorld({ seed, dataDir, publicUrl: `http://127.0.0.1:${port}` }),
    loadPageFiles(),
  ])
  onWorld(world)
  const rpc = createWalletRpc({ account: accounts.payer, escrow: world.escrow })
  const pages = await serveHttp({
    name: 'The pages with the test wallet',
    fetch: createWalletProxy({ webUrl: world.webUrl, script: files.walletScript, rpc }).fetch,
    port,
  })
  try {
    // The seller and the operator of the story are on the local Telegram.
    const setting = startProcess({ args: ['main.ts'], env: world.env })
    processes.push(setting)
    await setting.printed(' ready on ')
    await openShop({ story: createStory({ world, chats: createTelegramChats(world.telegram), dataDir }), processes })
    await setting.stop()
    say(`
A local world with seed ${seed}; nothing leaves this machine, and no money is real. To rent the seller’s GPU:
  /job h100 x1 4h max 3 run sh -c 'sleep 4; echo hello'
then the number of Pay, then open the address in a browser and pay with “Test wallet”: it holds ${WALLET_USDC} USDC.
`)
    const chat = startProcess({
      args: ['main.ts', 'chat'],
      env: { TERM: process.env.TERM ?? 'dumb', ...world.env },
      input: 'terminal',
    })
    processes.push(chat)
    return (await chat.ended) ?? 1
  } finally {
    await pages.stop()
  }
}
