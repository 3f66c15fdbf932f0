// Starts the writing process and listens to what it says.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const WRITER = fileURLToPath(new URL('./storeWriter.ts', import.meta.url))

/** A running writer. */
export interface StoreProcess {
  readonly pid: number
  /** Whole lines said so far; what was cut off by a kill is not among them. */
  lines(): string[]
  /** Resolves with the first line, said at or after line number `from`, that starts so; rejects if the process ends without it. */
  said(start: string, from?: number): Promise<string>
  /** Sends the signal and, for SIGKILL, waits until the process is gone and all it said has been read. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>
  /** Resolves when the process is gone and all it said has been read. */
  readonly ended: Promise<void>
}

/** Starts it; `limitFileBlocks` bounds every file it writes, in blocks of 512 or 1024 bytes as the shell has it. */
export function startStoreProcess(options: {
  verb: 'write' | 'limit' | 'once'
  directory: string
  limitFileBlocks?: number
  nodeOptions?: readonly string[]
}): StoreProcess {
  const command = [process.execPath, ...(options.nodeOptions ?? []), WRITER, options.verb, options.directory]
  const limit = options.limitFileBlocks === undefined ? '' : `ulimit -f ${options.limitFileBlocks}; `
  const child = spawn('/bin/sh', ['-c', `${limit}exec "$@"`, 'sh', ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const pid = child.pid
  if (pid === undefined) throw new Error('the writer did not start')

  let text = ''
  const waiting = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
    for (const look of waiting) look()
  })
  let over = false
  const ended = once(child, 'close').then(() => {
    over = true
    for (const look of waiting) look()
  })
  const lines = () => text.split('\n').slice(0, -1)

  return {
    pid,
    lines,
    ended,
    said: (start, from = 0) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const line = lines()
            .slice(from)
            .find((candidate) => candidate.startsWith(start))
          if (line === undefined && !over) return
          waiting.delete(look)
          if (line === undefined) reject(new Error(`ended without saying "${start}": ${text.slice(-500)}`))
          else resolve(line)
        }
        waiting.add(look)
        look()
      }),
    async signal(name) {
      child.kill(name)
      if (name === 'SIGKILL') await ended
    },
  }
}
