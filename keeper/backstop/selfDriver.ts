// Driver `self`: asks the router page by page which jobs may be reclaimed, and gives the money back when nobody else does.
import { type Address, concatHex, type Hex, keccak256 } from 'viem'
import type { Clock } from '../../core/clock.ts'
import { readRouterEvents } from '../../core/escrow/events.ts'
import { readJob } from '../../core/escrow/jobRecord.ts'
import { decodeReclaimMany, encodeRouterCall, tryRouterCall } from '../../core/escrow/routerCall.ts'
import { readDueReclaims } from '../../core/escrow/routerReads.ts'
import type { RandomBytes } from '../../core/ids.ts'
import type { Log } from '../../core/log.ts'
import type { Collection } from '../../core/store/store.ts'
import { attemptPauseMs } from '../tasks/submitAgain.ts'
import type { Endpoints } from '../tx/endpoints.ts'
import type { Intent } from '../tx/intent.ts'
import type { Sender } from '../tx/sender.ts'
import { type AutomationDriver, createBalanceWatch, PAGE } from './driver.ts'
import type { Due } from './due.ts'

const LOOK_AGAIN_MS = 1_000

export interface SelfDriverOptions {
  readonly endpoints: Endpoints
  readonly router: Address
  readonly account: Address
  readonly sender: Pick<Sender, 'submit' | 'isIdle'>
  readonly intents: Collection<Intent>
  readonly dues: Collection<Due>
  readonly graceSeconds: number
  readonly jitterSeconds: number
  readonly pollMs: number
  readonly lowBalanceWei: bigint
  readonly clock: Clock
  readonly random: RandomBytes
  readonly log: Log
}

export function createSelfDriver(options: SelfDriverOptions): AutomationDriver {
  const { endpoints, router, account, sender, intents, dues, clock, log, pollMs } = options
  const watchBalance = createBalanceWatch({ endpoints, account, lowWei: options.lowBalanceWei, log })
  const told = new Set<string>()
  let isFirstRound = true

  /** Every job the resolver names, in pages; a job keeps its place until it ends. */
  async function readPages(): Promise<Hex[][]> {
    const pages: Hex[][] = []
    for (let cursor = 0n; ; cursor += PAGE) {
      const page = await endpoints.first((client) => readDueReclaims({ client, router, cursor, limit: PAGE }))
      if (page.payload) pages.push([...decodeReclaimMany(page.payload)])
      if (cursor + PAGE >= page.places) return pages
    }
  }

  async function isMyTurn(id: Hex, nowSeconds: bigint): Promise<boolean> {
    const known = (await dues.get(id))?.value
    const due = known ?? { sinceSeconds: nowSeconds, waitSeconds: options.graceSeconds + drawJitter() }
    if (!known) await dues.insert(id, due)
    return nowSeconds >= due.sinceSeconds + BigInt(due.waitSeconds) && !(await isResting(id))
  }

  /** Whether the last try at this job failed a short while ago: each costs gas, so they come ever later. */
  async function isResting(id: Hex): Promise<boolean> {
    const tries = await intents.list({ index: 'covers', key: id })
    const newestMs = Math.max(0, ...tries.map(({ value }) => value.createdAtMs))
    return tries.length > 0 && clock.now() < newestMs + attemptPauseMs(tries.length)
  }

  async function forgetEnded(named: ReadonlySet<string>): Promise<void> {
    for (const doc of await dues.list()) if (!named.has(doc.id)) await dues.remove(doc)
  }

  function drawJitter(): number {
    const [a = 0, b = 0, c = 0] = options.random(3)
    return Math.floor(((a * 65_536 + b * 256 + c) / 2 ** 24) * (options.jitterSeconds + 1))
  }

  /** The gas a refund takes; undefined: the router refuses it now, mostly because somebody else was first. */
  async function gasOf(id: Hex): Promise<bigint | undefined> {
    const tried = await endpoints.first((client) =>
      tryRouterCall({ client, router, call: { verb: 'reclaim', id }, from: account }),
    )
    if (tried.ok) return tried.gas
    if ((await isOpen(id)) && !told.has(`${id}:${tried.error}`)) {
      told.add(`${id}:${tried.error}`)
      log.warn({ msg: 'the router refuses a refund that is due', jobId: id, refusal: tried.error })
    }
    return undefined
  }

  async function isOpen(id: Hex): Promise<boolean> {
    const job = await endpoints.first((client) => readJob({ client, router, id }))
    return job?.status === 'funded' || job?.status === 'active'
  }

  async function submit(ids: readonly Hex[]): Promise<boolean> {
    const known = await Promise.all(ids.map(async (id) => ({ id, gas: await gasOf(id) })))
    const able = known.flatMap(({ id, gas }) => (gas === undefined ? [] : [{ id, gas }]))
    if (able.length === 0) return false
    // Each refund's own estimate: one for the whole call would be content with refunds that ran out of gas inside it.
    const gas = (able.reduce((sum, one) => sum + one.gas, 0n) * 5n) / 4n
    const sorted = able.map(({ id }) => id).toSorted()
    const name = `reclaim:${keccak256(concatHex(sorted))}`
    for (let number = 1; ; number++) {
      const earlier = await intents.get(`${name}:${number}`)
      if (earlier) continue
      await sender.submit({
        id: `${name}:${number}`,
        to: router,
        gas,
        data: encodeRouterCall({ verb: 'reclaimMany', ids: sorted }),
        covers: sorted,
      })
      return true
    }
  }

  /** Says once what became of each transaction of this process, from the chain and not from the wish. */
  async function tellEnded(): Promise<void> {
    for (const { id, value } of await intents.list()) {
      if (told.has(id) || (value.state !== 'final' && value.state !== 'failed')) continue
      const ids = decodeReclaimMany(value.data)
      const { mined } = value
      const events = mined
        ? await endpoints.first((client) =>
            readRouterEvents({ client, router, fromBlock: mined.blockNumber, toBlock: mined.blockNumber }),
          )
        : []
      const ours = events.filter(({ at }) => at.transactionHash === mined?.hash)
      const refunded = ours.filter(({ name }) => name === 'JobRefunded' || name === 'JobExpired').length
      const open = await Promise.all(ids.map(isOpen))
      const fields = { hash: mined?.hash, jobIds: ids, refunded, elsewhere: ids.length - refunded }
      if (open.some(Boolean)) log.error({ msg: 'refunds were not done', ...fields, failure: value.failure?.code })
      else log.info({ msg: refunded > 0 ? 'deposits went back' : 'somebody else was first', ...fields })
      told.add(id)
    }
  }

  /** What ended in an earlier life was told there. */
  async function skipEarlier(): Promise<void> {
    for (const { id, value } of await intents.list())
      if (value.state === 'final' || value.state === 'failed') told.add(id)
    isFirstRound = false
  }

  async function round(): Promise<number> {
    if (isFirstRound) await skipEarlier()
    await endpoints.check()
    await watchBalance()
    // What was sent may be what is due: only when its outcome is known is it worth asking again.
    if (!(await sender.isIdle())) return LOOK_AGAIN_MS
    await tellEnded()
    const pages = await readPages()
    await forgetEnded(new Set(pages.flat()))
    const { timestamp } = await endpoints.first((client) => client.getBlock({ blockTag: 'latest' }))
    let isBusy = false
    for (const page of pages) {
      const mine: Hex[] = []
      for (const id of page) if (await isMyTurn(id, timestamp)) mine.push(id)
      if (mine.length > 0 && (await submit(mine))) isBusy = true
    }
    return isBusy ? LOOK_AGAIN_MS : pollMs
  }

  return { round }
}
