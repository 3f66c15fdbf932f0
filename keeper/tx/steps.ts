// The moves of one intent: to sign it, and to follow it until its block is final.
import { type Abi, keccak256, type LocalAccount } from 'viem'
import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import type { Collection, Stored } from '../../core/store/store.ts'
import { broadcast } from './broadcast.ts'
import type { Endpoints } from './endpoints.ts'
import { bumpedFees, type Fees, firstFees } from './fees.ts'
import type { Intent, SignedVersion } from './intent.ts'
import type { NonceLine } from './nonceLine.ts'
import { observe } from './observe.ts'
import { explainRevert, simulate } from './simulate.ts'

interface StepOptions {
  readonly intents: Collection<Intent>
  readonly endpoints: Endpoints
  readonly nonces: NonceLine
  readonly account: LocalAccount
  readonly chainId: number
  readonly confirmations: number
  readonly clock: Clock
  readonly log: Log
  readonly feeCapWei: bigint
  readonly bumpEveryMs: number
  readonly resendEveryMs: number
  readonly maxBumps: number
  readonly errorAbi: Abi
  readonly onTrouble: (what: 'txBumps' | 'txUnknown' | 'noncesTaken') => void
}
type Doc = Stored<Intent>

export interface Steps {
  /** From planned to sent, or to failed when the call would revert: then no nonce is spent. */
  sign(doc: Doc): Promise<void>
  /** From signed on: reads where it stands, sends the same bytes again, bids more, ends it at depth. */
  follow(doc: Doc): Promise<void>
}

