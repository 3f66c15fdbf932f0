// The machines' interface over its port, called as a machine calls it: with curl and a POSIX shell, and nothing else.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { createMachineDesk } from '../../core/jobs/createMachineDesk.ts'
import { createRunnerDesk } from '../../core/jobs/createRunnerDesk.ts'
import { readLog } from '../../core/jobs/jobLog.ts'
import { createTestJobs, fundedEvent, place, startedEvent, type TestJobs } from '../../core/jobs/testJobs.ts'
import { createTestLauncher } from '../../core/launch/testLauncher.ts'
import { createLog } from '../../core/log.ts'
import { machineUrl } from './createMachineApi.ts'
import { createSellerApi } from './createSellerApi.ts'
import { jobScript } from './jobScript.ts'
import { createNonces } from './nonces.ts'
import { type SellerApiServer, serveSellerApi } from './serveSellerApi.ts'

const run = promisify(execFile)
const clock = createManualClock(Date.UTC(2026, 10, 23))
const printed: string[] = []
const folders: string[] = []
let shop: TestJobs
let server: SellerApiServer
let job: Awaited<ReturnType<TestJobs['signed']>>
let url: string

beforeAll(async () => {
  shop = await createTestJobs({ clock, launcher: createTestLauncher().launcher })
  server = await serveSellerApi({
    app: createSellerApi({
      desk: createRunnerDesk(shop.context),
      machines: createMachineDesk(shop.context),
      nonces: createNonces(clock),
      clock,
      log: loudLog(),
      chainId: place.chainId,
    }),
    port: 0,
  })
})
afterAll(async () => {
  await server.stop()
  for (const folder of folders) await rm(folder, { recursive: true })
})
beforeEach(async () => {
  job = await shop.signed({
    workload: { image: 'ghcr.io/acme/train:2', command: ['sh', '-c', "echo 'it''s' \"$A\"\nls"] },
  })
  await shop.context.secrets.insert(job.ref, { env: { A: "it's $HOME `id`", B: '2' } })
  url = machineUrl(server.url, job.launch?.token ?? '')
  await applyRouterEvent(shop.context, fundedEvent(job.terms))
  await applyRouterEvent(shop.context, startedEvent(job.jobId, clock.now()))
})
const loudLog = () => createLog({ redact: (line) => line, level: 'debug', write: (line) => printed.push(line) })
async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'necto-machine-'))
  folders.push(made)
  return made
}
const now = () => shop.jobOf(job.ref)

/** What curl printed of the body, then the status. */
async function curl(route: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('curl', ['--silent', '--write-out', '%{http_code}', ...args, url + route])
  return stdout
}
const refusal = (code: string, status: number) => new RegExp(`"code":"${code}".*${status}$`)

test('a job is read by the shell word for word, secrets and quotes included', async () => {
  const script = [
    'curl --silent --fail "$1" >job.sh; . ./job.sh; rm job.sh',
    'printf "%s|" "$NECTO_IMAGE" "$NECTO_GPUS" "$NECTO_MAX_SECONDS" "$NECTO_ENV" "$#" "$@"',
  ].join('\n')
  const { stdout } = await run('sh', ['-c', script, 'sh', `${url}/job`], { cwd: await folder() })
  expect(stdout.split('|')).toEqual([
    'ghcr.io/acme/train:2',
    '1',
    '14400',
    "A=it's $HOME `id`\nB=2\n",
    '3',
    'sh',
    '-c',
    "echo 'it''s' \"$A\"\nls",
    '',
  ])
})

test('a whole run', async () => {
  expect(await curl('/started?boot=b1', '-X', 'POST')).toBe('ok\n200')
  expect(await curl('/started?boot=b1', '-X', 'POST')).toBe('ok\n200')
  expect(await curl('/started?boot=b2', '-X', 'POST')).toMatch(refusal('wrong-state', 409))
  expect(await curl('/heartbeat', '-X', 'POST')).toBe('go on\n200')
  expect(await curl('/log?offset=0', '--data-binary', 'step 1')).toBe('6\n200')
  expect(await curl('/log?offset=0', '--data-binary', 'step 1')).toBe('6\n200')
  expect(await curl('/output', '--data-binary', 'archive')).toBe('ok\n200')
  await shop.change(job.ref, (value) => ({ ...value, run: value.run && { ...value.run, stopRequested: true } }))
  expect(await curl('/heartbeat', '-X', 'POST')).toBe('stop\n200')
  expect(await curl('/ended?exitCode=143', '-X', 'POST')).toBe('ok\n200')
  expect(await curl('/ended?exitCode=143', '-X', 'POST')).toBe('ok\n200')
  expect(await now()).toMatchObject({ state: 'finishing', run: { exitCode: 143, logBytes: 6, outputBytes: 7 } })
})

