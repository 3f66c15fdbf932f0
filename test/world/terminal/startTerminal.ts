// A terminal with nobody's programs in it: takes keys, draws what comes, and keeps what it was not meant to be sent.
import { PassThrough, Writable } from 'node:stream'
import { createCells } from './cells.ts'

/** `isTerminal: false` is a pipe: bytes as they come. */
export function startTerminal({ columns = 80, rows = 40, isTerminal = true } = {}) {
  const size = { columns, rows }
  const input = new PassThrough()
  const cells = createCells(size)
  const listeners = new Set<() => void>()
  let written = ''
  const output = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      written += chunk
      cells.write(chunk)
      for (const listener of listeners) listener()
      done()
    },
  })
  // readline asks the stream itself where a long line breaks.
  Object.defineProperty(output, 'columns', { get: () => size.columns })
  return {
    input,
    output,
    isTerminal,
    size: () => ({ ...size }),
    resize(to: { columns: number; rows: number }) {
      Object.assign(size, to)
    },
    /** Types a line and presses Enter. */
    type: (line: string) => void input.write(isTerminal ? `${line}\r` : `${line}\n`),
    /** Single keys, as they are sent. */
    press: (keys: string) => void input.write(keys),
    /** The rows above the line that is typed on. */
    above: () => cells.rows().slice(0, cells.cursorRow()),
    rows: cells.rows,
    /** Control sequences other than those that move the cursor about the rows of ours. */
    foreign: cells.foreign,
    written: () => written,
    /** Resolves once the rows show this. */
    async shows(words: string | RegExp): Promise<void> {
      const isThere = () => {
        const text = cells.rows().join('\n')
        return typeof words === 'string' ? text.includes(words) : words.test(text)
      }
      await new Promise<void>((resolve) => {
        const look = () => {
          if (!isThere()) return
          listeners.delete(look)
          resolve()
        }
        listeners.add(look)
        look()
      })
    },
  }
}
