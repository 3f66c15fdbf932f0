// `./necto seller`: builds the runner's parts and runs it until it is told to stop.
import { dirname, join, resolve } from 'node:path'
import { systemClock } from '../../core/clock.ts'
import { errorText, NectoError } from '../../core/errors.ts'
import { createLog, createRedactor, type Log } from '../../core/log.ts'
import { lockDirectory } from '../../core/store/directoryLock.ts'
import { makeFolder } from '../../core/store/durableFile.ts'
import { createSellerApiClient, readHealth } from './apiClient.ts'
import { readArguments, SELLER_HELP, type SellerCommand } from './arguments.ts'
import { createContainerDriver } from './docker.ts'
import { openJobFolders } from './jobFolder.ts'
import { createKeyFile, readKeyFile } from './keyFile.ts'
import { createProcessDriver } from './process.ts'
import { untilAnswered } from './retry.ts'
import { runSeller } from './runner.ts'

// The same meaning as sysexits' EX_TEMPFAIL: start me again, I shall go on.
const EXIT_TRY_AGAIN = 75
const CLOCK_WARNING_MS = 10_000

const stop = new AbortController()
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => {
    // The first asks, the second insists; what was on disk then is enough for the next start.
    if (stop.signal.aborted) process.exit(EXIT_TRY_AGAIN)
    stop.abort(new Error('told to stop'))
  })
}

try {
  const command = readArguments(process.argv.slice(2), process.env)
  if (command.verb === 'help') process.stdout.write(SELLER_HELP)
  if (command.verb === 'key') process.stdout.write(`${await createKeyFile(command.keyFile)}\n`)
  if (command.verb === 'run') await run(command)
} catch (error) {
  if (!stop.signal.aborted) {
    process.stderr.write(`${error instanceof NectoError ? error.message : errorText(error)}\n`)
    process.exitCode = 1
  }
}

async function run(command: Extract<SellerCommand, { verb: 'run' }>): Promise<void> {
  const { account, secret } = await readKeyFile(command.keyFile)
  const log = createLog({ redact: createRedactor([secret]), level: process.env.LOG_LEVEL ?? 'info' })
  const state = resolve(command.stateFolder ?? join(dirname(command.keyFile), 'seller', account.address.toLowerCase()))
  await makeFolder(state)
  const lock = await lockDirectory(state)
  try {
    const chainId = await findChain({ command, log })
    process.stdout.write(
      `Runner ${account.address} waits for jobs at ${command.url} (chain ${chainId}, ${command.driver}).\n`,
    )
    await runSeller(
      {
        client: createSellerApiClient({ url: command.url, account, chainId, clock: systemClock }),
        account,
        chainId,
        driver:
          command.driver === 'process'
            ? createProcessDriver({ env: process.env })
            : createContainerDriver({ engine: command.driver }),
        folders: openJobFolders(join(state, 'jobs')),
        clock: systemClock,
        log,
        heartbeatMs: command.heartbeatMs,
      },
      stop.signal,
    )
  } finally {
    await lock.release()
  }
}

/** The chain that the interface works for, once it answers. NectoError `seller.other-chain` when that is not the one asked for. */
async function findChain(options: { command: Extract<SellerCommand, { verb: 'run' }>; log: Log }): Promise<number> {
  const { command, log } = options
  const { url } = command
  const { signal } = stop
  const call = () => readHealth(url, signal)
  const health = await untilAnswered({ what: 'health', call, clock: systemClock, log, signal })
  const offMs = systemClock.now() - health.nowMs
  if (Math.abs(offMs) > CLOCK_WARNING_MS) log.warn({ msg: 'this clock differs from the interface', offMs })
  if (command.chainId !== undefined && command.chainId !== health.chainId) {
    throw new NectoError('seller.other-chain', `${url} works on chain ${health.chainId}, not on ${command.chainId}.`)
  }
  return health.chainId
}
