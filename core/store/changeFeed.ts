// Tells readers which documents changed: each reader has its own backlog, one entry per document.
import type { Change } from './store.ts'

export interface ChangeFeed {
  publish(change: Change): void
  watch(signal: AbortSignal): AsyncIterable<Change>
  /** Ends every watch, those to come too. */
  end(): void
}

/** A feed without readers. */
export function createChangeFeed(): ChangeFeed {
  const readers = new Set<{ offer: (change: Change) => void; end: () => void }>()
  let over = false

  return {
    publish(change) {
      for (const reader of readers) reader.offer(change)
    },
    watch(signal) {
      const backlog = new Map<string, Change>()
      let ended = over || signal.aborted
      let wake = () => {}
      const reader = {
        offer(change: Change) {
          // Deleted first, so that a document changed again goes to the end and no other waits behind it for ever.
          backlog.delete(change.id)
          backlog.set(change.id, change)
          wake()
        },
        end() {
          ended = true
          readers.delete(reader)
          signal.removeEventListener('abort', reader.end)
          backlog.clear()
          wake()
        },
      }
      // Joined here and not in the generator, whose body starts only with the first read.
      if (!ended) {
        readers.add(reader)
        signal.addEventListener('abort', reader.end, { once: true })
      }
      async function* drain(): AsyncGenerator<Change> {
        try {
          while (!ended) {
            const next = backlog.values().next().value
            if (next) {
              backlog.delete(next.id)
              yield next
            } else {
              await new Promise<void>((resolve) => {
                wake = resolve
              })
            }
          }
        } finally {
          reader.end()
        }
      }
      return drain()
    },
    end() {
      over = true
      for (const reader of readers) reader.end()
    },
  }
}
