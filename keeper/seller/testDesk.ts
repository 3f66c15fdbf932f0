// For the tests beside: a working desk in memory behind the real interface on a real port.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesToHex, type Hex, isAddressEqual, type LocalAccount, sha256 } from 'viem'
import { systemClock } from '../../core/clock.ts'
import { randomBytes } from '../../core/ids.ts'
import type { DeskAnswer, DeskRefusal, Receipt, RunnerDesk, RunnerJob } from '../../core/jobs/runnerDesk.ts'
import { silentLog } from '../../core/log.ts'
import { blindHash } from '../../core/supply/blindHash.ts'
import { verifyReceipt } from '../../core/supply/receiptSignature.ts'
import { createSellerApi } from '../api/createSellerApi.ts'
import { createNonces } from '../api/nonces.ts'
import { type SellerApiServer, serveSellerApi } from '../api/serveSellerApi.ts'

export const DESK_CHAIN_ID = 84_532
const no = (code: DeskRefusal['code']): DeskRefusal => ({ ok: false, code, why: code })

export interface DeskJob {
  readonly runner: Hex
  readonly job: RunnerJob
  state: 'waiting' | 'running' | 'done'
  log: Uint8Array
  output: Uint8Array
  heartbeats: number
  stop: boolean
  receipt: Receipt | undefined
}

/** A desk whose jobs a test puts in and looks at. */
export function createTestDesk(options: { maxLogBytes?: number } = {}) {
  const { maxLogBytes = 1_000_000 } = options
  const jobs = new Map<Hex, DeskJob>()
  const runners = new Set<string>()
  const own = (runner: Hex, jobId: Hex) => {
    const found = jobs.get(jobId)
    return found && isAddressEqual(found.runner, runner) ? found : undefined
  }
  function running<T>(runner: Hex, jobId: Hex, act: (found: DeskJob) => DeskAnswer<T>): DeskAnswer<T> {
    const found = own(runner, jobId)
    if (!found) return no('unknown-job')
    return found.state === 'running' ? act(found) : no('wrong-state')
  }

  const desk: RunnerDesk = {
    knows: async (runner) => runners.has(runner.toLowerCase()),
    next: async (runner) => [...jobs.values()].find((job) => own(runner, job.job.jobId) && job.state !== 'done')?.job,
    async accept(runner, jobId) {
      const found = own(runner, jobId)
      if (!found) return no('unknown-job')
      if (found.state === 'done') return no('wrong-state')
      found.state = 'running'
      return { ok: true, value: found.job }
    },
    heartbeat: async (runner, jobId) =>
      running(runner, jobId, (found) => {
        found.heartbeats += 1
        return { ok: true, value: { stop: found.stop } }
      }),
    log: async (runner, jobId, { offset, bytes }) =>
      running(runner, jobId, (found) => {
        if (offset !== found.log.length) return { ok: true, value: { nextOffset: found.log.length } }
        if (offset + bytes.length > maxLogBytes) return no('too-large')
        found.log = new Uint8Array([...found.log, ...bytes])
        return { ok: true, value: { nextOffset: found.log.length } }
      }),
    output: async (runner, jobId, bytes) =>
      running(runner, jobId, (found) => {
        found.output = bytes
        return { ok: true, value: {} }
      }),
    async receipt(runner, jobId, signed) {
      const found = own(runner, jobId)
      if (!found) return no('unknown-job')
      if (found.receipt) return { ok: true, value: {} }
      if (found.state !== 'running') return no('wrong-state')
      const { receipt, salt } = signed
      const hashOf = (kind: 'log' | 'output') => blindHash(kind, { salt, hash: sha256(found[kind]) })
      const isWhole = receipt.logHash === hashOf('log') && receipt.outputHash === hashOf('output')
      if (!isWhole || !(await verifyReceipt({ signed, runner, chainId: DESK_CHAIN_ID }))) return no('bad-receipt')
      found.receipt = receipt
      found.state = 'done'
      return { ok: true, value: {} }
    },
  }

  return {
    desk,
    addRunner: (account: LocalAccount) => runners.add(account.address.toLowerCase()),
    /** A job waiting for this runner. */
    addJob(runner: LocalAccount, workload: RunnerJob['workload'], maxSeconds = 60, env?: RunnerJob['env']): DeskJob {
      const job: RunnerJob = {
        jobId: bytesToHex(randomBytes(32)),
        workload,
        gpuCount: 1,
        maxSeconds,
        ...(env && { env }),
      }
      const empty = new Uint8Array()
      const entry: DeskJob = {
        runner: runner.address,
        job,
        state: 'waiting',
        log: empty,
        output: empty,
        heartbeats: 0,
        stop: false,
        receipt: undefined,
      }
      jobs.set(job.jobId, entry)
      return entry
    },
  }
}

/** The desk on a port; port 0 = any. */
export function serveTestDesk(desk: RunnerDesk, port = 0): Promise<SellerApiServer> {
  const parts = { desk, clock: systemClock, log: silentLog, chainId: DESK_CHAIN_ID }
  return serveSellerApi({
    port,
    app: createSellerApi({
      ...parts,
      nonces: createNonces(systemClock),
      waitForWork: async (runner, ms, signal) => {
        const end = Date.now() + ms
        while (Date.now() < end && !signal.aborted && !(await desk.next(runner)))
          await systemClock.sleep(20, signal).catch(() => {})
      },
    }),
  })
}

/** A folder that nobody else uses. */
export const temporaryFolder = () => mkdtempSync(join(tmpdir(), 'necto-seller-'))

export const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
