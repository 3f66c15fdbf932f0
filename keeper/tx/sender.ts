// Sends intents: simulate, take a nonce, sign, store the bytes, and only then broadcast; repeat until final.
import type { Abi, Address, Hex, LocalAccount, Transport } from 'viem'
import type { Clock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { Collection, Stored } from '../../core/store/store.ts'
import { createBell } from './bell.ts'
import { createEndpoints, rpcErrorText } from './endpoints.ts'
import { type Intent, lineKey } from './intent.ts'
import { createNonceLine } from './nonceLine.ts'
import { createSteps } from './steps.ts'

export interface SenderOptions {
  readonly intents: Collection<Intent>
  /** One per RPC endpoint (`rpcTransport`); every transaction goes to all of them. */
  readonly transports: readonly Transport[]
  /** Signs; its nonces belong to this sender alone. */
  readonly account: LocalAccount
  readonly chainId: number
  /** Blocks until final, the transaction's own counted. */
  readonly confirmations: number
  readonly clock: Clock
  readonly log: Log
  /** The most it bids for one unit of gas, in wei. */
  readonly feeCapWei: bigint
  /** A transaction not mined after this long bids 15 % more. @default 30_000 */
  readonly bumpEveryMs?: number
  /** How often the bytes of one not yet mined are offered again. @default 10_000 */
  readonly resendEveryMs?: number
  /** How often receipts are read while something is open. @default 2_000 */
  readonly pollMs?: number
  /** Higher bids per nonce; after them it only waits, and says so. @default 8 */
  readonly maxBumps?: number
  /** Names the contracts' custom errors in `failure.code`. @default [] */
  readonly errorAbi?: Abi
  /** Told of what an operator wants to count. */
  readonly onTrouble?: (what: 'txBumps' | 'txUnknown' | 'noncesTaken') => void
}

interface Call {
  /** Unique for ever, by convention `<job>:<effect>`. */
  readonly id: string
  readonly to: Address
  readonly data: Hex
  readonly value?: bigint
  readonly gas?: bigint
  /** The on-chain jobs of a batch. */
  readonly covers?: readonly Hex[]
}

export interface Sender {
  /** Stores the wish; the same call again is fine. NectoError `tx.id-reused`: this id stands for another call. */
  submit(call: Call): Promise<void>
  /** Works until aborted. Nothing needs it to end well: a killed one is resumed by the next. */
  run(signal: AbortSignal): Promise<void>
  /** One round over everything open; `run` without the waiting. */
  step(): Promise<void>
  /** Whether `run` has looked at everything that was open since it began. */
  isReconciled(): boolean
  /** Whether every intent of this signer is final or failed. */
  isIdle(): Promise<boolean>
}

// With nothing open only a new intent matters, and the watch tells; this is for a change feed that failed.
const IDLE_MS = 60_000
// Enough to keep a round short, few enough for an endpoint with a rate limit.
const AT_ONCE = 8

/** The only sender of this account on this chain: two at once would take the same nonces. */
export function createSender(options: SenderOptions): Sender {
  const { intents, account, chainId, clock, log, pollMs = 2_000 } = options
  const line = { chainId, signer: account.address }
  const endpoints = createEndpoints({ transports: options.transports, chainId })
  const nonces = createNonceLine({ intents, endpoints, line })
  const steps = createSteps({
    bumpEveryMs: 30_000,
    resendEveryMs: 10_000,
    maxBumps: 8,
    errorAbi: [],
    onTrouble: () => undefined,
    ...options,
    endpoints,
    nonces,
  })
  const bell = createBell(clock)
  let isReconciled = false
  const listOpen = () => intents.list({ index: 'openLine', key: lineKey(line) })

  async function step() {
    const open = await listOpen()
    if (open.length === 0) return
    await endpoints.check()
    const planned = open.filter(({ value }) => value.state === 'planned')
    // One after the other, since each takes the next nonce; the rest only read and repeat.
    for (const doc of planned.sort((a, b) => a.value.createdAtMs - b.value.createdAtMs)) await move(doc, steps.sign)
    const others = open.filter(({ value }) => value.state !== 'planned')
    for (let i = 0; i < others.length; i += AT_ONCE) {
      await Promise.all(others.slice(i, i + AT_ONCE).map((doc) => move(doc, steps.follow)))
    }
  }

  async function move(doc: Stored<Intent>, by: (doc: Stored<Intent>) => Promise<void>) {
    try {
      await by(doc)
    } catch (error) {
      nonces.forget()
      log.warn({ msg: 'transaction waits', intent: doc.id, state: doc.value.state, reason: rpcErrorText(error) })
    }
  }

  async function ringOnNew(signal: AbortSignal) {
    for await (const change of intents.watch(signal)) {
      const doc = change.removed ? undefined : await intents.get(change.id)
      if (doc?.value.state === 'planned') bell.ring()
    }
  }

  return {
    step,
    async submit({ id, to, data, value = 0n, gas, covers }) {
      const call = { to, data, value, ...(gas !== undefined && { gas }), ...(covers && { covers: [...covers] }) }
      const createdAtMs = clock.now()
      if (await intents.insert(id, { ...line, ...call, state: 'planned', versions: [], createdAtMs })) return
      const known = (await intents.get(id))?.value
      if (known && sameCall(known, { ...line, ...call })) return
      throw new NectoError('tx.id-reused', 'This payment is already under way with other figures.', { details: id })
    },
    async run(signal) {
      const watching = ringOnNew(signal).catch((error: unknown) => {
        if (!signal.aborted) log.error({ msg: 'the feed of new transactions broke off', reason: rpcErrorText(error) })
      })
      while (!signal.aborted) {
        let wait = pollMs
        try {
          await step()
          isReconciled = true
          if ((await listOpen()).length === 0) wait = IDLE_MS
        } catch (error) {
          log.warn({ msg: 'transactions wait', chainId, reason: rpcErrorText(error) })
        }
        await bell.wait(wait, signal)
      }
      await watching
    },
    isReconciled: () => isReconciled,
    isIdle: async () => (await listOpen()).length === 0,
  }
}

type Same = Pick<Intent, 'signer' | 'to' | 'data' | 'value' | 'gas'>
function sameCall(a: Same, b: Same): boolean {
  const text = (call: Same) => [call.signer, call.to, call.data].join().toLowerCase()
  return text(a) === text(b) && a.value === b.value && a.gas === b.gas
}
