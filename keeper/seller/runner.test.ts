// The reference runner against the real interface: jobs run, end, are stopped, and are accounted for.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { silentLog } from '../../core/log.ts'
import type { SellerApiServer } from '../api/serveSellerApi.ts'
import { eventually } from '../tx/testChain.ts'
import { createSellerApiClient } from './apiClient.ts'
import type { Driver } from './driver.ts'
import { openJobFolders } from './jobFolder.ts'
import { createProcessDriver } from './process.ts'
import { runSeller } from './runner.ts'
import { createTestDesk, DESK_CHAIN_ID, serveTestDesk, temporaryFolder, text } from './testDesk.ts'

const node = (script: string) => [process.execPath, '-e', script]
const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

/** A machine so busy that the runner goes on only a while after the program began. */
function late(driver: Driver, ms: number): Driver {
  return {
    ...driver,
    start: (assignment, record) =>
      driver.start(assignment, (handle) => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
        record(handle)
      }),
  }
}

async function start(options: { maxLogBytes?: number; lateMs?: number } = {}) {
  const account = privateKeyToAccount(generatePrivateKey())
  const desk = createTestDesk(options)
  desk.addRunner(account)
  let server: SellerApiServer = await serveTestDesk(desk.desk)
  const root = temporaryFolder()
  const stop = new AbortController()
  const client = createSellerApiClient({ url: server.url, account, chainId: DESK_CHAIN_ID, clock: systemClock })
  const running = runSeller(
    {
      client,
      account,
      chainId: DESK_CHAIN_ID,
      driver: late(
        createProcessDriver({ env: { ...process.env, NECTO_TEST_SECRET: 'hidden' }, stopGraceMs: 300 }),
        options.lateMs ?? 0,
      ),
      folders: openJobFolders(root),
      clock: systemClock,
      log: silentLog,
      heartbeatMs: 50,
      handInMs: 2_000,
    },
    stop.signal,
  )
  async function end() {
    stop.abort()
    await running
  }
  open.push(() => server.stop(), end)
  return {
    ...desk,
    account,
    root,
    client,
    end,
    run: async (command: string[], maxSeconds?: number) => {
      const entry = desk.addJob(account, { command }, maxSeconds)
      await eventually(() => entry.state === 'done')
      return entry
    },
    goDown: () => server.stop(),
    async comeBack() {
      server = await serveTestDesk(desk.desk, Number(new URL(server.url).port))
    },
  }
}

