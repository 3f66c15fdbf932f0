// The log of a verb that somebody waits for: what went wrong in a line of words, nothing else.
import type { Log, LogFields } from '../../core/log.ts'
import { oneLine } from './terminalText.ts'

/** "token prices cannot be read (coingecko)". Details are for a service's log; here the answer says what is missing. */
export function createTerminalLog(warn: (text: string) => void): Log {
  const tell = ({ msg, source }: LogFields) => warn(oneLine(typeof source === 'string' ? `${msg} (${source})` : msg))
  const log: Log = { info() {}, warn: tell, error: tell, child: () => log }
  return log
}