test('a body in base64, for a client that sends no zero bytes: the same to the byte', async () => {
  await curl('/started?boot=b1', '-X', 'POST')
  const bytes = new Uint8Array(256 * 1024).map((_, at) => at & 255)
  const text = Buffer.from(bytes).toString('base64').replace(/.{76}/g, '$&\n')
  const file = path.join(await folder(), 'text')
  await writeFile(file, text)
  expect(await curl('/log?offset=0&as=base64', '--data-binary', `@${file}`)).toBe('262144\n200')
  expect(await curl('/output?as=base64', '--data-binary', 'AAECAw==\n')).toBe('ok\n200')
  const { blobs } = shop.context
  expect(await readLog({ blobs, jobId: job.jobId, chunks: (await now()).run?.logChunks ?? 0 })).toEqual(bytes)
  expect(await curl('/log?offset=262144&as=base64', '--data-binary', 'what?')).toMatch(refusal('bad-request', 400))
  await writeFile(file, Buffer.from(new Uint8Array(256 * 1024 + 1)).toString('base64'))
  expect(await curl('/log?offset=262144&as=base64', '--data-binary', `@${file}`)).toMatch(refusal('too-large', 413))
  expect((await now()).run).toMatchObject({ logBytes: 262_144, outputBytes: 4 })
})

describe('what it refuses', () => {
  test('a stranger sees nothing anywhere, whatever is asked', async () => {
    const whole = url
    for (const stranger of [
      whole.slice(0, -1),
      `${whole}0`,
      whole.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      machineUrl(server.url, '../v1'),
    ]) {
      url = stranger
      const nothing = stranger.includes('..') ? refusal('not-found', 404) : refusal('gone', 410)
      expect(await curl('/job')).toMatch(nothing)
      expect(await curl('/started?boot=a', '-X', 'POST')).toMatch(nothing)
      expect(await curl('/log?offset=x', '--data-binary', 'x')).toMatch(nothing)
    }
    url = whole
    expect(await curl('/other')).toMatch(refusal('not-found', 404))
  })

  test('other shapes', async () => {
    for (const wrong of [
      '/started',
      '/started?boot=',
      '/started?boot=a%20b',
      '/ended',
      '/ended?exitCode=x',
      '/log?offset=-1',
    ])
      expect(await curl(wrong, '-X', 'POST')).toMatch(refusal('bad-request', 400))
    expect((await now()).state).toBe('active')
  })

  test('more than a body may have, read no further than that', async () => {
    await curl('/started?boot=a', '-X', 'POST')
    const cwd = await folder()
    await run('dd', ['if=/dev/zero', 'of=big', 'bs=1024', 'count=8193'], { cwd })
    const send = async (route: string) =>
      (
        await run('curl', ['--silent', '-w', '%{http_code}', '--data-binary', '@big', url + route], {
          cwd,
        })
      ).stdout
    expect(await send('/output')).toMatch(refusal('too-large', 413))
    expect((await now()).run?.outputBytes).toBeUndefined()
  })
})

test('what breaks inside is logged without the token', async () => {
  const app = createSellerApi({
    desk: createRunnerDesk(shop.context),
    machines: { ...createMachineDesk(shop.context), job: () => Promise.reject(new Error('disk full')) },
    nonces: createNonces(clock),
    clock,
    log: loudLog(),
    chainId: place.chainId,
  })
  const { pathname } = new URL(url)
  expect((await app.request(`${pathname}/job`)).status).toBe(500)
  expect(printed.join('')).toContain('disk full')
  expect(printed.join('')).not.toContain(job.launch?.token)
})

test('a job without image or secrets is whole too', () => {
  expect(jobScript({ jobId: '0x', workload: { command: ['true'] }, gpuCount: 2, maxSeconds: 60 })).toBe(
    "NECTO_IMAGE=''\nNECTO_GPUS=2\nNECTO_MAX_SECONDS=60\nNECTO_ENV=''\nset -- 'true'",
  )
})
