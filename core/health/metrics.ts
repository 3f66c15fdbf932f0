// Figures of a running Necto for Prometheus, in a registry of its own. No label ever names a person, a job or a wallet.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { RpcFailure } from '../escrow/rpcFailure.ts'

/** What is set to how it stands: name, what it is, its one label. */
const GAUGES = {
  jobs: ['necto_jobs', 'Jobs by state', 'state'],
  intents: ['necto_intents', 'Transactions by state', 'state'],
  uploadsPending: ['necto_uploads_pending', 'Files that are not on 0G yet'],
  uploadsOldestSeconds: ['necto_uploads_oldest_seconds', 'How long the oldest of them has been tried'],
  signerBalanceWei: ['necto_signer_balance_wei', 'What a signer has for gas', 'signer'],
  signerLow: ['necto_signer_low', '1: it has less than its floor', 'signer'],
  nonceGap: ['necto_nonce_gap', 'Nonces missing before the first open transaction', 'signer'],
  headLagBlocks: ['necto_chain_head_lag_blocks', 'Blocks from the last one read as final to the head'],
  headAgeSeconds: ['necto_chain_head_age_seconds', 'Since the head last rose'],
  escrowLocked: ['necto_escrow_locked_micro_usdc', 'What the router holds for jobs that are open'],
  ledgerLocked: ['necto_ledger_locked_micro_usdc', 'The same by the documents of the jobs'],
  escrowBalance: ['necto_escrow_balance_micro_usdc', 'USDC in the router'],
  reconcileDifferences: ['necto_reconcile_differences', 'Jobs whose document and chain disagreed at the last sweep'],
  scheduleLastRun: ['necto_schedule_last_run_seconds', 'Unix time of the last run’s begin', 'schedule'],
  scheduleSeconds: ['necto_schedule_duration_seconds', 'How long the last run took', 'schedule'],
  scheduleOk: ['necto_schedule_ok', '1: the last run came to its end', 'schedule'],
} as const satisfies Record<string, readonly [name: string, help: string, label?: string]>

/** What is counted since the start. */
const COUNTERS = {
  txBumps: ['necto_tx_bumps_total', 'Higher bids for gas', 'signer'],
  txUnknown: ['necto_tx_unknown_total', 'Broadcasts whose outcome no endpoint could tell', 'signer'],
  noncesTaken: ['necto_tx_nonces_taken_total', 'Nonces that another use of the key took', 'signer'],
  reorgs: ['necto_reorgs_total', 'Times that blocks were taken back'],
  reorgBlocks: ['necto_reorg_blocks_total', 'Blocks taken back'],
  scheduleSkips: ['necto_schedule_skips_total', 'Runs left out since the one before was still under way', 'schedule'],
} as const satisfies Record<string, readonly [name: string, help: string, label?: string]>

export type Figure = keyof typeof GAUGES

export interface Metrics {
  /** `label` where the figure has one. */
  set(figure: Figure, value: number | bigint, label?: string): void
  /** Forgets the labels that are not among these. */
  setAll(figure: Figure, values: Readonly<Record<string, number>>): void
  count(counter: keyof typeof COUNTERS, by?: number, label?: string): void
  /** `endpoint` is its place in the list, counted from 0: its address may hold a key. */
  rpcFailed(endpoint: number, failure: RpcFailure): void
  /** From the arrival of what somebody wrote or pressed to the end of the answer. */
  chatAnswered(platform: string, seconds: number): void
  /** Called before the figures are read. */
  onRead(refresh: () => Promise<void> | void): void
  /** In Prometheus' text format. */
  text(): Promise<string>
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  const refreshers: (() => Promise<void> | void)[] = []
  const define = ([name, help, label]: readonly [string, string, string?]) => ({
    name,
    help,
    registers: [registry],
    labelNames: label === undefined ? [] : [label],
  })
  const gauges = new Map(Object.entries(GAUGES).map(([key, entry]) => [key, new Gauge(define(entry))]))
  const counters = new Map(Object.entries(COUNTERS).map(([key, entry]) => [key, new Counter(define(entry))]))
  const labelled = ([, , label]: readonly [string, string, string?], value: string | undefined) =>
    label !== undefined && value !== undefined ? { [label]: value } : {}
  const rpcErrors = new Counter({
    name: 'necto_rpc_errors_total',
    help: 'Calls of the escrow chain that an endpoint did not answer',
    labelNames: ['endpoint', 'class'],
    registers: [registry],
  })
  const chatSeconds = new Histogram({
    name: 'necto_chat_ack_seconds',
    help: 'From what somebody wrote to its answer',
    labelNames: ['platform'],
    buckets: [0.1, 0.3, 1, 3, 10, 30],
    registers: [registry],
  })
  const loopDelay = new Gauge({
    name: 'necto_eventloop_delay_seconds',
    help: 'How late the event loop was since the figures were last read',
    labelNames: ['quantile'],
    registers: [registry],
  })

  function readLoopDelay(): void {
    for (const quantile of [50, 99]) loopDelay.set({ quantile: `${quantile / 100}` }, delay.percentile(quantile) / 1e9)
    delay.reset()
  }

  return {
    set: (figure, value, label) => gauges.get(figure)?.set(labelled(GAUGES[figure], label), Number(value)),
    setAll(figure, values) {
      gauges.get(figure)?.reset()
      for (const [label, value] of Object.entries(values)) this.set(figure, value, label)
    },
    count: (counter, by = 1, label) => counters.get(counter)?.inc(labelled(COUNTERS[counter], label), by),
    rpcFailed: (endpoint, failure) => rpcErrors.inc({ endpoint: String(endpoint), class: failure }),
    chatAnswered: (platform, seconds) => chatSeconds.observe({ platform }, seconds),
    onRead: (refresh) => void refreshers.push(refresh),
    async text() {
      readLoopDelay()
      await Promise.all(refreshers.map((refresh) => refresh()))
      return await registry.metrics()
    },
  }
}
