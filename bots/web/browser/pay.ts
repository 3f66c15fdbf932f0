// The pay page's script: find a wallet, get the terms, one signature (or its own two transactions), then wait for escrow.
import { usdc } from '../../views/words.ts'
import type { DirectPayment, StatusAnswer } from '../messages.ts'
import { createNote } from './note.ts'
import { createPace, pause } from './pace.ts'
import { sendDirect } from './payDirect.ts'
import { createScreen } from './payScreen.ts'
import { createPayServer } from './server.ts'
import { fetchMain, takeOver } from './takeOver.ts'
import { readNumber, readOutcome } from './walletCalls.ts'
import { connect, type Eip1193, ensureChain, sign, type Wallet, walletTrouble, watchWallets } from './wallets.ts'

const POLL_MS = 1500
const LOOK_MS = 5000
const PERHAPS_CANCELLED_MS = 60_000
const EXPIRED = 'This quote has run out. No money moved. Ask again in the chat for a new one.'
const ON_ITS_WAY = 'Your payment is on its way into escrow. Nothing more is needed; you may close this page.'

type Way = 'sign' | 'send'
interface Payer {
  readonly provider: Eip1193
  readonly from: string
}

const main = document.querySelector('main')
if (main) start(main)

function start(main: HTMLElement): void {
  const { token = '', chainId = '', chainName = '', walletRpcUrl = '' } = main.dataset
  const chain = { id: Number(chainId), name: chainName, rpcUrl: walletRpcUrl }
  const depositMicroUsd = BigInt(main.dataset.depositMicroUsd ?? '0')
  const deposit = usdc(depositMicroUsd)
  const screen = createScreen(main)
  const server = createPayServer(token)
  const sentNote = createNote('sent', token)
  const approvalNote = createNote('approval', token)
  let wallets: readonly Wallet[] = []
  let chosen: Wallet | undefined
  let relay = main.dataset.relay
  // One thing at a time: a second click while one is under way does nothing.
  let working = false
  let following = false
  let sending = false
  let expired = false
  let stopCountdown = () => {}

  const payLabel = () => (relay === 'spent' ? `Pay ${deposit} with your own gas` : `Sign and pay ${deposit}`)
  const isOpen = () => main.dataset.phase === 'open'

  if (isOpen()) screen.busy('Looking for wallets…')
  watchWallets((found) => {
    wallets = found
    if (chosen || working || !isOpen()) return
    showChoices()
    screen.ready(payLabel())
  })
  screen.direct?.addEventListener('click', () => void once(() => pay('send')))
  screen.form?.addEventListener('submit', (event) => {
    event.preventDefault()
    void once(() => pay(relay === 'spent' ? 'send' : 'sign'))
  })
  if (isOpen()) {
    if (relay === 'spent') screen.onlyDirect()
    stopCountdown = screen.countDown(() => {
      expired = true
      if (!working) expire()
    })
    void watchOpen()
  }
  if (!isOpen() || sentNote.read()) void follow()

  function showChoices(): void {
    chosen = undefined
    screen.showWallets(wallets, (wallet) => void once(async () => void (await choose(wallet))))
  }

  function showConnected(account: string, wallet: Wallet): void {
    screen.connected(
      `Connected: ${account} with ${wallet.name}.`,
      wallets.length > 1 ? () => !working && showChoices() : undefined,
    )
  }

  async function once(task: () => Promise<void>): Promise<void> {
    if (working) return
    working = true
    sending = false
    try {
      await task()
    } catch (error) {
      screen.progress([])
      screen.say(walletTrouble(error, chain, sending), 'bad')
      screen.ready(payLabel())
    } finally {
      working = false
      if (expired) expire()
    }
  }

  function expire(): void {
    if (!isOpen() || following) return
    screen.close()
    screen.progress([])
    screen.say(EXPIRED, 'bad')
    main.dataset.phase = 'closed'
  }

  /** Whether the wallet is connected and on the chain. */
  async function choose(wallet: Wallet): Promise<boolean> {
    screen.say('Look at your wallet: it asks whether this page may see your account.')
    const account = await connect(wallet.provider)
    chosen = wallet
    screen.fillRefundTo(account)
    showConnected(account, wallet)
    return switchChain(wallet)
  }

  async function switchChain(wallet: Wallet): Promise<boolean> {
    screen.say(`Looking whether your wallet is on ${chain.name}; if not, it asks you to switch.`)
    const ready = await ensureChain(wallet.provider, chain)
    if (ready) screen.rest()
    else
      screen.say(
        `Your wallet is on another chain. Switch it to ${chain.name} (chain ${chain.id}) and try again. No money moved.`,
        'bad',
      )
    return ready
  }

  /** The wallet, its account as it is now, on the right chain; undefined: it was said what is missing. */
  async function prepare(): Promise<Payer | undefined> {
    screen.sayField('')
    const [only] = wallets
    if (!chosen && only && wallets.length === 1) {
      const review = isOpen() && screen.refundTo() === ''
      if (!(await choose(only))) return undefined
      if (review) {
        screen.say('Connected. Check the refund address and the terms, then press once more.')
        return undefined
      }
    }
    if (!chosen) {
      const none = 'There is no wallet in this browser to pay with. No money moved.'
      screen.say(wallets.length > 1 ? 'Choose a wallet first.' : none, 'bad')
      return undefined
    }
    const { provider } = chosen
    screen.busy('Getting the terms…')
    // The account may have been changed in the wallet since.
    const from = await connect(provider)
    showConnected(from, chosen)
    if (await switchChain(chosen)) return { provider, from }
    screen.ready(payLabel())
    return undefined
  }

  async function pay(way: Way): Promise<void> {
    const payer = await prepare()
    if (!payer) return
    const { provider, from } = payer
    if (!isOpen()) {
      const direct = await server.direct(from)
      return direct.ok ? payDirectly(payer, direct) : refused(direct)
    }
    const issued = await server.terms({ refundTo: screen.refundTo(), from })
    if (!issued.ok) return refused(issued)
    screen.showTermsHash(issued.jobId)
    if (way === 'send' && issued.direct) return payDirectly(payer, issued.direct)
    if (issued.direct && (await isShort(payer, issued.direct))) return
    screen.busy('Waiting for your wallet…')
    const end = (hex: string) => `…${hex.slice(-4)}`
    screen.say(`Look at your wallet and compare: ${deposit} to ${end(issued.router)}, nonce ${end(issued.jobId)}.`)
    const signature = await sign(provider, from, issued.typedData)
    screen.busy('Sending the signature…')
    const { jobId, depositMicroUsd: value, validAfter, validBefore } = issued
    const { refundTo } = issued.terms
    await handIn({ jobId, refundTo, chainId: issued.chainId, from, value, validAfter, validBefore, signature })
  }

  /** Whether the wallet holds too little, which is said; a wallet that does not tell is not asked twice. */
  async function isShort({ provider }: Payer, direct: DirectPayment): Promise<boolean> {
    const held = await readNumber(provider, direct.balance)
    if (held === undefined || held >= depositMicroUsd) return false
    screen.say(
      `This wallet holds ${usdc(held)} on ${chain.name}; ${usdc(depositMicroUsd - held)} are missing. Nothing was signed and no money moved. Send USDC there, or connect another wallet, and try again.`,
      'bad',
    )
    screen.ready(payLabel())
    return true
  }

  /** The signature is given once; from then on only the server's answer is missing. */
  async function handIn(body: object): Promise<void> {
    const pace = createPace({ firstMs: 1000, lastMs: 15_000 })
    for (;;) {
      const accepted = await server.authorize(body)
      if (accepted.ok) return void follow()
      // It may have arrived before, without its answer.
      const mayBeOurs = accepted.code === 'already-paid' || accepted.code === 'no-answer'
      if (mayBeOurs && (await server.status())?.phase === 'paying') return void follow()
      if (accepted.code !== 'no-answer') return refused(accepted)
      if (expired) {
        main.dataset.phase = 'closed'
        screen.close()
        return screen.say(
          'The server did not answer before the quote ran out. If your signature had not arrived, no money moved; the chat says so.',
          'bad',
        )
      }
      screen.say(
        'The server does not answer. Your signature is kept in this page and sent again by itself. It can pay for this job only, and once. Keep the page open.',
        'bad',
      )
      await pace.next()
    }
  }

  async function payDirectly(payer: Payer, direct: DirectPayment): Promise<void> {
    if (await isShort(payer, direct)) return
    screen.busy('Waiting for your wallet…')
    sending = true
    const hash = await sendDirect({
      ...payer,
      chainId: chain.id,
      direct,
      depositMicroUsd,
      deposit,
      screen,
      approvalNote,
    })
    if (!hash) return screen.ready(payLabel())
    sentNote.keep(hash)
    void follow()
  }

  function refused({ code, why }: { code: string; why: string }): void {
    screen.progress([])
    if (code === 'bad-address') {
      screen.say('')
      screen.sayField(why)
    } else screen.say(why, 'bad')
    if (code === 'expired' || code === 'already-paid') screen.close()
    else screen.ready(payLabel())
    if (code === 'relay-spent') setRelay('spent')
  }

  function setRelay(now: string): void {
    if (relay === now) return
    relay = now
    if (now === 'spent') screen.onlyDirect()
    if (!working && wallets.length > 0) screen.ready(payLabel())
  }

  /** Another tab may pay, the relay may run dry, the quote may end: all while this page stands open. */
  async function watchOpen(): Promise<void> {
    while (isOpen()) {
      await pause(LOOK_MS)
      if (!isOpen() || working || following) continue
      const status = await server.status()
      if (!status || working || following) continue
      setRelay(status.relay)
      if (status.phase === 'paying') void follow()
      else if (status.phase !== 'open') ended(status)
    }
  }

  /** From sent to escrow; says what the server and the chain say. */
  async function follow(): Promise<void> {
    if (following) return
    following = true
    const sinceMs = Date.now()
    screen.close()
    screen.say(ON_ITS_WAY)
    for (;;) {
      const sent = sentNote.read()
      const status = await server.status()
      const provider = (chosen ?? wallets[0])?.provider
      if (!status)
        screen.say('No connection to the server just now; your payment is not lost by that. Trying again…', 'bad')
      else if (status.phase === 'paying') {
        main.dataset.phase = 'paying'
        if (!working) {
          screen.progress(status.progress ?? [])
          screen.say(status.isSlow ? status.text : ON_ITS_WAY, '', status)
        }
        if (status.isSlow && !sent) screen.offerDirect()
      } else if (sent && (status.phase === 'open' || status.state === 'signed')) {
        // Also after the quote's end: whether it was in time, the chain says.
        screen.say('Your transaction was sent; waiting until it is in a block. You may close this page.')
        if (Date.now() - sinceMs > PERHAPS_CANCELLED_MS) screen.offerAgain(startAgain)
      } else return ended(status)
      if (sent && provider && (await readOutcome(provider, sent)) === 'reverted') return reverted(status)
      await pause(POLL_MS)
    }
  }

  function startAgain(): void {
    sentNote.drop()
    location.reload()
  }

  function reverted(status: StatusAnswer | undefined): void {
    sentNote.drop()
    following = false
    screen.progress([])
    screen.say(
      'The escrow refused your transaction: the quote may have run out, or the job was paid already. Only gas was spent, no USDC moved. Reload the page to see where the job stands.',
      'bad',
    )
    main.dataset.phase = status?.phase === 'paying' ? 'paying' : 'closed'
  }

  function ended(status: StatusAnswer): void {
    main.dataset.phase = status.phase
    stopCountdown()
    screen.close()
    screen.progress([])
    if (status.phase !== 'open') sentNote.drop()
    if (status.phase === 'escrow') {
      screen.showPaid(status)
      void showDeposit()
    }
    // Handed back: the reason stands on the reloaded page, with the form.
    else if (status.phase === 'open') location.reload()
    else screen.say(status.text, 'bad')
  }

  /** What the payer's wallet can do from now on stands in the page as it would come now. */
  async function showDeposit(): Promise<void> {
    const fresh = await fetchMain(location.pathname)
    if (fresh) takeOver(fresh, 'deposit')
  }
}
