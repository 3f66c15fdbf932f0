// The test wallet's window: says in words what is asked of it, and waits for Approve or Reject.
import { el } from './dom.ts'
import { shadowOf } from './walletStyle.ts'

interface Asked {
  readonly title: string
  readonly text: string
  readonly rows?: readonly (readonly [string, string])[]
  readonly code?: string
}

const USDC_UNITS = 1_000_000

/** `params` of the request, of a connection the account. True when approved; closing it any other way is a no. */
export function askInPage(method: string, params: readonly unknown[]): Promise<boolean> {
  const { title, text, rows = [], code } = describe(method, params)
  const { host, root } = shadowOf('div', 'Test wallet')
  const { promise, resolve } = Promise.withResolvers<boolean>()
  let isApproved = false
  const approve = () => {
    isApproved = true
    dialog.close()
  }
  const dialog = el(
    'dialog',
    {
      'aria-labelledby': 'title',
      onclose: () => {
        host.remove()
        resolve(isApproved)
      },
    },
    el('header', {}, 'Test wallet · play money'),
    el(
      'main',
      {},
      el('h2', { id: 'title' }, title),
      el('p', {}, text),
      rows.length > 0 && el('dl', {}, ...rows.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])),
      code !== undefined && el('pre', {}, code),
      el(
        'div',
        { class: 'ends' },
        el('button', { type: 'button', onclick: () => dialog.close() }, 'Reject'),
        el('button', { type: 'button', class: 'yes', onclick: approve }, 'Approve'),
      ),
    ),
  )
  root.append(dialog)
  document.body.append(host)
  dialog.showModal()
  return promise
}

function describe(method: string, params: readonly unknown[]): Asked {
  const [first, second] = params
  switch (method) {
    case 'eth_signTypedData_v4':
      return describeTyped(String(second))
    case 'personal_sign':
      return { title: 'Sign a message', text: 'The page asks you to sign this text.', code: readable(String(first)) }
    case 'eth_sendTransaction': {
      const { to = '', data = '0x', value = '0x0' } = (first ?? {}) as { to?: string; data?: string; value?: string }
      return {
        title: 'Send a transaction',
        text: 'It goes to the local chain and pays gas there, in play money.',
        rows: [
          ['To', to],
          ['Ether', String(Number(BigInt(value)) / 1e18)],
          ['Call', data.slice(0, 10)],
        ],
      }
    }
    default:
      return {
        title: 'Connect this page?',
        text: 'It will see the address of the test wallet. Nothing is signed.',
        rows: [['Address', String(first)]],
      }
  }
}

function describeTyped(json: string): Asked {
  const { primaryType, message } = JSON.parse(json) as { primaryType: string; message: Record<string, unknown> }
  if (!primaryType.endsWith('WithAuthorization'))
    return {
      title: `Sign “${primaryType}”?`,
      text: 'The page asks you to sign this.',
      rows: Object.entries(message).map(([name, value]) => [name, plain(value)]),
    }
  const { from, to, value, validBefore, nonce } = message
  return {
    title: 'Sign this payment?',
    text: 'With this one signature the payee may take exactly this amount, once.',
    rows: [
      ['Amount', `${(Number(value) / USDC_UNITS).toFixed(2)} USDC`],
      ['To', plain(to)],
      ['From', plain(from)],
      ['Valid until', new Date(Number(validBefore) * 1000).toLocaleString()],
      ['Nonce', plain(nonce)],
    ],
  }
}

const plain = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))

/** A text that wallets get as hex. */
function readable(text: string): string {
  if (!/^0x([0-9a-f]{2})*$/i.test(text)) return text
  const bytes = Uint8Array.from(text.slice(2).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  return new TextDecoder().decode(bytes)
}
