// For tests of the adapters: what a chat handed on, and waiting for one of it.
import type { Inbound } from './inbound.ts'

export function createReceived() {
  const received: Inbound[] = []
  const watchers = new Set<() => void>()

  /** The event with this text or command, as soon as it has been received. */
  function event(matches: (event: Inbound) => boolean): Promise<Inbound> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not received; got ${JSON.stringify(received)}`)), 10_000)
      const look = () => {
        const found = received.find(matches)
        if (!found) return
        clearTimeout(timer)
        watchers.delete(look)
        resolve(found)
      }
      watchers.add(look)
      look()
    })
  }

  return {
    received,
    event,
    command: (name: string) => event((e) => e.kind === 'command' && e.name === name),
    /** For an adapter; `first` runs before an event counts as received. */
    onInbound: (first?: (event: Inbound) => Promise<void>) => async (event: Inbound) => {
      await first?.(event)
      received.push(event)
      for (const look of watchers) look()
    },
  }
}
