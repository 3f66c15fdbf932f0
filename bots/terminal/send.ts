// Our messages on the terminal: shown, rewritten while they are the last thing there, else told anew in short.
import { NectoError } from '../../core/errors.ts'
import type { MessageRef, Place } from '../chat/inbound.ts'
import type { ChatPort } from '../chat/port.ts'
import type { Button, View } from '../chat/view.ts'
import { plainLines, renderView } from './render.ts'
import type { Printed, Screen } from './screen.ts'

interface Shown {
  printed: Printed
  /** What it said when it was printed the last time; a short update tells what is new since. */
  since: readonly string[]
  lines: readonly string[]
}
interface Numbered {
  readonly token: string
  readonly label: string
  readonly message: MessageRef
}

// Older ones are told in full when they still change.
const KEPT = 500
const UPDATE = 'Update:'

/** Writes to one person's terminal. `session` keeps this run's messages apart from those of earlier ones. */
export function createSender(options: {
  screen: Screen
  place: Place
  session: string
  isAllowedLink: (url: string) => boolean
}) {
  const { screen, place, session, isAllowedLink } = options
  const messages = new Map<string, Shown>()
  const buttons = new Map<number, Numbered>()
  const sentIds: string[] = []
  let sent = 0
  let numbered = 0

  const textOptions = () => {
    const width = screen.width()
    return { isAllowedLink, ...(width !== undefined && { width }) }
  }

  /** The lines of a message; its buttons keep their numbers, and no number is ever given to another one. */
  function render(view: View, message: MessageRef): string[] {
    const known = [...buttons].filter(([, one]) => one.message.messageId === message.messageId)
    for (const [number] of known) buttons.delete(number)
    const numberOf = (token: string) => known.find(([, one]) => one.token === token)?.[0] ?? ++numbered
    const numbers = new Map<string, number>()
    for (const button of (view.buttons ?? []).flat().filter(isPressed)) {
      const number = numbers.get(button.token) ?? numberOf(button.token)
      numbers.set(button.token, number)
      buttons.set(number, { token: button.token, label: button.label, message })
    }
    return renderView(view, { ...textOptions(), numberOf: (token) => numbers.get(token) ?? 0 })
  }

  function keep(message: MessageRef, shown: Shown): void {
    messages.delete(message.messageId)
    messages.set(message.messageId, shown)
    const [oldest] = messages.keys()
    if (messages.size > KEPT && oldest !== undefined) messages.delete(oldest)
  }

  const refuseOthers = (chatId: string) => {
    if (chatId === place.chatId) return
    throw new NectoError('chat.unreachable', 'Nobody else is at this terminal.', { details: chatId })
  }

  const port: Pick<ChatPort, 'send' | 'edit' | 'notice' | 'remove'> = {
    async send({ chatId }, view) {
      refuseOthers(chatId)
      const { title: _, ...chat } = place
      const message: MessageRef = { ...chat, messageId: `${session}-${++sent}` }
      sentIds.push(message.messageId)
      if (sentIds.length > KEPT) sentIds.shift()
      const lines = render(view, message)
      keep(message, { printed: screen.print(lines), since: lines, lines })
      return message
    },
    async edit(message, view) {
      if (message.chatId !== place.chatId) return 'gone'
      const known = messages.get(message.messageId)
      const lines = render(view, message)
      if (known && known.lines.join('\n') === lines.join('\n')) return 'edited'
      const isShort = known !== undefined && known.since !== known.lines
      const replaced = known && screen.replace(known.printed, isShort ? shortUpdate(known.since, lines) : lines)
      if (replaced) {
        keep(message, { printed: replaced, since: isShort ? known.since : lines, lines })
        return 'edited'
      }
      const since = known?.lines ?? []
      const isInShort = known !== undefined && screen.isTerminal
      const printed = screen.print(isInShort ? shortUpdate(since, lines) : [UPDATE, ...lines])
      keep(message, { printed, since: isInShort ? since : lines, lines })
      return 'edited'
    },
    async notice({ place: { chatId } }, text) {
      refuseOthers(chatId)
      if (text !== '') screen.print(plainLines(text, textOptions()))
    },
    // What was typed stands on the screen, and only its owner can clear that.
    remove: async () => false,
  }

  return {
    ...port,
    /** A word of ours that belongs to no message. */
    say: (text: string): void => void screen.print(plainLines(text, textOptions())),
    /** What a number presses now. */
    buttonOf: (number: number): Numbered | undefined => buttons.get(number),
    /** Whether a button stands in the message sent last of those with buttons, or in the one shown last. */
    isNear(number: number): boolean {
      const open = new Set([...buttons.values()].map(({ message }) => message.messageId))
      const shown = [...messages.keys()].filter((id) => open.has(id))
      const sentLast = sentIds.findLast((id) => open.has(id))
      const at = buttons.get(number)?.message.messageId
      return at !== undefined && (at === sentLast || at === shown.at(-1))
    },
    /** The buttons of the message shown last that has any, by number. */
    newestButtons(): readonly (readonly [number, Numbered])[] {
      const newest = [...messages.keys()].findLast((id) =>
        [...buttons.values()].some((one) => one.message.messageId === id),
      )
      return [...buttons].filter(([, { message }]) => message.messageId === newest)
    },
  }
}

const isPressed = (button: Button): button is Extract<Button, { token: string }> => 'token' in button

/** The title, what is new below it, and all buttons, which stand in the first column; in full when most is new. */
function shortUpdate(before: readonly string[], now: readonly string[]): string[] {
  const [title = '', ...rest] = now
  const isText = (line: string) => line.startsWith(' ')
  const isNew = (line: string) => isText(line) && !before.includes(line)
  const isMost = rest.filter(isNew).length > rest.filter(isText).length / 2
  return [UPDATE, title, ...(isMost ? rest : rest.filter((line) => isNew(line) || (line !== '' && !isText(line))))]
}
