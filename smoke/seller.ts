// The seller of the smoke test: a listing as /sell makes it, approved, and a runner as `./necto seller run` starts it.
import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import path from 'node:path'
import type { Address } from 'viem'
import { NectoError } from '../core/errors.ts'
import type { JobsContext } from '../core/jobs/context.ts'
import type { Listing } from '../core/supply/listing.ts'
import { decideListing, setCapacity, submitListing } from '../core/supply/submitListing.ts'
import { withTimeLimit } from '../core/timeLimit.ts'
import { GPU, USD_PER_GPU_HOUR } from './smallJob.ts'
import { type Limits, untilChanged } from './untilChanged.ts'

const WHO = { platform: 'smoke', userId: 'smoke', label: 'smoke' }
const RUNNER = path.resolve(import.meta.dirname, '../keeper/seller/main.ts')
// What a program needs to be found and to write text; none of Necto's settings.
const PASSED_ON = ['PATH', 'LANG', 'LC_ALL']

/** Lists, approves and opens it; answers the listing once its registry entry is final. */
export async function listSeller(options: {
  context: JobsContext
  payout: Address
  runner: Address
  limits: Limits
}): Promise<Listing> {
  const { context, payout, runner, limits } = options
  const { listings, clock, random } = context
  const { id } = await submitListing({
    listings,
    draft: {
      gpu: GPU,
      gpuCount: 1,
      location: 'this machine',
      region: [],
      usdPerGpuHour: USD_PER_GPU_HOUR,
      payout,
      runner,
      runtimes: ['process'],
      name: 'Smoke test',
    },
    // The key of that wallet is here.
    isProven: true,
    seller: WHO,
    place: {},
    requestKey: 'smoke',
    nowMs: clock.now(),
    random,
  })
  await setCapacity({ listings, id, capacity: 'available' })
  await decideListing({ listings, id, approve: true, decidedBy: 'smoke' })
  return untilChanged({
    what: "the seller's entry in the registry",
    collection: listings,
    limits,
    async look() {
      const listing = (await listings.get(id))?.value
      return listing?.state === 'live' ? listing : undefined
    },
  })
}

export interface Runner {
  /** Asks it to end, and waits. */
  stop(): Promise<void>
}

/** Starts it as a process of its own; answers when it waits for jobs. What it prints goes to `logFile`. */
export async function startRunner(options: {
  apiUrl: string
  chainId: number
  keyFile: string
  stateFolder: string
  logFile: string
  env: Readonly<Record<string, string | undefined>>
  limits: Limits
}): Promise<Runner> {
  const { apiUrl, chainId, keyFile, stateFolder, logFile, env, limits } = options
  const child = spawn(
    process.execPath,
    [
      ...[RUNNER, 'run', '--api', apiUrl, '--chain', String(chainId), '--unsafe-process'],
      ...['--key', keyFile, '--state', stateFolder, '--heartbeat', '1'],
    ],
    {
      env: Object.fromEntries(PASSED_ON.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
      stdio: ['ignore', 'pipe', 'pipe'],
      // Out of the terminal's group, so that Ctrl-C lets a job that runs come to its end.
      detached: true,
    },
  )
  const log = createWriteStream(logFile, { mode: 0o600 })
  for (const stream of [child.stdout, child.stderr]) stream.pipe(log, { end: false })
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    process.off('exit', killWithUs)
    log.end()
  }
  const timeout = new NectoError('smoke.waited', `The runner did not start within ${limits.waitMs / 1000} s.`, {
    retry: 'later',
  })
  const broken = new NectoError('smoke.runner', 'The runner ended before it took a job; its log says why.')
  try {
    await withTimeLimit({ ...limits, timeoutMs: limits.waitMs, timeout }, () =>
      Promise.race([
        printed(child.stdout, 'waits for jobs'),
        ended.then(() => {
          throw broken
        }),
      ]),
    )
  } catch (error) {
    await stop()
    throw error
  }
  return { stop }
}

function printed(stream: NodeJS.ReadableStream, words: string): Promise<void> {
  let text = ''
  return new Promise((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes(words)) resolve()
    })
  })
}
