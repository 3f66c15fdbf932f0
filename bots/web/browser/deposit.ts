// The script of a paid job's deposit: the wallet stops the job or has the deposit sent back; no server is asked.
import { isAddressEqual } from 'viem'
import { showDate } from '../../views/words.ts'
import { createDepositReads } from '../depositReads.ts'
import { endedText, eth, isOver } from '../depositWords.ts'
import { findDeposit, type Screen, type Verb } from './depositScreen.ts'
import { createNote } from './note.ts'
import { pause } from './pace.ts'
import { readChainSeconds, readCost, readOutcome, send } from './walletCalls.ts'
import { connect, type Eip1193, ensureChain, type Wallet, walletTrouble, watchWallets } from './wallets.ts'

const TICK_MS = 1000
const POLL_MS = 1500
/** Endpoints of one company tell a receipt and a record at different times. */
const SETTLE_MS = 10_000
const PERHAPS_CANCELLED_MS = 60_000

const main = document.querySelector('main')
if (main) start(main)

function start(main: HTMLElement): void {
  const { token = '' } = main.dataset
  const notes = { reclaim: createNote('reclaim', token), stop: createNote('stop', token) }
  /** How far this computer's clock is ahead of the server's, by the section that told its time. */
  const ahead = new WeakMap<HTMLElement, number>()
  let wallets: readonly Wallet[] = []
  let working = false
  // A newer transaction of the same page ends the waiting for the older one.
  let turn = 0

  watchWallets((found) => {
    wallets = found
    const screen = findDeposit()
    const [wallet] = found
    if (!screen || !wallet || turn > 0) return
    const verb = (['reclaim', 'stop'] as const).find((one) => notes[one].read())
    const hash = verb && notes[verb].read()
    if (hash) void follow({ screen, verb, hash, provider: wallet.provider })
  })
  main.addEventListener('click', ({ target }) => {
    const verb = target instanceof Element && target.closest<HTMLElement>('#deposit button[data-verb]')?.dataset.verb
    const screen = findDeposit()
    if (!screen || (verb !== 'reclaim' && verb !== 'stop')) return
    const [only] = wallets
    if (only && wallets.length === 1) void once(screen, verb, only)
    else if (!working) screen.chooseWallet(wallets, (wallet) => void once(screen, verb, wallet))
  })
  tick()
  setInterval(tick, TICK_MS)

  /** The buttons as the time allows; when the refund becomes possible it is unfolded once. */
  function tick(): void {
    const screen = findDeposit()
    if (!screen) return
    const { section, nowMs, afterMs } = screen
    if (!ahead.has(section)) ahead.set(section, Date.now() - nowMs)
    screen.showDue(Date.now() - (ahead.get(section) ?? 0) > afterMs)
  }

  async function once(screen: Screen, verb: Verb, wallet: Wallet): Promise<void> {
    if (working) return
    working = true
    screen.hold(true)
    screen.progress(-1)
    try {
      const hash = await sendCall(screen, verb, wallet)
      if (hash) {
        notes[verb].keep(hash)
        void follow({ screen, verb, hash, provider: wallet.provider })
      }
    } catch (error) {
      screen.hold(false)
      screen.say(walletTrouble(error, screen.chain, true), 'bad')
    } finally {
      working = false
    }
  }

  /** The hash of what was sent; undefined: nothing was, which was said. */
  async function sendCall(screen: Screen, verb: Verb, { provider }: Wallet): Promise<string | undefined> {
    const { chain, router } = screen
    screen.say('Look at your wallet: it asks whether this page may see your account.')
    const from = await connect(provider)
    screen.say(`Looking whether your wallet is on ${chain.name}; if not, it asks you to switch.`)
    const refuse = (why: string) => {
      screen.hold(false)
      screen.say(`${why} Nothing was sent.`, 'bad')
      return undefined
    }
    if (!(await ensureChain(provider, chain)))
      return refuse(`Your wallet is on another chain. Switch it to ${chain.name} (chain ${chain.id}) and try again.`)
    screen.say('Asking the chain, through your wallet, how the job stands…')
    const reads = createDepositReads(provider, screen)
    const job = await reads.job()
    if (job && isOver(job)) {
      screen.say(endedText(job, { ours: undefined, wasSent: false, credit: await reads.credit(job.refundTo) }), 'good')
      return undefined
    }
    if (verb === 'stop' && !isAddressEqual(from as `0x${string}`, screen.refundTo))
      return refuse(`Only the refund address, ${screen.refundTo}, can stop the job; your wallet shows ${from}.`)
    if (verb === 'stop' && job?.stopRequestedAtMs)
      return refuse('A stop was asked for already. Necto ends the job next.')
    const nowSeconds = verb === 'reclaim' ? await readChainSeconds(provider) : undefined
    if (nowSeconds !== undefined && nowSeconds * 1000n <= BigInt(screen.afterMs))
      return refuse(
        `The chain’s clock stands at ${showDate(Number(nowSeconds) * 1000)}, and the refund is possible only after ${showDate(screen.afterMs)}.`,
      )
    const call = { to: router, data: screen.dataOf(verb) }
    const { gas, priceWei, heldWei } = await readCost(provider, from, call)
    const costWei = gas !== undefined && priceWei !== undefined ? gas * priceWei : undefined
    if (costWei !== undefined && heldWei !== undefined && heldWei < costWei)
      return refuse(
        `The gas costs about ${eth(costWei)} now, and this wallet holds ${eth(heldWei)} on ${chain.name}. Send some there, or use another wallet.`,
      )
    const words =
      gas === undefined
        ? ''
        : ` It takes about ${gas.toLocaleString('en')} gas${costWei === undefined ? '' : `, ${eth(costWei)} now`}.`
    screen.say(
      `Look at your wallet: it sends ${verb} to the contract …${router.slice(-4)}, and no ETH or USDC with it.${words}`,
    )
    return send(provider, { from, call, chainId: chain.id })
  }

  /** From sent to what the chain says came of it. */
  async function follow(sent: { screen: Screen; verb: Verb; hash: string; provider: Eip1193 }): Promise<void> {
    const { screen, verb, hash, provider } = sent
    const { jobId, router } = screen
    turn += 1
    const own = turn
    const sinceMs = Date.now()
    let knownMs: number | undefined
    const reads = createDepositReads(provider, { router, jobId })
    screen.hold(true)
    screen.unfold()
    screen.say('Your transaction was sent; waiting until it is in a block. You may close this page.', '', hash)
    screen.progress(1)
    while (own === turn) {
      const ours = await readOutcome(provider, hash)
      const job = await reads.job()
      const isDone = job !== undefined && (isOver(job) || (verb === 'stop' && job.stopRequestedAtMs !== undefined))
      if (ours || isDone) knownMs ??= Date.now()
      const isSure = (ours && isDone) || Date.now() - (knownMs ?? Date.now()) > SETTLE_MS
      if (own !== turn) return
      if (isSure) {
        notes[verb].drop()
        screen.progress(-1)
        if (job && isOver(job)) {
          const credit = await reads.credit(job.refundTo)
          return screen.say(endedText(job, { ours, wasSent: true, credit }), 'good', hash)
        }
        screen.hold(false)
        if (isDone) screen.stopped()
        return isDone ? screen.say(STOP_ASKED, 'good', hash) : screen.say(unknownText(ours), 'bad', hash)
      }
      if (Date.now() - sinceMs > PERHAPS_CANCELLED_MS) screen.offerAgain(verb)
      await pause(POLL_MS)
    }
  }
}

const STOP_ASKED =
  'The stop is on the chain. Necto ends the job next: what was used until then is charged, the rest goes to the refund address.'

const unknownText = (ours: 'done' | 'reverted' | undefined): string =>
  ours === 'reverted'
    ? 'The escrow refused your transaction. Only its gas was spent, and the deposit is where it was. You can try again.'
    : 'Your transaction is in a block, but your wallet does not tell this page how the job stands now. Look at the transaction.'
