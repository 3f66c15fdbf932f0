// The job page's script: fetches log and output as stored, and opens them with the key that stands behind the #.

const NONCE_BYTES = 12
const SHOWN_CHARACTERS = 200_000
const POLL_MS = 3000

const main = document.querySelector('main')
if (main) start(main)

function start(main: HTMLElement): void {
  const { token = '', jobId = '', jobRef = '', state = '', ended = '' } = main.dataset
  void showResults()
  window.addEventListener('hashchange', () => void showResults())
  if (ended !== 'yes') void reloadOnChange()

  async function showResults(): Promise<void> {
    const say = (text: string) => {
      const note = document.getElementById('key-note')
      if (note) note.textContent = text
    }
    const key = /^#key=([0-9a-fA-F]{64})$/.exec(location.hash)?.[1]
    if (!key) return
    if (!crypto.subtle) return say('This browser decrypts on https pages only.')
    const bytes = Uint8Array.from(key.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
    const opened = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['decrypt'])
    say('Opened here in your browser; the key is not sent anywhere.')
    for (const kind of ['log', 'output'] as const) await showFile(kind, opened)
  }

  async function showFile(kind: 'log' | 'output', key: CryptoKey): Promise<void> {
    const place = document.getElementById(kind)
    if (!place) return
    const say = (text: string) => place.replaceChildren(paragraph(text))
    say('Fetching…')
    const sealed = await fetchBytes(`/job/${token}/${kind}.enc`)
    if (!sealed)
      return say(
        'Our own copy is not to be had now. Reload in a minute, or get the encrypted file from 0G by the link above.',
      )
    const plain = await open(sealed, kind, key)
    if (!plain)
      return say('This key does not open this file, or the file was changed. Use the link from the chat, whole.')
    if (kind === 'log') showLog(place, plain)
    else place.replaceChildren(download(plain, `${jobRef}-output.tar`, `Save the output (tar, ${plain.length} bytes)`))
  }

  async function open(sealed: Uint8Array<ArrayBuffer>, kind: string, key: CryptoKey) {
    try {
      const additionalData = new TextEncoder().encode(`necto/${kind}/${jobId}`)
      const iv = sealed.subarray(0, NONCE_BYTES)
      const plain = await crypto.subtle.decrypt(
        { name: 'AES-GCM', iv, additionalData },
        key,
        sealed.subarray(NONCE_BYTES),
      )
      return new Uint8Array(plain)
    } catch {
      return undefined
    }
  }

  function showLog(place: HTMLElement, plain: Uint8Array<ArrayBuffer>): void {
    const text = new TextDecoder().decode(plain)
    const shown = document.createElement('pre')
    shown.tabIndex = 0
    shown.setAttribute('aria-label', 'Log')
    shown.textContent = text.slice(-SHOWN_CHARACTERS)
    const cut = text.length > SHOWN_CHARACTERS ? [paragraph('Only its end is shown; the whole log can be saved.')] : []
    place.replaceChildren(...cut, shown, download(plain, `${jobRef}.log`, 'Save the log'))
  }

  /** The page is made on the server, so a new state is a reload; the key stays, as a fragment survives it. */
  async function reloadOnChange(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      const reply = await fetch(`/job/${token}/status`, { signal: AbortSignal.timeout(20_000) }).catch(() => undefined)
      const status = reply?.ok ? ((await reply.json()) as { state?: string }) : undefined
      if (status?.state && status.state !== state) return location.reload()
    }
  }
}

async function fetchBytes(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const reply = await fetch(path, { signal: AbortSignal.timeout(60_000) })
    return reply.ok ? new Uint8Array(await reply.arrayBuffer()) : undefined
  } catch {
    return undefined
  }
}

function paragraph(text: string): HTMLElement {
  const p = document.createElement('p')
  p.textContent = text
  return p
}

function download(bytes: Uint8Array<ArrayBuffer>, name: string, label: string): HTMLElement {
  const a = document.createElement('a')
  a.className = 'button'
  a.href = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }))
  a.download = name
  a.textContent = label
  return a
}
