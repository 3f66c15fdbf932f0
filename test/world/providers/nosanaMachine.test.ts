// The script that a Nosana host runs, against the machines' interface, with each of the tools an image may have.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { jobScript } from '../../../keeper/api/jobScript.ts'

const SCRIPT = new URL('../../../core/providers/nosana/machine.sh', import.meta.url)
const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** The machines' side of one job, which writes down what it hears. */
async function openDesk(command: readonly string[], options: { stop?: boolean; refuse?: string } = {}) {
  const heard: string[] = []
  let log = Buffer.alloc(0)
  const script = jobScript({
    jobId: `0x${'a1'.repeat(32)}`,
    workload: { image: 'i', command: [...command] },
    env: { SECRET: "it's $HOME" },
    gpuCount: 1,
    maxSeconds: 600,
  })
  const server = createServer(async (request, response) => {
    const bytes = await buffer(request)
    const path = (request.url ?? '').slice('/t/'.length)
    heard.push(`${request.method} ${path.replace(/boot=.*|offset=.*/, '…')}`)
    if (options.refuse !== undefined && path.startsWith(options.refuse)) return response.writeHead(409).end('no\n')
    if (path === 'job') return response.end(`${script}\n`)
    if (path.startsWith('log')) {
      log = Buffer.concat([log, bytes])
      return response.end(`${log.byteLength}\n`)
    }
    return response.end(path === 'heartbeat' ? (options.stop ? 'stop\n' : 'go on\n') : 'ok\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stops.push(() => server.close())
  return { heard, log: () => log.toString(), url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/t` }
}

/** Runs the script with every tool of this machine but those. */
async function boot(url: string, without: readonly string[] = []): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'necto-machine-'))
  stops.push(() => rmSync(place, { recursive: true, force: true }))
  const bin = join(place, 'bin')
  mkdirSync(bin)
  for (const folder of ['/bin', '/usr/bin'])
    for (const tool of readdirSync(folder))
      if (!without.includes(tool))
        try {
          symlinkSync(join(folder, tool), join(bin, tool))
        } catch {
          // The same tool in both.
        }
  const text = `NECTO_URL='${url}'\n${readFileSync(SCRIPT, 'utf8')}`
  const env = { PATH: bin, TMPDIR: place, NECTO_OUTPUT: join(place, 'output'), NECTO_BEAT_SECONDS: '1' }
  const child = spawn('/bin/sh', ['-c', text], { cwd: place, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = Promise.all([buffer(child.stdout), buffer(child.stderr)])
  await once(child, 'exit')
  // Nosana keeps what a job writes to its own output.
  expect(Buffer.concat(await said).toString()).not.toContain('told')
}

const PROGRAM = ['sh', '-c', 'echo "told $SECRET"; env | grep -c NECTO_URL; echo made >"$NECTO_OUTPUT/file"; exit 7']

test.each([
  ['curl', []],
  ['python3', ['curl']],
  ['wget', ['curl', 'python3']],
])(
  'with %s: job, start, log, output and end are all told',
  async (_name, without) => {
    const desk = await openDesk(PROGRAM)
    await boot(desk.url, without)
    expect(desk.log()).toBe("told it's $HOME\n0\n")
    expect(desk.heard.filter((line) => !/heartbeat|log/.test(line))).toEqual([
      'GET job',
      'POST started?…',
      'PUT output',
      'POST ended?exitCode=7',
    ])
  },
  30_000,
)

test('a machine that is told to stop ends its program', async () => {
  const desk = await openDesk(['sleep', '600'], { stop: true })
  await boot(desk.url)
  expect(desk.heard.at(-1)).toBe('POST ended?exitCode=143')
}, 30_000)

test('a second machine of the same job runs nothing', async () => {
  const desk = await openDesk(PROGRAM, { refuse: 'started' })
  await boot(desk.url)
  expect(desk.heard).toEqual(['GET job', 'POST started?…'])
  expect(desk.log()).toBe('')
}, 30_000)
