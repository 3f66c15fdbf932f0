// The container driver: what it asks of the engine's command line, and what it makes of the answers.
import { chmodSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { RunnerJob } from '../../core/jobs/runnerDesk.ts'
import { containerArguments, containerName, createContainerDriver } from './docker.ts'
import { temporaryFolder } from './testDesk.ts'

const job: RunnerJob = {
  jobId: `0x${'ab'.repeat(32)}`,
  workload: { image: 'ghcr.io/someone/train:1', command: ['python', 'train.py', '--privileged', '$(id)'] },
  gpuCount: 2,
  maxSeconds: 60,
}

/** An executable in the engine's place that notes its arguments and answers as the engine would. */
function createEngine(answers: Record<string, { exit?: number; out?: string; readsEnv?: boolean }>) {
  const folder = temporaryFolder()
  const program = join(folder, 'engine')
  const calls = join(folder, 'calls')
  writeFileSync(calls, '')
  writeFileSync(
    program,
    `#!${process.execPath}
const [verb] = process.argv.slice(2)
require('node:fs').appendFileSync(${JSON.stringify(calls)}, JSON.stringify(process.argv.slice(2)) + '\\n')
const { exit = 0, out = '', readsEnv } = ${JSON.stringify(answers)}[verb] ?? {}
process.stdout.write(readsEnv ? require('node:fs').readFileSync('/dev/fd/3', 'utf8') + Object.keys(process.env).includes('HF_TOKEN') : out)
process.exitCode = exit
`,
  )
  chmodSync(program, 0o700)
  const logPath = join(folder, 'log')
  return {
    driver: createContainerDriver({ engine: 'docker', program }),
    assignment: { job, workPath: folder, outputPath: join(folder, 'output'), logFd: openSync(logPath, 'a') },
    readLog: () => readFileSync(logPath, 'utf8'),
    readCalls: () =>
      readFileSync(calls, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as string[]),
  }
}

describe('the container driver', () => {
  test('what the buyer wrote stands behind the image, where it is no option', () => {
    const args = containerArguments({ engine: 'docker', job, outputPath: '/srv/out' })
    const split = args.indexOf('--')
    expect(args.slice(split + 1)).toEqual(['ghcr.io/someone/train:1', 'python', 'train.py', '--privileged', '$(id)'])
    const options = args.slice(0, split)
    expect(options[options.indexOf('--gpus') + 1]).toBe('2')
    expect(options[options.indexOf('--volume') + 1]).toBe('/srv/out:/output')
    expect(options[options.indexOf('--env') + 1]).toBe('NECTO_OUTPUT=/output')
    expect(options).not.toContain('--privileged')
  })

  test('secrets reach the engine as an environment file that no list of processes shows', async () => {
    const engine = createEngine({ run: { readsEnv: true } })
    const secret = { ...job, env: { HF_TOKEN: 'planted-value-93f1c7', QUOTED: ' a = "b" ' } }
    await engine.driver.start({ ...engine.assignment, job: secret }, () => {}).ended
    const [args] = engine.readCalls()
    expect(args?.slice(args.indexOf('--env-file'), args.indexOf('--env-file') + 2)).toEqual(['--env-file', '/dev/fd/3'])
    expect(args?.join(' ')).not.toContain('planted')
    expect(readdirSync(engine.assignment.workPath)).not.toContain('.env')
    // The engine's own command line runs on the host and has none of it.
    expect(engine.readLog()).toBe('HF_TOKEN=planted-value-93f1c7\nQUOTED= a = "b" \nfalse')
    expect(containerArguments({ engine: 'docker', job, outputPath: '/out' })).not.toContain('--env-file')
  })

  test('pulls first, then runs, and passes the exit code on', async () => {
    const engine = createEngine({ run: { exit: 3, out: 'trained\n' } })
    const { driver, assignment } = engine
    await driver.prepare(assignment, new AbortController().signal)
    const handles: string[] = []
    const running = driver.start(assignment, (handle) => handles.push(handle))
    expect(await running.ended).toEqual({ exitCode: 3 })
    expect(handles).toEqual([containerName(job.jobId)])
    await expect.poll(() => engine.readCalls().map(([verb]) => verb)).toEqual(['pull', 'run', 'rm'])
    expect(engine.readLog()).toBe('trained\n')
  })

  test('an engine that cannot start the container or get the image is a failure, not an exit', async () => {
    const engine = createEngine({ run: { exit: 125 }, inspect: { exit: 1 }, pull: { exit: 1 } })
    const ended = await engine.driver.start(engine.assignment, () => {}).ended
    expect(ended).toMatchObject({ exitCode: 125, failure: expect.stringContaining('docker') })
    const [, inspect] = engine.readCalls()
    expect(inspect?.slice(0, 2)).toEqual(['inspect', '--format'])
    const pulling = engine.driver.prepare(engine.assignment, new AbortController().signal)
    await expect(pulling).rejects.toMatchObject({ code: 'seller.prepare' })
  })

  test.each([
    ['which it says never started', { inspect: { out: '0001-01-01T00:00:00Z\n' } }, 126, true],
    ['which it says ran', { inspect: { out: '2026-11-23T10:00:00Z\n' } }, 125, false],
    ['of which it says nothing', { inspect: { exit: 1 } }, 127, false],
  ])('its exit codes may be the job’s own: of a container %s', async (_, answers, exit, isFailure) => {
    const engine = createEngine({ run: { exit }, ...answers })
    const ended = await engine.driver.start(engine.assignment, () => {}).ended
    expect(ended).toEqual({ exitCode: exit, ...(isFailure && { failure: expect.stringContaining('could not start') }) })
  })

  test('a leftover is found by its name and removed', async () => {
    const engine = createEngine({ inspect: { out: 'true\n' } })
    expect(await engine.driver.endLeftover('necto-abc')).toBe(true)
    expect(engine.readCalls()).toEqual([
      ['inspect', '--format', '{{.State.Running}}', 'necto-abc'],
      ['rm', '--force', 'necto-abc'],
    ])
    const gone = createEngine({ inspect: { exit: 1 } })
    expect(await gone.driver.endLeftover('necto-abc')).toBe(false)
  })

  test('takes images only', () => {
    const { driver } = createEngine({})
    expect(driver.refuses(job)).toBeUndefined()
    expect(driver.refuses({ ...job, workload: { command: ['true'] } })).toContain('images only')
  })
})