describe('a job', () => {
  test('runs, is heard, leaves log and output, and is receipted for its seconds', async () => {
    const seller = await start()
    const entry = await seller.run(
      node(`
        const fs = require('node:fs')
        console.log('to stdout'); console.error('to stderr')
        fs.writeFileSync(process.env.NECTO_OUTPUT + '/result.txt', 'forty-two')
        console.log(Object.keys(process.env).sort().join(), process.cwd())
        setTimeout(() => process.exit(3), 1100)
      `),
    )
    expect(entry.receipt).toMatchObject({ usedSeconds: 1, exitCode: 3, reason: 'exited' })
    expect(entry.heartbeats).toBeGreaterThan(3)
    expect(text(entry.log)).toContain('to stdout\nto stderr\n')
    expect(text(entry.log)).not.toContain('NECTO_TEST_SECRET')
    // The desk took it with its salt; without one it tells a guesser nothing.
    expect(entry.receipt?.logHash).not.toBe(sha256(entry.log))

    const archive = join(temporaryFolder(), 'output.tar')
    await writeFile(archive, entry.output)
    expect(execFileSync('tar', ['-xOf', archive, './result.txt'], { encoding: 'utf8' })).toBe('forty-two')
    await eventually(() => readdirSync(seller.root).length === 0)
  })

  test('is paid from its first moment on, however late the runner hears that it began', async () => {
    const seller = await start({ lateMs: 400 })
    const { receipt } = await seller.run(['sleep', '1'])
    expect(receipt?.reason).toBe('exited')
    // A machine that stands still meanwhile makes it longer, and nothing makes it shorter.
    expect(receipt?.usedSeconds).toBeGreaterThanOrEqual(1)
  })

  test('gets its secrets as its environment; nothing on the disk has them while it runs', async () => {
    const seller = await start()
    const planted = { HF_TOKEN: 'planted-value-93f1c7', EMPTY: '' }
    const entry = seller.addJob(
      seller.account,
      {
        command: node(
          `console.log(process.env.HF_TOKEN.length, process.env.EMPTY === '', process.env.NECTO_OUTPUT); setInterval(() => {}, 1000)`,
        ),
      },
      60,
      planted,
    )
    await eventually(() => text(entry.log).includes('20 true /'))
    const onDisk = execFileSync('grep', ['-rc', '', seller.root], { encoding: 'utf8' })
    expect(onDisk).toContain('state.json')
    expect(() => execFileSync('grep', ['-r', planted.HF_TOKEN, seller.root])).toThrow()
    entry.stop = true
    await eventually(() => entry.state === 'done')
  })

  test.each(['LD_PRELOAD', 'CUDA_VISIBLE_DEVICES'])('is not run with %s, whoever let that through', async (name) => {
    const seller = await start()
    const env = { HF_TOKEN: 'planted-value-93f1c7', [name]: '/tmp/planted' }
    const entry = seller.addJob(seller.account, { command: node('console.log("it ran")') }, 60, env)
    await eventually(() => entry.state === 'done')
    expect(entry.receipt).toMatchObject({ usedSeconds: 0, exitCode: 126, reason: 'failed' })
    expect(text(entry.log)).toContain(`necto: ${name} is not taken: `)
    for (const never of ['it ran', 'planted']) expect(text(entry.log)).not.toContain(never)
  })

  test('each argument arrives as it is: there is no shell', async () => {
    const seller = await start()
    const words = ['$(id)', '; rm -rf x', '"quoted"', '*', '']
    const entry = await seller.run([...node('console.log(JSON.stringify(process.argv.slice(1)))'), '--', ...words])
    expect(JSON.parse(text(entry.log))).toEqual(words)
  })

  test('that cannot be started has failed and costs nothing', async () => {
    const seller = await start()
    const missing = await seller.run(['/no/such/program'])
    expect(missing.receipt).toMatchObject({ usedSeconds: 0, exitCode: 127, reason: 'failed' })
    expect(text(missing.log)).toContain('could not be started')
    const image = seller.addJob(seller.account, { image: 'alpine', command: ['true'] })
    await eventually(() => image.state === 'done')
    expect(image.receipt).toMatchObject({ usedSeconds: 0, exitCode: 126, reason: 'failed' })
    const broken = await seller.run([process.execPath, 'a\0b'])
    expect(broken.receipt).toMatchObject({ usedSeconds: 0, reason: 'failed' })
  })

  test('is stopped with all it started when the buyer stops it', async () => {
    const seller = await start()
    const marker = join(temporaryFolder(), 'alive')
    // A child that will not listen, started by one that does not wait.
    const child = `process.on('SIGTERM', () => {}); setInterval(() => require('node:fs').appendFileSync(${JSON.stringify(marker)}, '.'), 20)`
    const entry = seller.addJob(seller.account, {
      command: node(
        `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'ignore' }); setInterval(() => {}, 1000)`,
      ),
    })
    await eventually(() => existsSync(marker))
    entry.stop = true
    await eventually(() => entry.state === 'done')
    expect(entry.receipt).toMatchObject({ exitCode: 143, reason: 'stopped' })
    const size = (await readFile(marker)).length
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect((await readFile(marker)).length).toBe(size)
  })

  test('ends at its last second', async () => {
    const seller = await start()
    const entry = await seller.run(node('setInterval(() => {}, 1000)'), 1)
    expect(entry.receipt).toMatchObject({ usedSeconds: 1, reason: 'timeout' })
  })

  test('with a log of many chunks arrives whole; a longer one than the desk takes ends there', async () => {
    const write = (bytes: number) => node(`process.stdout.write('x'.repeat(${bytes}))`)
    const whole = await (await start()).run(write(700_000))
    expect(whole.log.length).toBe(700_000)
    const cut = await (await start({ maxLogBytes: 300_000 })).run(write(700_000))
    expect(cut.log.length).toBe(256 * 1024)
    expect(cut.receipt?.reason).toBe('exited')
  })

  test('with more output than is kept says so in its log', async () => {
    const seller = await start()
    const entry = await seller.run(
      node("require('node:fs').writeFileSync(process.env.NECTO_OUTPUT + '/big', Buffer.alloc(9 * 1024 * 1024))"),
    )
    expect(entry.output.length).toBe(0)
    expect(text(entry.log)).toContain('output is over')
    expect(entry.receipt?.reason).toBe('exited')
  })

  test('cannot send the seller’s files by a link', async () => {
    const seller = await start()
    const secret = join(temporaryFolder(), 'secret')
    await mkdir(secret)
    await writeFile(join(secret, 'file'), 'the seller’s own')
    const entry = await seller.run(
      node(`require('node:fs').symlinkSync(${JSON.stringify(secret)}, process.env.NECTO_OUTPUT + '/link')`),
    )
    expect(entry.output.length).toBeGreaterThan(0)
    expect(text(entry.output)).not.toContain('the seller’s own')
  })
})

