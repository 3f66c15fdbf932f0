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

test('beside a conversation the same trouble is told once', () => {
  const told: string[] = []
  const log = createTerminalLog((text) => told.push(text), { once: true })
  for (const attempt of [1, 2]) log.warn({ msg: 'task failed, trying again', task: 'followJobs', attempt })
  log.warn({ msg: 'task failed, trying again', task: 'storeFiles' })
  expect(told).toEqual(['task failed, trying again (followJobs)', 'task failed, trying again (storeFiles)'])
})
