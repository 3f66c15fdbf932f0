// What `necto verify` writes to disk: a bundle that another machine can check, and the page that checks.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bundleSources, readBundle, writeBundle } from '../../core/record/bundle.ts'
import { seal } from '../../core/record/seal.ts'
import { sealInput } from '../../core/record/testRecord.ts'
import { runVerify } from './verifyCommand.ts'

const router = { chainId: 84_532, router: `0x${'11'.repeat(20)}` } as const

async function start() {
  const folder = await mkdtemp(path.join(tmpdir(), 'necto-verify-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const sealed = seal(sealInput)
  const stored = readBundle(new TextEncoder().encode(writeBundle({ bytes: sealed.bytes, router })))
  const lines: string[] = []
  const warned: string[] = []
  const run = (...args: string[]) =>
    runVerify({
      args,
      sources: () => bundleSources(stored ?? expect.unreachable('no bundle'), router),
      makePage: async () => '<!doctype html>page',
      print: (line) => lines.push(line),
      warn: (line) => warned.push(line),
    })
  return { sealed, lines, warned, run, file: (name: string) => path.join(folder, name) }
}

test('--bundle writes what was read, beside the same output and exit code', async () => {
  const { sealed, lines, run, file } = await start()
  expect(await run(sealed.root)).toBe(0)
  const without = lines.splice(0)
  expect(await run('--bundle', file('out.json'), sealed.root)).toBe(0)
  expect(lines.slice(0, -1)).toEqual(without)
  expect(lines.at(-1)).toMatch(/^Wrote .*out\.json \(\d+ bytes\)\.$/)
  expect(readBundle(await readFile(file('out.json')))?.record).toEqual(sealed.bytes)
})

test('what could not be read makes no bundle, and it is said', async () => {
  const { lines, run, file } = await start()
  expect(await run(`0x${'ab'.repeat(32)}`, '--bundle', file('out.json'))).toBe(1)
  expect(lines.at(-1)).toContain('nothing to put into a bundle')
  await expect(readFile(file('out.json'))).rejects.toThrow()
})

test('--page writes the page and needs nothing else', async () => {
  const { lines, run, file } = await start()
  expect(await run('--page', file('verify.html'))).toBe(0)
  expect(await readFile(file('verify.html'), 'utf8')).toBe('<!doctype html>page')
  expect(lines).toHaveLength(1)
  await expect(run('--page', file('no/such/folder.html'))).rejects.toMatchObject({ code: 'verify.no-file' })
})

test.each([
  [[], 'necto verify <job|root|file>'],
  [['K7QF-3M2P', 'x'], 'necto verify <job|root|file>'],
  [['--page'], '--page needs FILE.'],
  [['K7QF-3M2P', '--bundle'], '--bundle needs FILE.'],
  [['K7QF-3M2P', '--bytes'], '--bytes needs FILE.'],
])('%j is answered with what is wrong', async (args, said) => {
  const { lines, warned, run } = await start()
  expect(await run(...args)).toBe(2)
  expect(lines).toEqual([])
  expect(warned.join()).toContain(said)
})