describe('trouble', () => {
  test('an interface that is down while the job ends gets everything when it is back', async () => {
    const seller = await start()
    const entry = seller.addJob(seller.account, { command: node('setTimeout(() => console.log("late"), 300)') })
    await eventually(() => entry.state === 'running')
    await seller.goDown()
    await eventually(async () => (await readPhase(seller.root, entry.job.jobId)) === 'ended')
    await seller.comeBack()
    await eventually(() => entry.state === 'done')
    expect(text(entry.log)).toBe('late\n')
    expect(entry.receipt).toMatchObject({ exitCode: 0, reason: 'exited' })
  })

  test('a job that the desk no longer knows is stopped', async () => {
    const seller = await start()
    const entry = seller.addJob(seller.account, { command: node('setInterval(() => {}, 1000)') })
    await eventually(() => entry.heartbeats > 0)
    entry.state = 'done'
    await eventually(async () => (await readPhase(seller.root, entry.job.jobId)) === 'refused')
    const other = await seller.run(node(''))
    expect(other.receipt?.reason).toBe('exited')
    // Offered again, it is not run again.
    const { heartbeats } = entry
    entry.state = 'waiting'
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(entry).toMatchObject({ state: 'waiting', heartbeats })
    expect(await readPhase(seller.root, entry.job.jobId)).toBe('refused')
  })

  test('one runner has no business with another’s job', async () => {
    const seller = await start()
    const stranger = privateKeyToAccount(generatePrivateKey())
    seller.addRunner(stranger)
    const entry = seller.addJob(stranger, { command: ['true'] })
    const { jobId } = entry.job
    const { signal } = new AbortController()
    const bytes = new Uint8Array([1])
    for (const call of [
      () => seller.client.accept(jobId, signal),
      () => seller.client.heartbeat(jobId, signal),
      () => seller.client.log(jobId, { offset: 0, bytes }, signal),
      () => seller.client.output(jobId, bytes, signal),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'seller.unknown-job', retry: 'never' })
    }
    expect(entry).toMatchObject({ state: 'waiting', heartbeats: 0 })
  })
})

async function readPhase(root: string, jobId: string): Promise<string | undefined> {
  const state = await readFile(join(root, jobId, 'state.json'), 'utf8').catch(() => '{}')
  return JSON.parse(state).phase
}