/** Every await here may be the last one of this process; what is stored at that moment is enough to go on. */
export function createSteps(options: StepOptions): Steps {
  const { intents, endpoints, nonces, account, chainId, confirmations, clock, log, feeCapWei, errorAbi } = options
  const lastSentAtMs = new Map<string, number>()

  async function suggestFees(): Promise<Fees | undefined> {
    return await endpoints.first(async (client) => {
      const block = await client.getBlock({ blockTag: 'latest' })
      const tip = await client.estimateMaxPriorityFeePerGas()
      return firstFees({ baseFee: block.baseFeePerGas ?? 0n, tip, capWei: feeCapWei })
    })
  }

  async function signVersion(call: Intent, bid: { nonce: number; gas: bigint; fees: Fees }): Promise<SignedVersion> {
    const { to, data, value } = call
    const { nonce, gas, fees } = bid
    const raw = await account.signTransaction({ type: 'eip1559', chainId, nonce, to, data, value, gas, ...fees })
    return { nonce, raw, hash: keccak256(raw), ...fees, signedAtMs: clock.now() }
  }

  async function send(doc: Doc): Promise<void> {
    const version = doc.value.versions.at(-1)
    if (!version) return
    lastSentAtMs.set(doc.id, clock.now())
    const { outcome, texts } = await broadcast(endpoints, version.raw)
    if (outcome === 'unknown') options.onTrouble('txUnknown')
    if (outcome !== 'accepted')
      log.warn({ msg: 'broadcast not confirmed', intent: doc.id, outcome, texts, hash: version.hash })
    // A higher bid is no help to an empty wallet, so those bytes stay 'signed' and are offered again as they are.
    if (doc.value.state === 'signed' && outcome !== 'unfunded') await intents.put(doc, { ...doc.value, state: 'sent' })
  }

  async function sign(doc: Doc): Promise<void> {
    const simulation = await simulate({ endpoints, call: doc.value, errorAbi })
    if (!simulation) {
      log.warn({ msg: 'transaction waits', intent: doc.id, reason: 'the endpoints do not agree on its simulation' })
      return
    }
    if ('failure' in simulation) return await end(doc, { state: 'failed', failure: simulation.failure })
    const fees = await suggestFees()
    if (!fees) {
      log.warn({ msg: 'transaction waits', intent: doc.id, reason: 'gas costs more than the cap' })
      return
    }
    const nonce = await nonces.peek()
    const version = await signVersion(doc.value, { nonce, gas: simulation.gas, fees })
    const versions = [...doc.value.versions, version]
    const signed: Intent = { ...doc.value, state: 'signed', nonce, gasLimit: simulation.gas, versions }
    const stored = await intents.put(doc, signed)
    if (!stored) return nonces.forget()
    nonces.used()
    await send(stored)
  }

  async function bump(doc: Doc): Promise<boolean> {
    const { nonce, gasLimit, versions } = doc.value
    const last = versions.at(-1)
    if (!last || nonce === undefined || gasLimit === undefined) return false
    const bumps = versions.filter((version) => version.nonce === nonce).length - 1
    const suggested = await suggestFees()
    const fees = bumps < options.maxBumps ? bumpedFees({ last, suggested, capWei: feeCapWei }) : undefined
    if (!fees) {
      log.error({ msg: 'transaction is stuck and may bid no more', intent: doc.id, nonce, bumps, hash: last.hash })
      return false
    }
    const version = await signVersion(doc.value, { nonce, gas: gasLimit, fees })
    const stored = await intents.put(doc, { ...doc.value, versions: [...versions, version] })
    options.onTrouble('txBumps')
    if (stored) await send(stored)
    return true
  }

  async function end(doc: Doc, ending: Pick<Intent, 'state' | 'failure' | 'mined'>): Promise<void> {
    lastSentAtMs.delete(doc.id)
    await intents.put(doc, { ...doc.value, ...ending })
    log.info({ msg: 'transaction ended', intent: doc.id, state: ending.state, reason: ending.failure?.code })
  }

  async function follow(doc: Doc): Promise<void> {
    if (doc.value.state === 'signed' && !lastSentAtMs.has(doc.id)) return await send(doc)
    const seen = await observe({ endpoints, intent: doc.value, confirmations })
    if (!seen) return
    if (seen.kind === 'mined') {
      const { mined } = seen
      if (seen.isFinal && mined.status === 'success') return await end(doc, { state: 'final', mined })
      if (seen.isFinal) {
        const failure = await explainRevert({ endpoints, intent: { ...doc.value, mined }, errorAbi })
        return await end(doc, { state: 'failed', mined, failure })
      }
      if (doc.value.mined?.blockHash !== mined.blockHash)
        await intents.put(doc, { ...doc.value, state: 'mined', mined })
      return
    }
    if (seen.isReplaced) return await replan(doc)
    if (doc.value.state === 'mined') return await sendAfterReorg(doc)
    await push(doc, seen.nextNonce)
  }

  // A reorg took the block: the same bytes are as good as before.
  async function sendAfterReorg(doc: Doc): Promise<void> {
    const { mined, ...rest } = doc.value
    log.warn({ msg: 'a reorg took a transaction back', intent: doc.id, hash: mined?.hash, blockHash: mined?.blockHash })
    const stored = await intents.put(doc, { ...rest, state: 'sent' })
    if (stored) await send(stored)
  }

  // Somebody else used this key: the nonce is gone for good, so the call may have another one.
  async function replan(doc: Doc): Promise<void> {
    log.error({ msg: 'another transaction took this nonce: is the key used elsewhere?', intent: doc.id })
    options.onTrouble('noncesTaken')
    nonces.forget()
    lastSentAtMs.delete(doc.id)
    const { nonce: _, gasLimit: __, mined: ___, ...rest } = doc.value
    await intents.put(doc, { ...rest, state: 'planned' })
  }

  async function push(doc: Doc, nextNonce: number): Promise<void> {
    const now = clock.now()
    const sentAtMs = lastSentAtMs.get(doc.id)
    if (sentAtMs !== undefined && now - sentAtMs < options.resendEveryMs) return
    const ageMs = now - (doc.value.versions.at(-1)?.signedAtMs ?? now)
    // Only the nonce that is mined next is worth a higher bid; the others wait for it.
    const isDue = doc.value.state === 'sent' && nextNonce === doc.value.nonce && ageMs >= options.bumpEveryMs
    if (!isDue || !(await bump(doc))) await send(doc)
  }

  return { sign, follow }
}
