// The log of a verb that somebody waits for: what went wrong in a line of words, nothing else.
import type { Log, LogFields } from '../../core/log.ts'
import { oneLine } from './terminalText.ts'

/**
 * "token prices cannot be read (coingecko)". Details are for a service's log; here the answer says what is missing.
 * `once`: what has been said is not repeated, for whoever sits in a conversation meanwhile.
 */
export function createTerminalLog(warn: (text: string) => void, { once = false } = {}): Log {
  const said = new Set<string>()
  function tell({ msg, source, task }: LogFields): void {
    const about = [source, task].find((value) => typeof value === 'string')
    const text = oneLine(about === undefined ? msg : `${msg} (${about})`)
    if (once && said.has(text)) return
    said.add(text)
    warn(text)
  }
  const log: Log = { info() {}, warn: tell, error: tell, child: () => log }
  return log
}
