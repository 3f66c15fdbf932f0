// Questions on a terminal: what is typed is shown or not, Ctrl-C and the end of the input are told.
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { createTerminalAsk } from './terminalAsk.ts'

function terminal() {
  const input = new PassThrough()
  const output = new PassThrough()
  const stop = new AbortController()
  let interrupts = 0
  const { ask, close } = createTerminalAsk({ input, output, signal: stop.signal, onInterrupt: () => interrupts++ })
  let shown = ''
  output.on('data', (chunk) => {
    shown += chunk
  })
  return { input, stop, ask, close, shown: () => shown, interrupts: () => interrupts }
}

test('a hidden answer is not shown, the next open one is', async () => {
  const { input, ask, close, shown } = terminal()
  const secret = ask('Token: ', { hidden: true })
  input.write('hunter2\r')
  expect(await secret).toBe('hunter2')
  const open = ask('Name: ', { hidden: false })
  // The arrow up would bring a former line back.
  input.write('\u001B[Aann\r')
  expect(await open).toBe('ann')
  expect(shown()).toMatch(/^Token: \n[\s\S]*Name: [\s\S]*ann/)
  expect(shown()).not.toContain('hunter2')
  close()
})

test('Ctrl-C is told and the signal ends the question; the end of the input does too', async () => {
  const first = terminal()
  const question = first.ask('Token: ', { hidden: true })
  first.input.write('half\u0003')
  await expect.poll(first.interrupts).toBe(1)
  first.stop.abort()
  await expect(question).rejects.toThrow('abort')
  first.close()

  const second = terminal()
  const unanswered = second.ask('Name: ', { hidden: false })
  second.input.end()
  await expect(unanswered).rejects.toThrow('The input ended')
})
