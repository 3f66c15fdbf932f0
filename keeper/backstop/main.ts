// `necto backstop`: its own process, key, endpoints and folder; gives overdue deposits back when the keeper does not.
import type { Address } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { requireBackstopKey } from '../../core/backstopKey.ts'
import { type Config, requireSettings } from '../../core/config.ts'
import { NectoError } from '../../core/errors.ts'
import { routerErrors } from '../../core/escrow/routerCall.ts'
import { randomBytes } from '../../core/ids.ts'
import type { Log } from '../../core/log.ts'
import { escrowNetwork } from '../../core/networks.ts'
import { type ProcessContext, runProcess } from '../../core/runProcess.ts'
import { runTogether } from '../../core/runTogether.ts'
import { openLowdbStore } from '../../core/store/lowdb.ts'
import { createEndpoints, type Endpoints, rpcTransport } from '../tx/endpoints.ts'
import { intents } from '../tx/intent.ts'
import { createSender } from '../tx/sender.ts'
import { runDriver } from './driver.ts'
import { dues } from './due.ts'
import { createSelfDriver } from './selfDriver.ts'

const GWEI = 1_000_000_000n

await runProcess(run)

async function run({ config, clock, log, signal, say }: ProcessContext): Promise<number> {
  const set = requireSettings(config, ['ROUTER_ADDRESS', 'BACKSTOP_KEY'])
  const key = requireBackstopKey(config)
  const urls = config.BACKSTOP_RPC_URLS?.length ? config.BACKSTOP_RPC_URLS : (config.ESCROW_RPC_URLS ?? [])
  if (urls.length === 0) throw new NectoError('config.missing', 'Neither BACKSTOP_RPC_URLS nor ESCROW_RPC_URLS is set.')
  const network = escrowNetwork(config)
  const { chainId } = network
  const transports = urls.map((url) => rpcTransport({ url }))
  const endpoints = createEndpoints({ transports, chainId })
  const found = await endpoints.answers((client) => client.getChainId())
  if (found.some((id) => id !== chainId))
    throw new NectoError('config.wrong-chain', `An endpoint is chain ${found}, ESCROW_CHAIN_ID says ${chainId}.`)
  const automate = config.BACKSTOP_DRIVER === 'gelato' ? await requireAutomate(config, endpoints) : undefined
  const account = privateKeyToAccount(key)
  const store = await openLowdbStore({ directory: config.BACKSTOP_DATA_DIR })
  try {
    const docs = store.collection(intents)
    const sender = createSender({
      intents: docs,
      transports,
      account,
      chainId,
      confirmations: network.confirmations,
      clock,
      // The backstop itself says what became of a transaction.
      log: quiet(log),
      feeCapWei: BigInt(config.BACKSTOP_MAX_GAS_GWEI) * GWEI,
      pollMs: config.ESCROW_POLL_MS,
      errorAbi: routerErrors,
    })
    const shared = {
      endpoints,
      router: set.ROUTER_ADDRESS,
      account: account.address,
      sender,
      intents: docs,
      graceSeconds: config.BACKSTOP_GRACE_SECONDS,
      pollMs: config.BACKSTOP_POLL_SECONDS * 1000,
      lowBalanceWei: BigInt(config.BACKSTOP_LOW_BALANCE_GWEI) * GWEI,
      clock,
      log,
    }
    const driver = automate
      ? (await import('./gelatoDriver.ts')).createGelatoDriver({ ...shared, chainId, automate })
      : createSelfDriver({
          ...shared,
          dues: store.collection(dues),
          jitterSeconds: config.BACKSTOP_JITTER_SECONDS,
          random: randomBytes,
        })
    say(`Backstop ${account.address} watches ${set.ROUTER_ADDRESS} on ${network.name}.`)
    if (automate)
      say(
        `It keeps tasks at Automate ${automate} and sends no refund itself: Gelato's own executors ended on 2026-03-31, so one of yours or a successor's has to carry them out.`,
      )
    const { pollMs } = shared
    await runTogether(signal, [
      (ending) => sender.run(ending),
      (ending) => runDriver({ driver, pollMs, clock, log }, ending),
    ])
    return 0
  } finally {
    await store.close()
  }
}

/** The Automate contract that the driver gelato is for; nothing is sent to an address that is none. */
async function requireAutomate(config: Config, endpoints: Endpoints): Promise<Address> {
  const { BACKSTOP_AUTOMATE_ADDRESS: automate } = requireSettings(config, ['BACKSTOP_AUTOMATE_ADDRESS'])
  if (await endpoints.first((client) => client.getCode({ address: automate }))) return automate
  throw new NectoError('config.no-automate', `No contract is at BACKSTOP_AUTOMATE_ADDRESS ${automate} on this chain.`)
}

function quiet(log: Log): Log {
  return {
    info() {},
    warn: (fields) => log.warn(fields),
    error: (fields) => log.error(fields),
    child: (fields) => quiet(log.child(fields)),
  }
}
