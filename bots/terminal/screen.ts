// The terminal itself: a line to type on, and blocks of lines above it, the last of which can be rewritten in place.
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline'
import { widthOf } from '../chat/textWidth.ts'

/** A block as it stands on the screen. */
export interface Printed {
  readonly id: number
  readonly rows: number
}

export interface Keyboard {
  onLine(line: string): void
  /** Ctrl-C, Ctrl-D, or the end of what is piped in. */
  onEnd(): void
  /** How a half typed word may go on. */
  complete(word: string): readonly string[]
}

export type Screen = ReturnType<typeof createScreen>

export interface ScreenOptions {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  /** Whether a person sits there; else lines go in and out as they are. */
  readonly isTerminal: boolean
  /** Asked for at each block, since a window may be resized. */
  readonly size: () => { columns: number; rows: number }
}

const NARROWEST = 40
const WIDEST = 120
const PROMPT = '> '

/** Nothing but cursor movements of ours goes out besides the lines, which must be free of control characters. */
export function createScreen({ input, output, isTerminal, size }: ScreenOptions) {
  let lines: (Interface & { prevRows?: number }) | undefined
  let last: (Printed & { columns: number }) | undefined
  let nextId = 1

  /** Writes above the line that is being typed, which stands below again afterwards. */
  function above(write: () => void): void {
    if (!lines || !isTerminal) {
      write()
      return
    }
    const typedRows = lines.getCursorPos().rows
    cursorTo(output, 0)
    if (typedRows > 0) moveCursor(output, 0, -typedRows)
    clearScreenDown(output)
    write()
    // Else readline would first go up by as many rows as it drew the last time, over what stands there now.
    lines.prevRows = 0
    lines.prompt(true)
  }

  function put(block: readonly string[]): Printed {
    const { columns } = size()
    output.write(`${[...block, ''].join('\n')}\n`)
    const rows = block.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 1)
    last = { id: nextId++, rows, columns }
    return last
  }

  return {
    isTerminal,
    /** How wide lines may be; undefined: as long as they are. */
    width(): number | undefined {
      // The last column stays free: some terminals begin a new line as soon as it is filled.
      return isTerminal ? Math.min(WIDEST, Math.max(NARROWEST, size().columns - 1)) : undefined
    },
    print(block: readonly string[]): Printed {
      let printed: Printed | undefined
      above(() => (printed = put(block)))
      return printed as Printed
    },
    /** The same block with other lines; undefined: it is not the last thing on the screen any more. */
    replace(before: Printed, block: readonly string[]): Printed | undefined {
      const { columns, rows } = size()
      if (!isTerminal || !lines || last?.id !== before.id || last.columns !== columns) return undefined
      // What has left the screen at the top cannot be reached.
      if (before.rows + lines.getCursorPos().rows + 1 > rows) return undefined
      let printed: Printed | undefined
      above(() => {
        moveCursor(output, 0, -before.rows)
        clearScreenDown(output)
        printed = put(block)
      })
      return printed
    },
    /** Begins to take lines. */
    start({ onLine, onEnd, complete }: Keyboard): void {
      const completer = (line: string): [string[], string] => [[...complete(line)], line]
      const opened = createInterface({ input, output, terminal: isTerminal, prompt: PROMPT, completer })
      lines = opened
      opened.on('line', (line) => {
        last = undefined
        onLine(line)
        if (lines && isTerminal) opened.prompt()
      })
      opened.on('SIGINT', onEnd)
      opened.on('close', () => {
        if (!lines) return
        lines = undefined
        if (isTerminal) output.write('\n')
        onEnd()
      })
      if (isTerminal) opened.prompt()
    },
    /** What stands before the line; none: the usual. */
    ask(prompt = PROMPT): void {
      lines?.setPrompt(prompt)
      if (isTerminal) lines?.prompt(true)
    },
    /** Takes no more lines; what is printed from now on goes below. */
    close(): void {
      const opened = lines
      lines = undefined
      if (!opened) return
      opened.close()
      if (isTerminal) output.write('\n')
    },
  }
}
