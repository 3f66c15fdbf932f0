// `./necto seller` as its own process: killed, told to stop, started again; nothing is run twice, every second accounted for.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { privateKeyToAccount } from 'viem/accounts'
import { afterEach, describe, expect, test } from 'vitest'
import type { SellerApiServer } from '../api/serveSellerApi.ts'
import { eventually } from '../tx/testChain.ts'
import { createTestDesk, serveTestDesk, temporaryFolder, text } from './testDesk.ts'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))
const LIMIT = { timeout: 60_000 }
const open: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

/** The command line with these arguments; `ended` tells what it printed and how it ended. */
function necto(args: string[], env: Record<string, string> = {}) {
  const child: ChildProcess = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
  })
  const out: string[] = []
  const err: string[] = []
  child.stdout?.on('data', (part) => out.push(String(part)))
  child.stderr?.on('data', (part) => err.push(String(part)))
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, out: out.join(''), err: err.join('') })),
  )
  open.push(() => child.kill('SIGKILL'))
  return { child, ended }
}

async function setUp() {
  const folder = temporaryFolder()
  const keyFile = join(folder, 'keys', 'runner.key')
  const made = await necto(['key', '--key', keyFile]).ended
  const key = (await readFile(keyFile, 'utf8')).trim() as `0x${string}`
  const account = privateKeyToAccount(key)
  const desk = createTestDesk()
  desk.addRunner(account)
  let server: SellerApiServer = await serveTestDesk(desk.desk)
  open.push(() => server.stop())
  const { url } = server
  return {
    ...desk,
    made,
    key,
    keyFile,
    account,
    url,
    goDown: () => server.stop(),
    async comeBack() {
      server = await serveTestDesk(desk.desk, Number(new URL(url).port))
    },
    start: () =>
      necto(['run', '--unsafe-process', '--heartbeat', '0.1', '--api', url], { NECTO_RUNNER_KEY_FILE: keyFile }),
    readPhase: async (jobId: string) => {
      const path = join(folder, 'keys', 'seller', account.address.toLowerCase(), 'jobs', jobId, 'state.json')
      return JSON.parse(await readFile(path, 'utf8').catch(() => '{}')).phase as string | undefined
    },
  }
}

/** A command that writes its process id to a file and goes on for ever. */
function endless(file: string): string[] {
  return [
    process.execPath,
    '-e',
    `require('node:fs').writeFileSync(${JSON.stringify(file)}, String(process.pid)); setInterval(() => {}, 1000)`,
  ]
}
const isAlive = async (pidFile: string) => {
  const pid = await readFile(pidFile, 'utf8')
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return status !== '' && !status.includes(') Z')
}

describe('the key', () => {
  test('is made once, for its owner only, and shown nowhere', LIMIT, async () => {
    const { made, key, keyFile, account } = await setUp()
    expect(made).toMatchObject({ code: 0, out: `${account.address}\n`, err: '' })
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600)
    const again = await necto(['key', '--key', keyFile]).ended
    expect(again.code).toBe(1)
    expect(again.err).toContain('stays as it is')
    expect((await readFile(keyFile, 'utf8')).trim()).toBe(key)
    await chmod(keyFile, 0o644)
    const run = await necto(['run', '--unsafe-process', '--api', 'http://127.0.0.1:1', '--key', keyFile]).ended
    expect(run).toMatchObject({ code: 1, err: expect.stringContaining('chmod 600') })
  })
})

describe('the runner', () => {
  test('killed while a job runs, stops it at the next start and accounts for no more than it ran', LIMIT, async () => {
    const seller = await setUp()
    const pidFile = join(temporaryFolder(), 'pid')
    const entry = seller.addJob(seller.account, { command: endless(pidFile) })
    const first = seller.start()
    const startedMs = Date.now()
    await eventually(() => existsSync(pidFile) && entry.heartbeats > 3, 30_000)
    first.child.kill('SIGKILL')
    await first.ended
    expect(await isAlive(pidFile)).toBe(true)

    seller.start()
    await eventually(() => entry.state === 'done', 30_000)
    expect(entry.receipt).toMatchObject({ exitCode: -1, reason: 'stopped' })
    expect(entry.receipt?.usedSeconds).toBeLessThanOrEqual(Math.ceil((Date.now() - startedMs) / 1000))
    expect(text(entry.log)).toContain('the runner was restarted')
    await eventually(async () => !(await isAlive(pidFile)))
  })

  test(
    'killed after a job ended, with nobody to hand the receipt to, hands it in at the next start',
    LIMIT,
    async () => {
      const seller = await setUp()
      const entry = seller.addJob(seller.account, {
        command: [process.execPath, '-e', 'setTimeout(() => { console.log("done"); process.exit(7) }, 500)'],
      })
      const first = seller.start()
      await eventually(() => entry.state === 'running', 30_000)
      await seller.goDown()
      await eventually(async () => (await seller.readPhase(entry.job.jobId)) === 'ended', 30_000)
      first.child.kill('SIGKILL')
      await first.ended

      await seller.comeBack()
      seller.start()
      await eventually(() => entry.state === 'done', 30_000)
      expect(entry.receipt).toMatchObject({ exitCode: 7, reason: 'exited' })
      expect(text(entry.log)).toBe('done\n')
    },
  )

  test('told to stop, stops the job, hands in its receipt and leaves', LIMIT, async () => {
    const seller = await setUp()
    const pidFile = join(temporaryFolder(), 'pid')
    const entry = seller.addJob(seller.account, { command: endless(pidFile) })
    const runner = seller.start()
    await eventually(() => existsSync(pidFile), 30_000)
    runner.child.kill('SIGTERM')
    const { code, out, err } = await runner.ended
    expect(code).toBe(0)
    expect(entry.receipt).toMatchObject({ exitCode: 143, reason: 'stopped' })
    expect(await isAlive(pidFile)).toBe(false)
    expect(out + err).not.toContain(seller.key.slice(2))
  })

  test('waits for an interface that is not there yet; two with one key are one too many', LIMIT, async () => {
    const seller = await setUp()
    await seller.goDown()
    const runner = seller.start()
    await eventually(async () => existsSync(join(seller.keyFile, '..', 'seller')), 30_000)
    await seller.comeBack()
    const entry = seller.addJob(seller.account, { command: [process.execPath, '-e', ''] })
    await eventually(() => entry.state === 'done', 30_000)
    const second = await seller.start().ended
    expect(second).toMatchObject({ code: 1, err: expect.stringContaining('has this folder open') })
    runner.child.kill('SIGTERM')
    expect((await runner.ended).code).toBe(0)
  })
})
