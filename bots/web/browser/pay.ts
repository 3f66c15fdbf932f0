// The pay page's script: find a wallet, get the terms, one signature, then wait until the money is in escrow.
import type { StatusAnswer } from '../messages.ts'
import { createScreen } from './payScreen.ts'
import { createPayServer } from './server.ts'
import { connect, ensureChain, sign, type Wallet, walletTrouble, watchWallets } from './wallets.ts'

const POLL_MS = 1500
const EXPIRED = 'This quote has run out. No money moved. Ask again in the chat for a new one.'

const main = document.querySelector('main')
if (main) start(main)

function start(main: HTMLElement): void {
  const { token = '', chainId = '', chainName = '', walletRpcUrl = '', deposit = '', phase } = main.dataset
  const chain = { id: Number(chainId), name: chainName, rpcUrl: walletRpcUrl }
  const screen = createScreen(main)
  const server = createPayServer(token)
  const payLabel = `Sign and pay ${deposit}`
  let wallets: readonly Wallet[] = []
  let chosen: { wallet: Wallet; account: string } | undefined
  // One thing at a time: a second click while one is under way does nothing.
  let working = false
  let expired = false
  let stopCountdown = () => {}

  if (phase === 'paying') {
    void followPayment()
    return
  }
  screen.busy('Looking for wallets…')
  stopCountdown = screen.countDown(() => {
    expired = true
    if (!working) expire()
  })
  watchWallets((found) => {
    wallets = found
    if (chosen || working) return
    showChoices()
    screen.ready(payLabel)
  })
  screen.form?.addEventListener('submit', (event) => {
    event.preventDefault()
    void once(pay)
  })

  function showChoices(): void {
    screen.showWallets(wallets, (wallet) => void once(async () => void (await choose(wallet))))
  }

  async function once(task: () => Promise<void>): Promise<void> {
    if (working) return
    working = true
    try {
      await task()
    } catch (error) {
      screen.say(walletTrouble(error, chain), 'bad')
      screen.ready(payLabel)
    } finally {
      working = false
      if (expired) expire()
    }
  }

  function expire(): void {
    if (main.dataset.phase !== 'open') return
    screen.close()
    screen.say(EXPIRED, 'bad')
  }

  /** Whether the wallet is connected and on the chain. */
  async function choose(wallet: Wallet): Promise<boolean> {
    screen.say('Look at your wallet: it asks whether this page may see your account.')
    const account = await connect(wallet.provider)
    chosen = { wallet, account }
    screen.fillRefundTo(account)
    screen.connected(`Connected: ${account} with ${wallet.name}.`)
    return switchChain(wallet)
  }

  async function switchChain(wallet: Wallet): Promise<boolean> {
    screen.say(`Looking whether your wallet is on ${chain.name}; if not, it asks you to switch.`)
    const ready = await ensureChain(wallet.provider, chain)
    if (ready) screen.say('')
    else
      screen.say(
        `Your wallet is on another chain. Switch it to ${chain.name} (chain ${chain.id}) and try again. No money moved.`,
        'bad',
      )
    return ready
  }

  async function pay(): Promise<void> {
    screen.sayField('')
    const [only] = wallets
    if (!chosen && only && wallets.length === 1) {
      const review = screen.refundTo() === ''
      if (!(await choose(only))) return
      if (review) return screen.say('Connected. Check the refund address and the terms, then press once more.')
    }
    if (!chosen) {
      return screen.say(
        wallets.length > 1 ? 'Choose a wallet first.' : 'There is no wallet in this browser to sign with.',
        'bad',
      )
    }
    const { wallet } = chosen
    screen.busy('Getting the terms…')
    // The account may have been changed in the wallet since.
    const from = await connect(wallet.provider)
    screen.connected(`Connected: ${from} with ${wallet.name}.`)
    if (!(await switchChain(wallet))) return screen.ready(payLabel)
    const issued = await server.terms({ refundTo: screen.refundTo(), from })
    if (!issued.ok) return refused(issued)
    screen.busy('Waiting for your wallet…')
    const end = (hex: string) => `…${hex.slice(-4)}`
    screen.say(`Look at your wallet and compare: ${deposit} to ${end(issued.router)}, nonce ${end(issued.jobId)}.`)
    const signature = await sign(wallet.provider, from, issued.typedData)
    screen.busy('Sending the signature…')
    const { jobId, depositMicroUsd: value, validAfter, validBefore } = issued
    const body = { jobId, chainId: issued.chainId, from, value, validAfter, validBefore, signature }
    const accepted = await server.authorize(body)
    if (accepted.ok) return followPayment()
    // It may have arrived all the same; the status knows.
    if (accepted.code === 'no-answer' && (await server.status())?.phase === 'paying') return followPayment()
    refused(accepted)
  }

  function refused({ code, why }: { code: string; why: string }): void {
    if (code === 'bad-address') {
      screen.say('')
      screen.sayField(why)
    } else screen.say(why, 'bad')
    if (code === 'expired' || code === 'already-paid') screen.close()
    else screen.ready(payLabel)
  }

  async function followPayment(): Promise<void> {
    main.dataset.phase = 'paying'
    screen.close()
    screen.say('Your authorization is on its way into escrow. Nothing more is needed; you may close this page.')
    for (;;) {
      const status = await server.status()
      if (!status) screen.say('No connection to the server just now; your authorization is stored there. Trying again…')
      else if (status.phase !== 'paying') return paymentEnded(status)
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }

  function paymentEnded(status: StatusAnswer): void {
    main.dataset.phase = status.phase
    stopCountdown()
    if (status.phase === 'escrow') screen.showPaid(status)
    // Handed back: the reason stands on the reloaded page, with the form.
    else if (status.phase === 'open') location.reload()
    else screen.say(status.text, 'bad')
  }
}
