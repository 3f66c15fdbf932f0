// Seller, job and proof over a Necto of its own in a folder of its own; and what is said when it breaks off.
import path from 'node:path'
import { privateKeyToAccount } from 'viem/accounts'
import { verificationLines } from '../bots/terminal/verifyCommand.ts'
import { shortHex } from '../bots/views/words.ts'
import { requireSettings } from '../core/config.ts'
import { errorText, NectoError } from '../core/errors.ts'
import { readUsdcBalance } from '../core/escrow/usdc.ts'
import type { Job } from '../core/jobs/job.ts'
import type { Log } from '../core/log.ts'
import { showUsd } from '../core/money.ts'
import { storageExplorer } from '../core/networks.ts'
import { createKeyFile } from '../keeper/seller/keyFile.ts'
import { bringBack, isOpen, moneyText } from './bringBack.ts'
import { showGas, walletsOf } from './gasSpent.ts'
import { type OpenNecto, openNecto } from './openNecto.ts'
import { playJob } from './playJob.ts'
import { allStored, readLogBack, verify } from './proof.ts'
import type { SmokeOptions } from './runSmoke.ts'
import { listSeller, type Runner, startRunner } from './seller.ts'
import { createStory, type Story } from './story.ts'
import type { Limits } from './untilChanged.ts'

export type Outcome = 'good' | 'failed' | 'later' | 'stopped'

// Long enough for two transactions on a slow day; then it is told who else can send the money back.
const BRING_BACK_MS = 120_000
const AMOUNT_WIDTH = 8

/** Plays it all and prints it as it happens. */
export async function playWhole(options: SmokeOptions & { folder: string; log: Log }): Promise<Outcome> {
  const { config, clock, signal, folder, log, print } = options
  const story = createStory({ clock, print })
  const store = await options.openStore(path.join(folder, 'data'))
  const ending = new AbortController()
  let running: Promise<unknown> = Promise.resolve()
  const runners: Runner[] = []
  try {
    const necto = await openNecto({ config, store, clock, log, signal })
    const broken = new AbortController()
    running = necto.run(ending.signal).catch((error: unknown) => {
      log.error({ msg: 'the keeper ended', error: errorText(error) })
      broken.abort(new NectoError('smoke.keeper', `The keeper ended: ${errorText(error)}`))
    })
    const limits = { clock, signal: AbortSignal.any([signal, broken.signal]), waitMs: options.waitMs }
    let ref: string | undefined
    const current = async () => (ref === undefined ? undefined : (await necto.context.jobs.get(ref))?.value)
    try {
      return await playThrough({ ...options, necto, story, limits, runners, onRef: (name) => (ref = name) })
    } catch (error) {
      log.error({ msg: 'broke off', ref, error: errorText(error) })
      const stopped = signal.aborted
      story.bad(
        stopped ? 'Stopped.' : error instanceof NectoError ? error.message : `It broke off: ${errorText(error)}`,
      )
      const job = await current()
      const left = isOpen(job) ? { job, alive: !broken.signal.aborted } : undefined
      if (left?.alive) {
        story.more(moneyText(left.job))
        const waitMs = Math.min(options.waitMs, BRING_BACK_MS)
        const back = { clock, signal: broken.signal, waitMs }
        await bringBack({ context: necto.context, job: left.job, story, limits: back })
      }
      const end = await current()
      const returned = end?.refunded ?? end?.settled
      if (left && returned)
        story.done(end?.refunded ? 'The deposit is back' : 'Settled, and the rest is back', {
          hash: returned.txHash,
          explorerTxUrl: necto.network.explorerTxUrl,
        })
      print(`\n${moneyText(end)}`)
      if (isOpen(end))
        print(`A Necto over the kept store goes on with it: NECTO_DATA_DIR=${path.join(folder, 'data')} ./necto start`)
      if (stopped) return 'stopped'
      return error instanceof NectoError && error.retry !== 'never' ? 'later' : 'failed'
    }
  } finally {
    for (const runner of runners) await runner.stop()
    ending.abort()
    await running
    await store.close()
  }
}

