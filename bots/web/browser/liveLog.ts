// Follows the log of a running job: fetched in encrypted parts, opened here, asked for less often while nothing comes.
import { createLogView } from './logView.ts'
import { createPace } from './pace.ts'
import type { ResultKey } from './resultKey.ts'

const TIMEOUT_MS = 20_000

/** Until the log has moved to its stored copy, or `isOver` says that this view is gone. */
export async function followLog(options: {
  place: HTMLElement
  token: string
  jobRef: string
  key: ResultKey
  isOver: () => boolean
}): Promise<void> {
  const { place, token, jobRef, key, isOver } = options
  const view = createLogView(place, { name: jobRef, label: 'Live log', follows: true })
  const pace = createPace({ firstMs: 1000, lastMs: 10_000 })
  let next = 0
  view.say('Waiting for its first line…')
  while (!isOver()) {
    const reply = await fetchPart(next)
    if (isOver()) return
    if (reply === 'unreachable') view.say('No connection just now; nothing is lost by that. Trying again…')
    else if (reply === 'gone') {
      view.say('The job has ended; its log and output are being stored and appear here.')
      return view.end()
    } else if (reply.sealed) {
      const plain = await key.open(reply.sealed, `log-${next}-${reply.next}`)
      if (!plain) {
        view.say('This key does not open this log. Use the link from the chat, whole.')
        return view.end()
      }
      view.append(plain)
      view.say('The job is running; new lines appear by themselves.')
      next = reply.next
      pace.again()
    } else if (next > 0) view.say('The job is running; new lines appear by themselves.')
    await pace.next()
  }

  async function fetchPart(from: number) {
    try {
      const reply = await fetch(`/job/${token}/tail?from=${from}`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
      if (reply.status === 404) return 'gone'
      if (!reply.ok) return 'unreachable'
      const sealed = reply.status === 204 ? undefined : new Uint8Array(await reply.arrayBuffer())
      return { sealed, next: Number(reply.headers.get('Log-Next')) }
    } catch {
      return 'unreachable'
    }
  }
}
