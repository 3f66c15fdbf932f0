// The process driver: what has ended is left alone, since its number may be somebody else's by then.
import { mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createProcessDriver } from './process.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'necto-process-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

test('stopping a job that has ended signals nobody and keeps nothing waiting', async () => {
  const driver = createProcessDriver({ env: { PATH: process.env.PATH } })
  const job = { jobId: `0x${'1'.repeat(64)}` as const, workload: { command: ['true'] }, gpuCount: 1, maxSeconds: 60 }
  const logFd = openSync(path.join(folder, 'log'), 'w')
  const running = driver.start({ job, workPath: folder, outputPath: folder, logFd }, () => {})
  expect(await running.ended).toEqual({ exitCode: 0 })
  const before = timers()
  running.stop()
  expect(timers()).toBe(before)
})