async function playThrough(options: {
  config: SmokeOptions['config']
  env: SmokeOptions['env']
  print: SmokeOptions['print']
  folder: string
  necto: OpenNecto
  story: Story
  limits: Limits
  runners: Runner[]
  onRef: (ref: string) => void
}): Promise<Outcome> {
  const { config, env, folder, necto, story, limits, runners, print } = options
  const { context, client, network } = necto
  const { SMOKE_PAYER_KEY: payerKey } = config
  if (payerKey === undefined) throw new NectoError('config.missing', 'SMOKE_PAYER_KEY is not set.')
  const payer = privateKeyToAccount(payerKey)
  const held = () => readUsdcBalance({ client, usdc: network.usdc, account: payer.address })
  const wallets = walletsOf(
    requireSettings(config, ['STORAGE_RPC_URL', 'AGENT_KEY', 'RELAY_KEY', 'STORAGE_KEY']),
    client,
  )
  const [before, gasBefore] = await Promise.all([held(), wallets()])

  story.heading('Seller')
  const keyFile = path.join(folder, 'runner.key')
  const runner = await createKeyFile(keyFile)
  const listing = await listSeller({ context, payout: payer.address, runner, limits })
  story.done('Seller listed and approved, its entry in the registry is final', {
    hash: listing.registryTx,
    explorerTxUrl: network.explorerTxUrl,
  })
  runners.push(
    await startRunner({
      apiUrl: necto.sellerApiUrl,
      chainId: network.chainId,
      keyFile,
      stateFolder: path.join(folder, 'runner'),
      logFile: path.join(folder, 'runner.log'),
      env,
      limits,
    }),
  )
  story.done(`Runner ${runner} waits for jobs, in a process of its own`)

  story.heading('Job')
  const storageExplorerTxUrl = storageExplorer(config.STORAGE_CHAIN_ID)
  const job = await playJob({ necto, payer, storageExplorerTxUrl, story, limits, onRef: options.onRef })

  story.heading('Proof')
  if (!(await prove({ necto, job, story, limits }))) throw new NectoError('smoke.verify', 'The decision does not hold.')

  story.heading('What it came to')
  const [after, gasAfter] = await Promise.all([held(), wallets()])
  const { paidMicroUsd = 0n, feeMicroUsd = 0n, refundedMicroUsd = 0n } = job.settled ?? {}
  const goneMicroUsd = before - after
  for (const [amount, what] of [
    [job.funded?.depositMicroUsd ?? 0n, 'USDC went into escrow'],
    [refundedMicroUsd, 'came back unused'],
    [paidMicroUsd, `came back as the seller's pay for ${job.usedSeconds} s`],
    [goneMicroUsd, "are gone: Necto's fee"],
  ] as const)
    print(`  ${showUsd(amount).padEnd(AMOUNT_WIDTH)} ${what}`)
  print(`  Gas: ${showGas(gasBefore, gasAfter)}`)
  if (paidMicroUsd === 0n) throw new NectoError('smoke.money', 'The seller was paid nothing.')
  if (goneMicroUsd !== feeMicroUsd)
    throw new NectoError(
      'smoke.money',
      `The payer is ${showUsd(goneMicroUsd)} USDC short, the fee was ${showUsd(feeMicroUsd)}.`,
    )
  story.heading('All of it works: escrow, relay, 0G, keeper, runner, settlement, verification.')
  return 'good'
}

async function prove(options: { necto: OpenNecto; job: Job; story: Story; limits: Limits }): Promise<boolean> {
  const { necto, job, story, limits } = options
  const { context, sources } = necto
  const files = await allStored({ context, ref: job.ref, limits })
  story.done(`Decision, receipt and log are on 0G (${files} files)`)
  story.done(`The log, read back from 0G and opened: "${await readLogBack({ context, job, sources })}"`)
  const verification = await verify(job.ref, sources)
  const lines = verificationLines(verification)
  if (verification.failed) story.bad(`./necto verify ${job.ref}`)
  else story.done(`./necto verify ${job.ref}`)
  for (const line of lines) story.more(line.trim().replace(/0x[0-9a-f]{64}/g, shortHex))
  return verification.failed === undefined
}
