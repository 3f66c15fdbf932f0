// The threads that run the SDKs load no native addon: killed at the wrong moment it would take the process with it.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const path = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)
const nowhere = 'http://127.0.0.1:9'
const WORKERS = {
  "0G's": `
    const { createSdkPool } = await import(${path('./zerog/sdkPool.ts')})
    const pool = createSdkPool({ maxWorkers: 1 })
    const account = '0x1111111111111111111111111111111111111111'
    const job = {
      kind: 'upload', bytes: new Uint8Array(9), tags: '0x', submitter: account,
      rpcUrl: '${nowhere}', chainId: 16602, indexerUrl: '${nowhere}', flowAddress: account,
    }
    const asked = pool.run(job, { signal: new AbortController().signal })`,
  "Nosana's": `
    const { readIdleHosts } = await import(${path('./providers/nosana/marketQueues.ts')})
    const { systemClock: clock } = await import(${path('./clock.ts')})
    const asked = readIdleHosts({ rpcUrl: '${nowhere}', clock, signal: new AbortController().signal, timeoutMs: 60_000 })`,
}

test.each(Object.entries(WORKERS))('%s', async (_, script) => {
  const rest = `
    await asked.catch((error) => console.log(error.code))
    process.report.excludeNetwork = true
    console.log(process.report.getReport().sharedObjects.filter((file) => file.endsWith('.node')))
    process.exit()`
  // From a file: a thread would be given the flag of a script on the command line, and refuse it.
  const folder = mkdtempSync(join(tmpdir(), 'necto-worker-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'script.mjs')
  writeFileSync(file, script + rest)
  const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 55_000 })
  // An error of the SDK itself: it was loaded.
  expect(stdout).toMatch(/^(zerog\.unavailable|nosana\.rpc)\n\[\]\n$/)
})
