// For tests of the terminal: the chat over the stand-in, with everything it handed over.

import { silentLog } from '../../core/log.ts'
import { startTerminal } from '../../test/world/terminal/startTerminal.ts'
import type { Inbound, Place } from '../chat/inbound.ts'
import { createTerminalChat } from './index.ts'
import { createScreen } from './screen.ts'

export const annsPlace: Place = { platform: 'terminal', chatId: '1000', isPrivate: true, title: 'ann' }

/** Ann at a terminal, or at the other end of a pipe. */
export async function openTestTerminal(options: Parameters<typeof startTerminal>[0] = {}) {
  const terminal = startTerminal(options)
  const received: Inbound[] = []
  let quits = 0
  let fault: Error | undefined
  const arrivals = new Set<() => void>()
  const screen = createScreen(terminal)
  const chat = createTerminalChat({
    screen,
    person: { userId: '1000', name: 'ann' },
    log: silentLog,
    linkOrigins: ['https://necto.example'],
    async onInbound(event) {
      if (fault) throw fault
      received.push(event)
      for (const look of arrivals) look()
    },
    onQuit() {
      quits++
      for (const look of arrivals) look()
    },
  })
  await chat.start()
  const until = (isSo: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!isSo()) return
        arrivals.delete(look)
        resolve()
      }
      arrivals.add(look)
      look()
    })
  return {
    terminal,
    screen,
    chat,
    received,
    quits: () => quits,
    hasQuit: () => until(() => quits > 0),
    failWith(error: Error | undefined) {
      fault = error
    },
    /** Types a line; what it was handed over as. */
    async says(line: string): Promise<Inbound> {
      const before = received.length
      terminal.type(line)
      await until(() => received.length > before)
      return received[before] as Inbound
    },
  }
}
