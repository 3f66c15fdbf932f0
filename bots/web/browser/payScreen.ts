// The parts of the pay page that its script speaks through: one message, the form, the wallets, the countdown.
import type { ProgressStep, StatusAnswer } from '../messages.ts'
import { type Look, sayIn, showSteps, stressed } from './elements.ts'
import type { Wallet } from './wallets.ts'

export type Screen = ReturnType<typeof createScreen>

export function createScreen(main: HTMLElement) {
  const find = <E extends HTMLElement>(id: string) => document.getElementById(id) as E | null
  const status = find('status')
  const form = find<HTMLFormElement>('pay')
  const input = find<HTMLInputElement>('refundTo')
  const button = find<HTMLButtonElement>('submit')
  const direct = find<HTMLButtonElement>('pay-direct')
  const wallets = find('wallets')
  const fieldError = find('refundTo-error')
  const opening = {
    text: status?.textContent ?? '',
    look: (status?.classList.contains('bad') ? 'bad' : '') as Look,
  }
  // A press without an address connects the wallet, which brings one; the browser's own check would be in the way.
  if (form) form.noValidate = true
  if (direct) direct.hidden = false
  offerCopy(find<HTMLButtonElement>('copy-link'))

  const screen = {
    form,
    direct,
    refundTo: () => input?.value.trim() ?? '',
    fillRefundTo(address: string) {
      if (input && input.value.trim() === '') input.value = address
    },
    /** The one message; 'bad' and 'good' only colour what the words say. */
    say(text: string, look: Look = '', tx: Pick<StatusAnswer, 'txHash' | 'txUrl'> = {}) {
      sayIn(status, { text, look, tx })
    },
    sayField(text: string) {
      if (!fieldError || !input) return
      fieldError.textContent = text
      input.toggleAttribute('aria-invalid', text !== '')
      if (text !== '') input.focus()
    },
    ready(label: string) {
      if (button) button.textContent = label
      for (const one of [button, direct]) if (one) one.disabled = false
    },
    busy(label: string) {
      if (button) button.textContent = label
      for (const one of [button, direct]) if (one) one.disabled = true
    },
    /** What stood there when the page came: why a payment was handed back, or that the gas is spent. */
    rest: () => screen.say(opening.text, opening.look),
    /** Nothing more can be done here. */
    close() {
      window.scrollTo({ top: 0 })
      for (const id of ['pay', 'validity', 'signed', 'phone', 'direct']) find(id)?.setAttribute('hidden', '')
    },
    /** The way with one's own gas, unfolded. */
    offerDirect() {
      const section = find<HTMLDetailsElement>('direct')
      if (!section?.hidden && section?.open) return
      section?.removeAttribute('hidden')
      section?.setAttribute('open', '')
      if (direct) direct.disabled = false
    },
    /** The one button does it then, and a second would only make people wonder. */
    onlyDirect() {
      screen.offerDirect()
      direct?.setAttribute('hidden', '')
    },
    progress(steps: readonly ProgressStep[]) {
      showSteps(find('progress'), steps)
    },
    showTermsHash(hash: string) {
      find('terms-hash')?.replaceChildren(stressed(hash))
    },
    showWallets(list: readonly Wallet[], choose: (wallet: Wallet) => void) {
      if (!wallets) return
      wallets.hidden = false
      // What a phone needs is in the way where there is a wallet, and the next step where there is none.
      find('phone')?.toggleAttribute('open', list.length === 0)
      wallets.replaceChildren(...(list.length === 0 ? [noWallet(find('phone') !== null)] : list.map(choice)))
      function choice(wallet: Wallet): HTMLElement {
        const made = document.createElement('button')
        made.type = 'button'
        made.className = 'wallet'
        if (wallet.icon) made.append(icon(wallet.icon))
        made.append(`Connect ${wallet.name}`)
        made.addEventListener('click', () => choose(wallet))
        return made
      }
    },
    connected(text: string, other?: () => void) {
      wallets?.replaceChildren(text)
      if (!other) return
      const made = document.createElement('button')
      made.type = 'button'
      made.textContent = 'Use another wallet'
      made.addEventListener('click', other)
      wallets?.append(' ', made)
    },
    /** For a transaction that may never come: its sender knows. */
    offerAgain(again: () => void) {
      if (find('again')) return
      const made = document.createElement('button')
      made.id = 'again'
      made.type = 'button'
      made.textContent = 'I cancelled it in the wallet: start again'
      made.addEventListener('click', again)
      find('progress')?.after(made)
    },
    showPaid(paid: StatusAnswer) {
      screen.progress([])
      find('again')?.remove()
      screen.say(paid.text, 'good', paid)
      find('job-link')?.removeAttribute('hidden')
    },
    /** Counts down to `expiresMs` of the server's clock and calls `over` once. */
    countDown(over: () => void) {
      const shown = find('countdown')
      const ahead = Date.now() - Number(main.dataset.nowMs)
      const expiresMs = Number(main.dataset.expiresMs)
      const timer = setInterval(tick, 1000)
      tick()
      function tick() {
        const seconds = Math.max(0, Math.ceil((expiresMs - (Date.now() - ahead)) / 1000))
        if (shown) shown.textContent = ` (${Math.floor(seconds / 60)}\u00A0min ${seconds % 60}\u00A0s left)`
        if (seconds > 0) return
        clearInterval(timer)
        over()
      }
      return () => clearInterval(timer)
    },
  }
  return screen
}

const noWallet = (canOpenInApp: boolean): string =>
  `No wallet was found in this browser. ${canOpenInApp ? 'Open this page in your wallet app: the links and the code are below' : 'Open this page in the browser of your wallet app'}, or use a browser with a wallet extension. Nothing can be paid until then.`

function icon(src: string): HTMLElement {
  const image = document.createElement('img')
  image.src = src
  // Its name stands beside it.
  image.alt = ''
  return image
}

function offerCopy(button: HTMLButtonElement | null): void {
  // Browsers give the clipboard to https pages only.
  if (!button || !navigator.clipboard) return
  button.hidden = false
  button.addEventListener('click', async () => {
    const { origin, pathname } = location
    const copied = await navigator.clipboard.writeText(`${origin}${pathname}`).then(
      () => true,
      () => false,
    )
    button.textContent = copied ? 'Copied. Whoever has this link can pay' : 'Copy it from the address bar'
  })
}
