// The verify page's script, and that of the file for any host: reads the form, recomputes here, shows each step.
import { isAddress, isHex } from 'viem'
import { decisionHtml } from '../decisionHtml.ts'
import type { Html } from '../html.ts'
import { type Asked, type Recomputed, recompute, troubleText } from '../recompute.ts'
import { stepsHtml } from '../stepsHtml.ts'

const form = document.getElementById('verify-form')
if (form instanceof HTMLFormElement) start(form)

function start(form: HTMLFormElement): void {
  const place = (id: string) => document.getElementById(id)
  const fileInput = form.querySelector<HTMLInputElement>('input[type=file]')
  let running: AbortController | undefined

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void run()
  })
  document.addEventListener('dragover', (event) => event.preventDefault())
  document.addEventListener('drop', (event) => {
    event.preventDefault()
    const files = event.dataTransfer?.files
    if (!files?.length || !fileInput) return
    fileInput.files = files
    void run()
  })
  fileInput?.addEventListener('change', () => void run())
  if (form.dataset.kind === 'page') {
    place('here')?.removeAttribute('hidden')
    place('by-server')?.removeAttribute('open')
    void run()
  }

  /** A newer run ends the one before it. */
  async function run(): Promise<void> {
    running?.abort()
    const own = new AbortController()
    running = own
    say('Recomputing in this browser…')
    try {
      const found = await recompute(await readForm(form), own.signal)
      if (own.signal.aborted) return
      await show(found)
      say(
        found.failed
          ? `Failed at step “${found.failed}”.`
          : `${found.steps.filter(({ ok }) => ok).length} steps ran in this browser.`,
      )
    } catch (error) {
      if (own.signal.aborted) return
      for (const id of ['verify-steps', 'verify-sources']) place(id)?.replaceChildren()
      say(troubleText(error))
    }
  }

  async function show(found: Recomputed): Promise<void> {
    const steps = place('verify-steps')
    if (steps) steps.innerHTML = await textOf(stepsHtml(found.steps, found))
    place('verify-sources')?.replaceChildren(...found.sources.map(listItem))
    const decision = place('decision')
    if (decision) decision.innerHTML = await decisionText(found, decision.dataset.names)
  }

  function say(text: string): void {
    const status = place('verify-status')
    if (status) status.textContent = text
  }
}

/** What is shown is made from the bytes that were checked, so a record that fails is not put into words. */
async function decisionText({ steps, record }: Recomputed, namesJson = '{}'): Promise<string> {
  const isSound = steps.every(
    ({ step, ok }) => ok !== false || !/^(bytes|length|root|hash|canonical|schema|replay)$/.test(step),
  )
  if (!record || !isSound)
    return '<h2>The decision</h2><p>It is not shown: these bytes are not a record that holds.</p>'
  try {
    return await textOf(decisionHtml(record, JSON.parse(namesJson) as Record<string, string>))
  } catch {
    return '<h2>The decision</h2><p>It cannot be put into words here; the raw bytes have it.</p>'
  }
}

/** Templates escape whatever they are given; see bots/web/html.ts. */
const textOf = async (html: Html): Promise<string> => String(await html)

function listItem(text: string): HTMLElement {
  const item = document.createElement('li')
  item.textContent = text
  return item
}

async function readForm(form: HTMLFormElement): Promise<Asked> {
  const data = new FormData(form)
  const text = (name: string) => String(data.get(name) ?? '').trim()
  const hex = (name: string) => {
    const value = text(name)
    return isHex(value) ? value : undefined
  }
  const router = text('router')
  const chainId = Number(text('chainId'))
  const file = data.get('file')
  const isFile = file instanceof File && file.size > 0
  return {
    name: text('name'),
    root: hex('root'),
    rpcUrl: text('rpcUrl'),
    router: isAddress(router, { strict: false }) && chainId > 0 ? { chainId, router } : undefined,
    fromBlock: BigInt(/^\d+$/.test(text('fromBlock')) ? text('fromBlock') : 0),
    gatewayUrl: text('gatewayUrl'),
    copyUrl: text('copyUrl'),
    txHash: hex('txHash'),
    file: isFile ? new Uint8Array(await file.arrayBuffer()) : undefined,
  }
}
