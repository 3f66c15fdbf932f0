// Questions on a terminal: one line each, hidden ones without echo.
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { NectoError } from '../core/errors.ts'
import type { Ask } from './dialog.ts'

/** Asks on a terminal until `close`. `onInterrupt` is told of Ctrl-C, which readline takes for itself. */
export function createTerminalAsk(options: {
  input: NodeJS.ReadableStream
  output: NodeJS.WritableStream
  signal: AbortSignal
  onInterrupt: () => void
}): { ask: Ask; close: () => void } {
  const { input, output, signal, onInterrupt } = options
  let isHidden = false
  const screen = new Writable({
    write(chunk, _encoding, done) {
      if (!isHidden) output.write(chunk)
      done()
    },
  })
  // Without a history the arrow keys bring no secret back.
  const lines = createInterface({ input, output: screen, terminal: true, historySize: 0 })
  const closed = Promise.withResolvers<never>()
  closed.promise.catch(() => undefined)
  lines.on('SIGINT', onInterrupt)
  lines.on('close', () => closed.reject(new NectoError('setup.closed', 'The input ended before all was answered.')))
  return {
    async ask(prompt, { hidden }) {
      if (!hidden) return Promise.race([lines.question(prompt, { signal }), closed.promise])
      output.write(prompt)
      isHidden = true
      try {
        return await Promise.race([lines.question('', { signal }), closed.promise])
      } finally {
        isHidden = false
        output.write('\n')
      }
    },
    close: () => lines.close(),
  }
}
