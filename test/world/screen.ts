// Prints chats and chain events as they happen: edits in place on a terminal, as changed lines elsewhere.
import type { SeenEvent } from './chatWorld.ts'

export interface Screen {
  /** A heading between the parts of the story. */
  act(title: string): void
  /** One line of the teller's. */
  note(text: string): void
  chat(event: SeenEvent): void
  chain(text: string): void
}

const MAX_WIDTH = 110

/** `columns` undefined = not a terminal. */
export function createScreen(options: {
  write: (text: string) => void
  columns: number | undefined
  /** Height of the terminal: what is taller cannot be rewritten in place. */
  rows: number
  chatName: (chatId: number | string) => string
}): Screen {
  const { write, columns, rows, chatName } = options
  const width = Math.min(columns ?? MAX_WIDTH, MAX_WIDTH)
  const shown = new Map<string, readonly string[]>()
  let last: { key: string; rows: number } | undefined
  let speaker = ''

  const line = (text: string) =>
    write(`${[...text].length > width ? `${[...text].slice(0, width - 1).join('')}…` : text}\n`)

  function message(event: Extract<SeenEvent, { kind: 'message' }>): void {
    // A bot that is thinking has said nothing yet.
    if (event.text === '' && event.buttons.length === 0 && event.event !== 'deleted') return
    const key = `${event.chatId}/${event.messageId}`
    const body = [
      ...wrap(event.text, width - 4),
      ...event.buttons.map((row) => row.map(({ text, url }) => `[ ${text}${url ? ` → ${url}` : ''} ]`).join(' ')),
    ]
    const before = shown.get(key)
    shown.set(key, body)
    if (event.event === 'deleted') {
      line(`  (${event.from} deleted a message)`)
      return
    }
    const isNextEdit = event.event === 'edited' && last?.key === key
    if (columns !== undefined && isNextEdit && last && last.rows < rows) write(`\u001b[${last.rows}A\u001b[J`)
    const marks = `${event.visibleTo ? ', shown to one person' : ''}${event.event === 'edited' ? ' (edited)' : ''}`
    const header = `${event.from} in ${chatName(event.chatId)}${marks}`
    const fresh =
      columns === undefined && event.event === 'edited' && before ? body.filter((text) => !before.includes(text)) : body
    if (columns === undefined && event.event === 'edited' && fresh.length === 0) return
    if (header !== speaker || event.event === 'sent' || columns !== undefined) line(`┌ ${header}`)
    speaker = header
    for (const text of fresh) line(`│ ${text}`)
    last = { key, rows: fresh.length + 1 }
  }

  const other = (text: string) => {
    last = undefined
    speaker = ''
    line(text)
  }

  return {
    act(title) {
      other('')
      other(`━━ ${title} ${'━'.repeat(Math.max(0, width - title.length - 4))}`)
    },
    note: (text) => other(`  ${text}`),
    chain: (text) => other(`      ⛓  ${text}`),
    chat(event) {
      if (event.kind === 'message') message(event)
      else other(`  (${event.text})`)
    },
  }
}

/** Lines no wider than `width`, broken at spaces. */
function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = []
    let rest = paragraph
    while ([...rest].length > width) {
      const at = rest.lastIndexOf(' ', width)
      const cut = at > width / 2 ? at : width
      lines.push(rest.slice(0, cut))
      rest = rest.slice(cut).trimStart()
    }
    return [...lines, rest]
  })
}
