// The scene of the end-to-end tests: a local world, Necto and a seller's runner as processes that may be stopped and killed.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Address, Hex } from 'viem'
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { z } from 'zod'
import { type RouterEvent, readRouterEvents } from '../../core/escrow/events.ts'
import { refKey } from '../../core/escrow/terms.ts'
import { readUsdcBalance } from '../../core/escrow/usdc.ts'
import { type Job, jobSchema } from '../../core/jobs/job.ts'
import { type Session, sessionSchema } from '../../core/jobs/session.ts'
import { fileNameOf } from '../../core/store/fileName.ts'
import { type RunningProcess, startProcess } from '../world/childProcess.ts'
import type { DelayRange } from '../world/providers/standIn.ts'
import { startWorld } from '../world/startWorld.ts'
import { createStory } from '../world/story.ts'
import { createTelegramChats } from '../world/telegramChats.ts'

export type Stage = Awaited<ReturnType<typeof openStage>>

// Two cores may be shared by several worlds.
const READY_WITHIN_MS = 120_000
/** No provider is late only because the machine is busy. */
export const PATIENT = { SCAN_DEADLINE_MS: '60000' }
const LOOK_EVERY_MS = 20
const jobEnvelope = z.object({ value: jobSchema })
const sessionEnvelope = z.object({ value: sessionSchema })

/** Waits until the answer is there and not false; names what it waited for when it never comes. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const endMs = Date.now() + READY_WITHIN_MS
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (Date.now() > endMs) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}

/** Starts the world, its people on Telegram; Necto is started by `startNecto`, the shop is opened by `openShop`. */
export async function openStage(options: { seed: string; delayMs?: DelayRange }) {
  const folder = await mkdtemp(path.join(tmpdir(), 'necto-e2e-'))
  const dataDir = path.join(folder, 'data')
  const world = await startWorld({ ...options, dataDir })
  const story = createStory({ world, chats: createTelegramChats(world.telegram), dataDir })
  const processes: RunningProcess[] = []
  let necto: RunningProcess | undefined
  let runner: RunningProcess | undefined
  let extraEnv: Readonly<Record<string, string>> = {}
  let minting: Promise<unknown> = Promise.resolve()

  /** Everything that the router said so far, in the chain's order. */
  async function events(): Promise<RouterEvent[]> {
    const { client, deployed } = world.escrow
    const toBlock = await client.getBlockNumber({ cacheTime: 0 })
    return readRouterEvents({ client, router: deployed.router, fromBlock: deployed.fromBlock, toBlock })
  }

  const documentText = (collection: string, id: string) =>
    readFile(path.join(dataDir, collection, `${fileNameOf(id)}.json`), 'utf8').catch(() => undefined)

  async function startRunner(): Promise<void> {
    runner = story.startRunner()
    processes.push(runner)
    await runner.printed('waits for jobs', READY_WITHIN_MS)
  }

  return {
    world,
    story,
    dataDir,
    processes,
    events,
    startRunner,

    /** Begins to start Necto, with its log at its loudest; `env` stays for the starts after it. */
    launchNecto(env: Readonly<Record<string, string>> = extraEnv): RunningProcess {
      extraEnv = env
      necto = startProcess({ args: ['main.ts'], env: { ...world.env, ...PATIENT, LOG_LEVEL: 'debug', ...env } })
      processes.push(necto)
      return necto
    },
    async startNecto(env?: Readonly<Record<string, string>>): Promise<void> {
      await this.launchNecto(env).printed(' ready on ', READY_WITHIN_MS)
    },
    /** As kill -9 does. */
    killNecto: async () => necto?.kill(),
    /** As systemd does; answers the exit code. */
    stopNecto: async () => necto?.stop(),
    killRunner: async () => runner?.kill(),

    /** One seller with 64 H100 in Berlin at 2.40 USD per hour, live, and its runner. */
    async openShop(): Promise<void> {
      await story.meetTheBot()
      const address = await story.makeRunnerKey()
      await story.sell({ gpu: 'h100-80gb-sxm', count: 64, usdPerGpuHour: '2.40', name: 'Berlin Rack' }, address)
      await startRunner()
    },

    /** Until Necto's wallet is in the registry for every provider that it rents at. */
    brokersLive(): Promise<true> {
      return until('the wallet to be in the registry', async () => {
        const brokers = await this.stored('brokers')
        return brokers.includes('"live"') && !brokers.includes('"wanted"')
      })
    },

    /** A new wallet with so many whole USDC and no gas. */
    async wallet(usdc: bigint): Promise<PrivateKeyAccount> {
      const account = privateKeyToAccount(generatePrivateKey())
      // One account mints for all, one after the other.
      if (usdc > 0n) minting = minting.then(() => world.escrow.usdc.mint(account.address, usdc * 1_000_000n))
      await minting
      return account
    },

    /** Micro-USDC in a wallet. */
    holds: ({ address }: { address: Address }) =>
      readUsdcBalance({ client: world.escrow.client, usdc: world.escrow.usdc.address, account: address }),

    /** What the chain says of the job people know by this ref. */
    async eventsOf(ref: string): Promise<RouterEvent[]> {
      const all = await events()
      const ids = new Set<Hex>(
        all.flatMap((event) => (event.name === 'JobFunded' && event.terms.ref === refKey(ref) ? [event.id] : [])),
      )
      return all.filter((event) => 'id' in event && ids.has(event.id))
    },

    /** The job's document as it lies on the disk; undefined while there is none. */
    async jobOf(ref: string): Promise<Job | undefined> {
      const text = await documentText('jobs', ref)
      return text === undefined ? undefined : jobEnvelope.parse(JSON.parse(text)).value
    },

    /** The session of a job, as it lies on the disk. */
    async sessionOf(ref: string): Promise<Session | undefined> {
      const text = await documentText('sessions', ref)
      return text === undefined ? undefined : sessionEnvelope.parse(JSON.parse(text)).value
    },

    /** The whole text of every stored file, or of those in one folder, names and half-written ones included. */
    async stored(folder = ''): Promise<string> {
      const entries = await readdir(path.join(dataDir, folder), { recursive: true, withFileTypes: true })
      const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
      // A document may be replaced or removed while this reads.
      const texts = await Promise.all(
        files.map(async (file) => `${file}\n${await readFile(file, 'latin1').catch(() => '')}`),
      )
      return texts.join('\n')
    },

    /** All that any process printed, the dead ones included. */
    printed: (): string => processes.map((running) => running.output()).join('\n'),

    async close(): Promise<void> {
      await Promise.all(processes.map((running) => running.stop()))
      await world.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
