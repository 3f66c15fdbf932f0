// The link page's script: find a wallet, get the text for it, one signature, and say in words what came of it.
import type { LinkedAnswer, LinkMessageAnswer, RefusalAnswer } from '../messages.ts'
import { connect, signText, type Wallet, watchWallets, whatWalletSaid } from './wallets.ts'

const TIMEOUT_MS = 30_000
/** After these nothing on this page can be tried again. */
const OVER = new Set(['expired', 'used', 'void-link', 'unknown-link', 'change-waits'])

const main = document.querySelector('main')
const form = document.querySelector<HTMLFormElement>('form#link')
if (main && form) start(main, form)

function start(main: HTMLElement, form: HTMLFormElement): void {
  const { token = '', purpose = 'link' } = main.dataset
  const find = <E extends HTMLElement>(id: string) => document.getElementById(id) as E | null
  const [status, choices, codeError] = [find('status'), find('wallets'), find('code-error')]
  const code = find<HTMLInputElement>('code')
  const button = find<HTMLButtonElement>('submit')
  const label = button?.textContent ?? ''
  let wallets: readonly Wallet[] = []
  // One thing at a time: a second click while one is under way does nothing.
  let working = false

  form.hidden = false
  form.noValidate = true
  watchWallets((found) => {
    wallets = found
    if (!working) showWallets()
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const [only] = wallets
    if (only && wallets.length === 1) void once(only)
    else say(only ? 'Choose a wallet first.' : 'There is no wallet in this browser to sign with.', 'bad')
  })

  function showWallets(): void {
    choices?.replaceChildren(...(wallets.length === 0 ? [NO_WALLET] : wallets.length === 1 ? [] : wallets.map(choice)))
    if (button) button.hidden = wallets.length !== 1
  }

  function choice(wallet: Wallet): HTMLElement {
    const element = document.createElement('button')
    element.type = 'button'
    element.textContent = `Sign with ${wallet.name}`
    element.addEventListener('click', () => void once(wallet))
    return element
  }

  async function once(wallet: Wallet): Promise<void> {
    if (working) return
    const typed = code?.value.replace(/\s/g, '') ?? ''
    sayCode(code && !/^\d{6}$/.test(typed) ? 'Type the six digits from the chat.' : '')
    if (code && !/^\d{6}$/.test(typed)) return
    working = true
    busy(true)
    try {
      await sign(wallet, typed)
    } catch (error) {
      say(`${whatWalletSaid(error)} Nothing was linked. You can try again.`, 'bad')
    } finally {
      working = false
      busy(false)
    }
  }

  async function sign(wallet: Wallet, typed: string): Promise<void> {
    say('Look at your wallet: it asks whether this page may see your account.')
    const address = await connect(wallet.provider)
    const asked = await post<LinkMessageAnswer>('message', { purpose, code: typed, address })
    if (!asked.ok) return refused(asked)
    say('Look at your wallet and compare: this site’s address, and the id above. Then sign.')
    const signature = await signText(wallet.provider, address, asked.message)
    say('Sending the signature…')
    const taken = await post<LinkedAnswer>('signature', { purpose, code: typed, message: asked.message, signature })
    if (!taken.ok) return refused(taken)
    // The page then shows the change, with what the old wallet can do about it.
    if (taken.outcome === 'waiting') return location.reload()
    say(taken.text, 'good')
    form.hidden = true
  }

  function refused({ code: reason, why }: { code: string; why: string }): void {
    if (reason === 'wrong-code') {
      say('')
      sayCode(why)
      return
    }
    say(why, 'bad')
    if (OVER.has(reason)) form.hidden = true
  }

  function say(text: string, look: '' | 'bad' | 'good' = ''): void {
    if (!status) return
    status.className = `message ${look}`
    status.textContent = text
  }

  function sayCode(text: string): void {
    if (!code || !codeError) return
    codeError.textContent = text
    code.toggleAttribute('aria-invalid', text !== '')
    if (text !== '') code.focus()
  }

  function busy(isBusy: boolean): void {
    for (const one of form.querySelectorAll('button')) one.disabled = isBusy
    if (button) button.textContent = isBusy ? 'Waiting for your wallet…' : label
  }

  async function post<Answer>(path: string, body: object): Promise<Answer | RefusalAnswer | NoAnswer> {
    try {
      const reply = await fetch(`/link/${token}/${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      return (await reply.json()) as Answer
    } catch {
      return { ok: false, code: 'no-answer', why: 'The server did not answer. Reload the page to see what came of it.' }
    }
  }
}

interface NoAnswer {
  readonly ok: false
  readonly code: 'no-answer'
  readonly why: string
}

const NO_WALLET =
  'No wallet was found in this browser. Open this page in the browser of your wallet app, or in one with a wallet extension.'
