// Waits for a line of a chat's transcript without polling, for the stand-ins of Telegram and Discord.

export interface WaitOptions {
  /** Real milliseconds, a guard for tests that would hang; 60 s. */
  readonly timeoutMs?: number
  /** Skip this many entries of the transcript: pass its length to wait for something new. */
  readonly after?: number
}

interface Waiting<Entry> {
  /** The chat's entries so far. */
  readonly entries: () => readonly Entry[]
  /** Calls the listener with each entry the chat gets from now on; returns how to stop. */
  readonly onEntry: (listener: (entry: Entry) => void) => () => void
  readonly matches: (entry: Entry) => boolean
  /** What the chat is called in the error: `chat 5`. */
  readonly place: string
  /** An entry as the error shows it. */
  readonly line: (entry: Entry) => string
  readonly options?: WaitOptions | undefined
}

/** The first entry that matches, there already or to come; rejects with the last entries when none comes in time. */
export function waitForEntry<Entry>({ entries, onEntry, matches, place, line, options }: Waiting<Entry>) {
  const { timeoutMs = 60_000, after = 0 } = options ?? {}
  const seen = entries().slice(after).find(matches)
  if (seen) return Promise.resolve(seen)
  return new Promise<Entry>((resolve, reject) => {
    const stop = onEntry((entry) => {
      if (entries().length <= after || !matches(entry)) return
      finish()
      resolve(entry)
    })
    const timer = setTimeout(() => {
      finish()
      const shown = entries()
        .slice(-8)
        .map((entry) => `  ${line(entry)}`)
        .join('\n')
      reject(new Error(`nothing matched in ${place} within ${timeoutMs} ms; it shows:\n${shown}`))
    }, timeoutMs)
    function finish() {
      clearTimeout(timer)
      stop()
    }
  })
}
