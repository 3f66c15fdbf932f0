// The contract of chats against the terminal: one person, who types and reads.

import { silentLog } from '../../core/log.ts'
import { startTerminal } from '../../test/world/terminal/startTerminal.ts'
import type { Inbound, MessageRef, Place } from '../chat/inbound.ts'
import type { Chat } from '../chat/port.ts'
import type { ContractMessage, ContractWorld } from '../chat/testChatBed.ts'
import { describeChat } from '../chat/testChatContract.ts'
import type { View } from '../chat/view.ts'
import { createTerminalChat } from './index.ts'
import { createScreen } from './screen.ts'

describeChat('the terminal', openTerminal, {
  'rate limits': 'nothing limits how often a terminal is written to',
  'other people': 'one person sits there',
  'forged presses': 'a press is a number that stands on the screen, never a token',
  'deleted messages': 'what was shown cannot be taken from the screen',
  'removal of the bot': 'where the terminal ends the process ends',
})

interface Block {
  readonly messageId: string
  /** The row on which it begins. */
  readonly from: number
  readonly rows: readonly string[]
  readonly isAnswer: boolean
}

async function openTerminal(): Promise<ContractWorld> {
  const terminal = startTerminal()
  const place: Place = { platform: 'terminal', chatId: '1000', isPrivate: true, title: 'ann' }
  const blocks: Block[] = []
  const told: string[] = []
  const tokens = new Map<number, string>()
  const waiting = new Set<() => void>()
  let typed = 0

  /** What a call drew, read off the screen. */
  function watch<T>(call: () => Promise<T>): { done: Promise<T>; draw(messageId: string): void; rows: string[] } {
    const before = terminal.above()
    const done = call()
    const after = terminal.above()
    const isBelow = before.every((row, i) => row === after[i])
    return {
      done,
      rows: after.slice(before.length),
      draw(messageId) {
        const from = isBelow ? before.length : (blocks.findLast((one) => one.messageId === messageId)?.from ?? 0)
        blocks.push({ messageId, from, rows: after.slice(from), isAnswer: typed > 0 })
        for (const look of waiting) look()
      },
    }
  }

  function learn({ buttons = [] }: View): void {
    const shown = [...new Set(buttons.flat().flatMap((button) => ('token' in button ? button.token : [])))]
    const numbers = blocks.at(-1)?.rows.flatMap(numbersOf) ?? []
    for (const [i, number] of numbers.entries()) tokens.set(number, shown[i] ?? 'none')
  }

  const view = ({ messageId, rows, isAnswer }: Block): ContractMessage => {
    const text = rows.filter((row) => row.startsWith('  ') || row === '').join('\n')
    return {
      messageId,
      text: text.replaceAll(/^ {2}/gm, '').trim(),
      isAnswer,
      buttons: rows.flatMap((row) => {
        if (/^https?:/.test(row)) return [[row]]
        const pressed = numbersOf(row).map((number) => tokens.get(number) ?? 'unknown')
        return pressed.length > 0 ? [pressed] : []
      }),
      structure: [
        ...[...text.matchAll(/[a-z][a-z\d+.-]*:\/\/[^\s>]*/gi)].map(([url]) => `link ${url}`),
        ...terminal.foreign().map((sequence) => `escape ${JSON.stringify(sequence)}`),
      ],
    }
  }

  function one(messageId: string): ContractMessage {
    const found = blocks.findLast((block) => block.messageId === messageId)
    if (!found) throw new Error(`there is no message ${messageId}`)
    return view(found)
  }

  const newest = () => [...new Map(blocks.map((block) => [block.messageId, block])).values()]

  async function until<T>(look: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const check = () => {
        const found = look()
        if (found === undefined) return
        waiting.delete(check)
        resolve(found)
      }
      waiting.add(check)
      check()
    })
  }

  function type(line: string): void {
    typed++
    terminal.type(line)
  }

  return {
    teamPlace: place,
    otherPlace: { ...place, chatId: '1001' },
    annId: '1000',
    unreachable: { ...place, chatId: '1001', title: 'Bob' },
    async connect(onInbound: (event: Inbound) => Promise<void>): Promise<Chat> {
      const chat = createTerminalChat({
        screen: createScreen(terminal),
        person: { userId: '1000', name: 'ann' },
        log: silentLog,
        linkOrigins: ['https://necto.example'],
        onInbound,
        onQuit() {},
      })
      await chat.start()
      return {
        ...chat,
        async send(where, shown, options) {
          const { done, draw } = watch(() => chat.send(where, shown, options))
          const ref = await done
          draw(ref.messageId)
          learn(shown)
          return ref
        },
        async edit(ref: MessageRef, shown) {
          const { done, draw } = watch(() => chat.edit(ref, shown))
          draw(ref.messageId)
          learn(shown)
          return done
        },
        async notice(to, text) {
          const { done, draw, rows } = watch(() => chat.notice(to, text))
          if (to.kind === 'command') draw(`notice-${blocks.length}`)
          else told.push(rows.join('\n').trim())
          for (const look of waiting) look()
          return done
        },
      }
    },
    asks: (_, words) => type(`/ask ${words}`),
    async press(_, _ref, token) {
      const [number] = [...tokens].findLast(([, known]) => known === token) ?? []
      const before = told.length
      type(String(number))
      return until(() => told[before])
    },
    letsWrite() {},
    // The one chat is both.
    reads: (who) => (who === 'ann' ? [terminal.above().join('\n')] : []),
    // A line that was typed does not come again.
    redeliver() {},
    messages: () => newest().map(view),
    message: one,
    states: (messageId) => blocks.filter((block) => block.messageId === messageId).map((block) => view(block).text),
    sees: (words) =>
      until(() =>
        newest()
          .map(view)
          .findLast(({ text }) => (typeof words === 'string' ? text === words : words.test(text))),
      ),
    async deleteMessage() {},
    removeBot() {},
    limitNext() {},
    async stop() {},
  }
}

const numbersOf = (row: string): number[] =>
  row.startsWith('[') ? [...row.matchAll(/\[(\d+)\] /g)].map(([, number]) => Number(number)) : []
