// What a process of Necto does with signals, errors and exit codes: real processes, since these are theirs.
import { expect, test } from 'vitest'
import { type RunningProcess, startProcess } from '../test/world/childProcess.ts'

/** A process around this body of `run`; it prints "up" first. */
async function start(body: string, limits = '{ stopWithinMs: 200 }'): Promise<RunningProcess> {
  const code = `
    import { runProcess } from './core/runProcess.ts'
    import { NectoError } from './core/errors.ts'
    await runProcess(async ({ signal, say }) => { say('up'); ${body} }, [], ${limits})`
  const running = startProcess({
    args: ['--input-type=module', '-e', code],
    env: { AGENT_KEY: `0x${'5e'.repeat(32)}` },
  })
  await running.printed('up')
  return running
}
const untilTold = "await new Promise((resolve) => signal.addEventListener('abort', resolve))"

test('told to stop it ends with what it answers, also when a handle is left open', async () => {
  const running = await start(`setInterval(() => {}, 1000); ${untilTold}; return 0`)
  expect(await running.stop()).toBe(0)
  expect(running.output()).toBe('up\n')
})

test('one that hangs ends with 75 when its time is up, and says so', async () => {
  const withHandle = await start('setInterval(() => {}, 1000); await new Promise(() => {})')
  expect(await withHandle.stop()).toBe(75)
  expect(withHandle.output()).toContain('something hangs')
  // Without an open handle Node would end it as a broken one.
  const idle = await start(
    `const open = setInterval(() => {}, 1000); ${untilTold}; clearInterval(open); await new Promise(() => {})`,
  )
  expect(await idle.stop()).toBe(75)
})

test('a second signal ends it at once with 75', async () => {
  const running = await start(
    `setInterval(() => {}, 1000); ${untilTold}; say('stopping'); await new Promise(() => {})`,
    '{}',
  )
  process.kill(running.pid ?? 0, 'SIGTERM')
  await running.printed('stopping')
  process.kill(running.pid ?? 0, 'SIGTERM')
  expect(await running.ended).toBe(75)
})

test.each([
  ['never', 1],
  ['later', 75],
  ['unknown', 75],
])('an error whose retry is %s ends it with %i', async (retry, code) => {
  const running = await start(`throw new NectoError('test.error', 'It broke.', { retry: '${retry}' })`)
  expect(await running.ended).toBe(code)
  expect(running.output()).toBe('up\nIt broke.\n')
})

test('what nobody caught ends it with 75, without a stack and without a secret', async () => {
  const thrown = await start(
    `setTimeout(() => { throw new Error('with ' + process.env.AGENT_KEY) }); await new Promise(() => {})`,
  )
  expect(await thrown.ended).toBe(75)
  expect(thrown.output()).toBe('up\nSomething broke: with [secret]\n')
  const rejected = await start(
    `setInterval(() => {}, 1000); void Promise.reject(new Error('no')); await new Promise(() => {})`,
  )
  expect(await rejected.ended).toBe(75)
})
