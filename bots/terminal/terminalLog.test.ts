// The terminal's log: a line of words for people, no JSON and no details.
import { expect, test } from 'vitest'
import { createTerminalLog } from './terminalLog.ts'
import { createTestOutput } from './testOutput.ts'

test('warnings and errors are a line each, the rest is not said', () => {
  const output = createTestOutput()
  const log = createTerminalLog(output.warn)
  log.info({ msg: 'read' })
  log.warn({ msg: 'token prices cannot be read', source: 'coingecko', error: 'ENOTFOUND' })
  log.child({ part: 1 }).error({ msg: 'broken\u001b[2J\nagain' })
  expect(output.warned().split('\n')).toEqual(['token prices cannot be read (coingecko)', 'broken[2J again'])
})
