// The parts of the pay page that its script speaks through: one message, the form, the wallets, the countdown.
import type { StatusAnswer } from '../messages.ts'
import type { Wallet } from './wallets.ts'

export type Screen = ReturnType<typeof createScreen>

export function createScreen(main: HTMLElement) {
  const find = <E extends HTMLElement>(id: string) => document.getElementById(id) as E | null
  const status = find('status')
  const form = find<HTMLFormElement>('pay')
  const input = find<HTMLInputElement>('refundTo')
  const button = find<HTMLButtonElement>('submit')
  const wallets = find('wallets')
  const fieldError = find('refundTo-error')
  // A press without an address connects the wallet, which brings one; the browser's own check would be in the way.
  if (form) form.noValidate = true

  return {
    form,
    refundTo: () => input?.value.trim() ?? '',
    fillRefundTo(address: string) {
      if (input && input.value.trim() === '') input.value = address
    },
    /** The one message; 'bad' and 'good' only colour what the words say. */
    say(text: string, look: '' | 'bad' | 'good' = '') {
      if (!status) return
      status.className = `message ${look}`
      status.textContent = text
    },
    sayField(text: string) {
      if (!fieldError || !input) return
      fieldError.textContent = text
      input.toggleAttribute('aria-invalid', text !== '')
      if (text !== '') input.focus()
    },
    ready(label: string) {
      if (!button) return
      button.textContent = label
      button.disabled = false
    },
    busy(label: string) {
      if (!button) return
      button.textContent = label
      button.disabled = true
    },
    /** Nothing more can be done here. */
    close() {
      for (const id of ['pay', 'validity', 'signed']) find(id)?.setAttribute('hidden', '')
    },
    showWallets(list: readonly Wallet[], choose: (wallet: Wallet) => void) {
      if (!wallets) return
      wallets.hidden = false
      wallets.replaceChildren(
        ...(list.length === 0
          ? [
              'No wallet was found in this browser. Open this page in the browser of your wallet app, or in one with a wallet extension.',
            ]
          : list.map((wallet) => {
              const choice = document.createElement('button')
              choice.type = 'button'
              choice.textContent = `Connect ${wallet.name}`
              choice.addEventListener('click', () => choose(wallet))
              return choice
            })),
      )
    },
    connected(text: string) {
      wallets?.replaceChildren(text)
    },
    showPaid({ text, txHash, txUrl }: StatusAnswer) {
      this.say(text, 'good')
      if (txHash) status?.append(' ', txUrl ? link(txUrl, 'Transaction') : code(txHash))
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
}

function link(href: string, text: string): HTMLElement {
  const a = document.createElement('a')
  a.href = href
  a.textContent = text
  return a
}

function code(text: string): HTMLElement {
  const element = document.createElement('code')
  element.textContent = text
  return element
}
