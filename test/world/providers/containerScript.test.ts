// The script that a job's own image runs, really run against the machines' interface with each client an image may have.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { systemClock as clock } from '../../../core/clock.ts'
import { CONTAINER_SCRIPT, containerEnv } from '../../../core/launch/containerScript.ts'
import { type MachineBed, openMachineBed } from './machineBed.ts'

const WITHIN = { timeout: 60_000, interval: 100 }
// What the script wants of every image, besides a client.
const TOOLS = 'sh cat mktemp mkdir rm wc tr tail head sed sleep date ls tar gzip kill env seq grep'.split(' ')
const CLIENTS = ['curl', 'wget', 'python3', 'node', 'perl', 'busybox']
const stops: (() => void)[] = []
let bed: MachineBed

beforeAll(async () => {
  bed = await openMachineBed({ clock })
})
afterEach(() => {
  for (const stop of stops.splice(0).reverse()) stop()
})
afterAll(() => bed.stop())

const whereIs = (name: string): string | undefined => {
  try {
    // A version manager's python3 is a script, which wants more tools than the program itself.
    const find = name === 'python3' ? 'python3 -c "import sys; print(sys.executable)"' : `command -v ${name}`
    return execFileSync('sh', ['-c', find], { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return undefined
  }
}

/** In CI it has to be there. */
const isToBeTried = (client: string) => Boolean(whereIs(client) || process.env.CI)

/** Runs the script where there is nothing but the tools and this client; BusyBox is client and tools in one, as in Alpine. */
function boots(options: { url: string; client?: string; isRestarted?: boolean; env?: Record<string, string> }) {
  const { url, client = 'curl', isRestarted = false } = options
  const place = mkdtempSync(path.join(tmpdir(), 'necto-script-'))
  const bin = path.join(place, 'bin')
  mkdirSync(bin)
  const isBusyBox = client === 'busybox'
  for (const name of isBusyBox ? [...TOOLS, 'wget', 'base64', 'timeout'] : [...TOOLS, client]) {
    const at = whereIs(isBusyBox ? client : name)
    if (at?.startsWith('/')) symlinkSync(at, path.join(bin, name))
  }
  const env = { PATH: bin, TMPDIR: place, NECTO_OUTPUT: path.join(place, 'output'), NECTO_BEAT_SECONDS: '1' }
  const child = spawn(path.join(bin, 'sh'), ['-c', CONTAINER_SCRIPT], {
    cwd: place,
    env: { ...containerEnv({ machineUrl: url, isRestarted }), ...env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const said = Promise.all([text(child.stdout), text(child.stderr)]).then((parts) => parts.join(''))
  stops.push(() => {
    // Without setsid all that it began is in its group.
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    rmSync(place, { recursive: true, force: true, maxRetries: 5 })
  })
  return { ended, said, hasEnded: () => child.exitCode !== null }
}

/** What stands before Necto on the internet, and answers in its place when it will. */
async function openTunnel(to: string) {
  let status: number | undefined
  let refused = 0
  const server = createServer(async (request, response) => {
    if (status !== undefined) {
      refused++
      return response.writeHead(status).end('no such tunnel')
    }
    const body = request.method === 'GET' ? {} : { body: await buffer(request) }
    const answer = await fetch(`${to}${request.url}`, { method: request.method ?? 'GET', ...body })
    response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => server.close())
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    refuse(with_: number | undefined): void {
      status = with_
      refused = 0
    },
    hasRefused: (times: number) => expect.poll(() => refused, WITHIN).toBeGreaterThanOrEqual(times),
  }
}

describe('a container', () => {
  test.each(CLIENTS.filter(isToBeTried))(
    'with %s alone runs its job, and hands in log, output and exit code',
    async (client) => {
      const script =
        'echo "told $KEY"; env | grep -c NECTO_URL; seq 1 60000; printf "a\\0b\\n"; echo 0.042 >"$NECTO_OUTPUT/loss"; exit 7'
      const job = await bed.activeJob({ script, secrets: { KEY: "it's $HOME" } })
      const machine = boots({ url: job.url, client })
      expect(await machine.ended).toBe(0)
      expect(await job.now()).toMatchObject({ state: 'finishing', run: { exitCode: 7 } })
      const log = await job.logText()
      expect(log.startsWith("told it's $HOME\n0\n1\n2\n")).toBe(true)
      expect(log.endsWith('\n60000\na\0b\n')).toBe(true)
      expect(await job.outputText()).toContain('0.042')
      // The provider keeps what a container writes to its own output.
      expect(await machine.said).not.toContain('told')
    },
  )

  test('with no client says so, and its job stays unstarted', async () => {
    const job = await bed.activeJob({ script: 'true' })
    const machine = boots({ url: job.url, client: 'none' })
    expect(await machine.ended).toBe(1)
    expect(await machine.said).toContain('none of curl, wget, python3, node and perl')
    expect((await job.now()).state).toBe('active')
  })

  test('with a perl that has no TLS is as one without it, where TLS is wanted', async () => {
    const lib = mkdtempSync(path.join(tmpdir(), 'necto-perl-'))
    stops.push(() => rmSync(lib, { recursive: true }))
    mkdirSync(path.join(lib, 'IO/Socket'), { recursive: true })
    writeFileSync(path.join(lib, 'IO/Socket/SSL.pm'), 'die "not on this machine"')
    const machine = boots({ url: 'https://127.0.0.1:9', client: 'perl', env: { PERL5LIB: lib } })
    expect(await machine.ended).toBe(1)
    expect(await machine.said).toContain('or not with TLS')
  })

  test('stops its program when it is told', async () => {
    const job = await bed.activeJob({ script: 'echo begun; exec sleep 600' })
    const machine = boots({ url: job.url })
    await expect.poll(job.logText, WITHIN).toBe('begun\n')
    await job.isStopped()
    expect(await machine.ended).toBe(0)
    expect((await job.now()).run?.exitCode).toBe(143)
  })

  test('ends its program at the time that was paid for', async () => {
    bed.tellSeconds(2)
    const job = await bed.activeJob({ script: 'exec sleep 600' })
    expect(await boots({ url: job.url }).ended).toBe(0)
    bed.tellSeconds(undefined)
    expect((await job.now()).run?.exitCode).toBe(124)
  })

  test.each(['curl', 'wget', 'busybox'].filter(isToBeTried))(
    'with %s is not stopped by what a tunnel says while Necto is away',
    async (client) => {
      const job = await bed.activeJob({ script: 'echo begun; sleep 3; echo done' })
      const tunnel = await openTunnel(job.url)
      tunnel.refuse(429)
      const machine = boots({ url: tunnel.url, client })
      await tunnel.hasRefused(1)
      tunnel.refuse(undefined)
      await expect.poll(job.logText, WITHIN).toBe('begun\n')
      tunnel.refuse(404)
      await tunnel.hasRefused(3)
      tunnel.refuse(undefined)
      expect(await machine.ended).toBe(0)
      expect(await job.logText()).toBe('begun\ndone\n')
      expect((await job.now()).run?.exitCode).toBe(0)
    },
  )

  test('of a job that another one runs already runs nothing', async () => {
    const job = await bed.activeJob({ script: 'echo begun; exec sleep 600' })
    const first = boots({ url: job.url })
    await expect.poll(job.logText, WITHIN).toBe('begun\n')
    expect(await boots({ url: job.url }).ended).toBe(1)
    expect(first.hasEnded()).toBe(false)
    expect(await job.logText()).toBe('begun\n')
  })

  test('that would be started again stays when its job is over', async () => {
    const job = await bed.activeJob({ script: 'true' })
    const machine = boots({ url: job.url, isRestarted: true })
    await expect.poll(async () => (await job.now()).state, WITHIN).toBe('finishing')
    await clock.sleep(500)
    expect(machine.hasEnded()).toBe(false)
  })
})
