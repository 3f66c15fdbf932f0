// The smoke test from the first check to the last word: nothing is spent before all was looked at and agreed to.
import path from 'node:path'
import { createPublicClient, http } from 'viem'
import type { Clock } from '../core/clock.ts'
import { errorText, NectoError } from '../core/errors.ts'
import { etherText } from '../core/etherText.ts'
import type { Log } from '../core/log.ts'
import { showUsd } from '../core/money.ts'
import { knownEscrowChain, knownStorageChain } from '../core/networks.ts'
import type { Env } from '../core/settings.ts'
import type { Store } from '../core/store/store.ts'
import { isRealMoney, networkFault } from './allowedNetwork.ts'
import { checkAll, gasCostWei, type SmokeConfig } from './checks.ts'
import { keepOthersOut } from './otherNecto.ts'
import { playWhole } from './playWhole.ts'
import { DEPOSIT_MICRO_USD } from './smallJob.ts'

export interface SmokeOptions {
  readonly config: SmokeConfig
  readonly env: Env
  /** The network named on the command line. */
  readonly network: string | undefined
  readonly agrees: boolean
  /** For each single thing that is waited for. */
  readonly waitMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
  print(text: string): void
  /** Asks a person; undefined when nobody is there. */
  readonly ask: ((prompt: string) => Promise<string>) | undefined
  makeFolder(): Promise<string>
  removeFolder(folder: string): Promise<void>
  openStore(directory: string): Promise<Store>
  openLog(file: string): Log
}

const TRY_LATER = 75
const STOPPED = 130

/** Runs it; exit code 0 when everything held, 1 when not, 2 when it cannot begin, 75 when later may do, 130 when stopped. */
export async function runSmoke(options: SmokeOptions): Promise<number> {
  const { config, signal, print } = options
  const fault = networkFault(options.network, config)
  if (fault !== undefined) {
    print(`${fault}\nNothing was spent.`)
    return 2
  }
  if (isRealMoney(config) && !options.ask) {
    print('This is real money: a person has to agree in a terminal, and --yes does not. Nothing was spent.')
    return 2
  }
  const escrow = knownEscrowChain(config.ESCROW_CHAIN_ID)?.name ?? `chain ${config.ESCROW_CHAIN_ID}`
  const storage = knownStorageChain(config.STORAGE_CHAIN_ID)?.name ?? `chain ${config.STORAGE_CHAIN_ID}`
  print(`One tiny real job on ${escrow} and ${storage}, from the listing to the payout, without chat.`)
  try {
    print('\nLooked at, before anything is spent')
    const findings = await checkAll(options)
    for (const { ok, text } of findings) print(`  ${ok ? '✓' : '✗'} ${text}`)
    const wrong = findings.filter(({ ok }) => !ok)
    if (wrong.length > 0) {
      const passes = wrong.every(({ later }) => later)
      print(`\nNothing was spent. ${passes ? 'Try again later.' : 'Mend what is marked ✗, then run this again.'}`)
      return passes ? TRY_LATER : 2
    }
    const lock = await keepOthersOut(options)
    try {
      if (!(await isAgreed(options))) return 2
      return await playInFolder(options)
    } finally {
      await lock.release()
    }
  } catch (error) {
    if (signal.aborted) {
      print('\nStopped. Nothing was spent.')
      return STOPPED
    }
    if (!(error instanceof NectoError)) throw error
    print(`\n${error.message} Nothing was spent.`)
    return error.retry === 'never' ? 1 : TRY_LATER
  }
}

/** Says what it costs at most, and asks. Real money is agreed to by a person alone. */
async function isAgreed(options: SmokeOptions): Promise<boolean> {
  const { config, agrees, ask, print } = options
  const gasWei = await gasCostWei(createPublicClient({ transport: http(config.ESCROW_RPC_URLS?.[0]) }))
  print('\nWhat it spends')
  print(
    `  ${showUsd(DEPOSIT_MICRO_USD)} USDC go into escrow. The seller is paid to the payer's own wallet, so that only the fee of`,
  )
  print('  the seconds used is gone in the end, a fraction of a cent.')
  print(`  About ${etherText(gasWei)} ETH of gas, about 0.006 0G; one entry of a seller stays in the registry.`)
  if (isRealMoney(config)) {
    if ((await ask?.('\nThis is REAL MONEY. Type "real money" to go on: ')) === 'real money') return true
    print('Nothing was spent.')
    return false
  }
  if (agrees) return true
  if (!ask) {
    print('\nNobody is here to agree to that; --yes does. Nothing was spent.')
    return false
  }
  if (/^(y|yes)?$/i.test(await ask('\nGo on? yes or no [yes]: '))) return true
  print('Nothing was spent.')
  return false
}

async function playInFolder(options: SmokeOptions): Promise<number> {
  const { print } = options
  const folder = await options.makeFolder()
  print(`\nThis run keeps its store and log in ${folder}`)
  const log = options.openLog(path.join(folder, 'necto.log'))
  const outcome = await playWhole({ ...options, folder, log }).catch((error: unknown) => {
    log.error({ msg: 'smoke test broke off', error: errorText(error) })
    if (options.signal.aborted) {
      print('\nStopped. No money moved.')
      return 'stopped' as const
    }
    print(`\n${error instanceof NectoError ? error.message : 'Something broke off; the log says what.'}`)
    return 'failed' as const
  })
  if (outcome === 'good') {
    await options.removeFolder(folder)
    return 0
  }
  print(`Kept for looking into it: ${folder} (necto.log, runner.log and its store in data).`)
  return { failed: 1, later: TRY_LATER, stopped: STOPPED }[outcome]
}
