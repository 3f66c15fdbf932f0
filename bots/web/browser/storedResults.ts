// A finished job's log and output: fetched as stored, opened with the key, held against the seller's receipt, shown and saved.
import { isStoredUnder, readReceipt, type Signer } from '../readReceipt.ts'
import { download, paragraph } from './elements.ts'
import { createLogView } from './logView.ts'
import type { ResultKey } from './resultKey.ts'

const TIMEOUT_MS = 60_000

export async function showStored(options: {
  token: string
  jobRef: string
  key: ResultKey
  signer: Signer
}): Promise<void> {
  const { token, jobRef, key, signer } = options
  const isSigned = await fetchReceipt({ token, key, signer })
  for (const kind of ['log', 'output'] as const) {
    const place = document.getElementById(kind)
    if (!place) continue
    const say = (text: string) => place.replaceChildren(paragraph(text))
    say('Fetching…')
    const sealed = await fetchBytes(`/job/${token}/${kind}.enc`)
    const isIt = sealed && isStoredUnder(place.dataset.root, sealed)
    const plain = isIt ? await key.open(sealed, kind) : undefined
    if (!sealed) {
      say('Our own copy is not to be had now. Reload in a minute, or get the encrypted file from 0G by the link above.')
    } else if (!isIt) {
      say(
        'What the server sent is not what lies on 0G under this root. Get the encrypted file from 0G by the link above.',
      )
    } else if (!plain) {
      say('This key does not open this file, or the file was changed. Use the link from the chat, whole.')
    } else if (kind === 'log') createLogView(place, { name: jobRef, label: 'Log', follows: false }).append(plain)
    else place.replaceChildren(download(plain, `${jobRef}-output.tar`, `Save the output (tar, ${plain.length} bytes)`))
    if (plain && isSigned) {
      const said = (await isSigned(kind, plain))
        ? 'Checked here: the seller signed for exactly these bytes.'
        : 'Careful: these are not the bytes that the seller signed for.'
      place.append(paragraph(said))
    }
  }
}

async function fetchReceipt(options: { token: string; key: ResultKey; signer: Signer }) {
  const { token, key, signer } = options
  const bytes = await fetchBytes(`/job/${token}/evidence.json`)
  if (!bytes) return undefined
  const evidence: unknown = JSON.parse(new TextDecoder().decode(bytes))
  return readReceipt({ evidence, signer, openSalt: (sealed) => key.open(sealed, 'salt') })
}

async function fetchBytes(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const reply = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    return reply.ok ? new Uint8Array(await reply.arrayBuffer()) : undefined
  } catch {
    return undefined
  }
}
