// One job's whole way in one process without a network: real flows, tasks, desk, inbox and follower over any store, the
// router's rules in memory, and people, a runner and rented machines that do their part however often the process dies.

import { type Hex, keccak256, sha256 } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { actionTokens, createActions } from '../../bots/chat/actions.ts'
import { PACES } from '../../bots/chat/chatBudget.ts'
import type { Inbound, MessageRef } from '../../bots/chat/inbound.ts'
import { createInbox, inboxEvents } from '../../bots/chat/inbox.ts'
import { createLiveMessages } from '../../bots/chat/liveMessage.ts'
import type { ChatPort } from '../../bots/chat/port.ts'
import { createTestPort } from '../../bots/chat/testPort.ts'
import type { View } from '../../bots/chat/view.ts'
import type { BotApp } from '../../bots/commands/app.ts'
import { handleInbound } from '../../bots/commands/handle.ts'
import { createScanLimit } from '../../bots/commands/scanLimit.ts'
import { createJobFollower } from '../../bots/follow/followJobs.ts'
import { notices } from '../../bots/follow/notice.ts'
import { formDrafts } from '../../bots/forms/drafts.ts'
import { createManualClock, systemClock } from '../../core/clock.ts'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { createMachineDesk } from '../../core/jobs/createMachineDesk.ts'
import { createRunnerDesk } from '../../core/jobs/createRunnerDesk.ts'
import { type Job, jobs } from '../../core/jobs/job.ts'
import { scanJob } from '../../core/jobs/scanJob.ts'
import { forgetSecrets, SECRETLESS_STATES } from '../../core/jobs/secrets.ts'
import { asker, askerChat, createTestJobs, place, runner } from '../../core/jobs/testJobs.ts'
import { createKeyedQueue } from '../../core/keyedQueue.ts'
import { silentLog } from '../../core/log.ts'
import { priceSamples } from '../../core/market/priceSamples.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import type { Store, Stored } from '../../core/store/store.ts'
import { blindHash } from '../../core/supply/blindHash.ts'
import { signReceipt } from '../../core/supply/receiptSignature.ts'
import { teamChoices } from '../../core/teams/choice.ts'
import { claims } from '../../core/teams/claim.ts'
import type { ZeroG } from '../../core/zerog/zeroG.ts'
import { expireJob } from '../../keeper/tasks/expireJobs.ts'
import { fundJob } from '../../keeper/tasks/fundJobs.ts'
import type { KeeperContext } from '../../keeper/tasks/keeper.ts'
import { launchJob, wantsLaunch } from '../../keeper/tasks/launchJobs.ts'
import type { Renting } from '../../keeper/tasks/renting.ts'
import { settleJob } from '../../keeper/tasks/settleJobs.ts'
import { cancelDeposit, startJob } from '../../keeper/tasks/startJobs.ts'
import { storeFile } from '../../keeper/tasks/storeFiles.ts'
import { watchJob } from '../../keeper/tasks/watchJobs.ts'
import { intents } from '../../keeper/tx/intent.ts'
import { createSender } from '../../keeper/tx/sender.ts'
import { createCrashingStore, type Side } from './crashingStore.ts'
import { createMachineModel, type MachineWay } from './machineModel.ts'
import { createRouterModel } from './routerModel.ts'

export const RUN_SECONDS = 100
const LOG = new TextEncoder().encode('epoch 1\nepoch 2\nloss 0.042\n')
const OUTPUT = new TextEncoder().encode('weights')
const SALT: Hex = `0x${'5a'.repeat(32)}`
const hashOf = (kind: 'log' | 'output', bytes: Uint8Array) => blindHash(kind, { salt: SALT, hash: sha256(bytes) })
const signal = new AbortController().signal
const key = (byte: string) => privateKeyToAccount(`0x${byte.repeat(32)}`)

export type JobWorld = Awaited<ReturnType<typeof createJobWorld>>
/** What lasts from a start of the process to its end. */
export type Life = Awaited<ReturnType<JobWorld['begin']>>

export interface JobWorldOptions {
  readonly inner?: Store
  /** See createCrashingStore; writes before the first life do not count. */
  readonly crashAt?: number
  readonly againAt?: number
  readonly side?: Side
  readonly gpuCount?: number
  /** Where files go, instead of a 0G that has them at once. */
  readonly zeroG?: Pick<ZeroG, 'put' | 'kvPut'>
  /** Jobs go to machines that Necto rents elsewhere, which do so. */
  readonly rents?: MachineWay
}

export async function createJobWorld(options: JobWorldOptions = {}) {
  const { inner = createMemoryStore(), gpuCount = 1 } = options
  const isOnDisk = options.inner !== undefined
  const clock = createManualClock(Date.UTC(2026, 10, 23))
  const nowSeconds = () => Math.floor(clock.now() / 1000)
  const rented = options.rents && createMachineModel({ clock, way: options.rents, runSeconds: RUN_SECONDS })
  const { launcher } = rented ?? {}
  await createTestJobs({ store: inner, clock, gpuCount, ...(launcher && { launcher }) })
  const disk = createCrashingStore(inner, options)
  const router = createRouterModel(nowSeconds)
  const chat = createTestPort({ clock })
  const views = new Map<string, View>()
  /** How often 0G was given each root's bytes, and which transactions the chain has run. */
  const puts = new Map<Hex, number>()
  const ran: { id: string; error: string | undefined }[] = []
  const undelivered: Inbound[] = []
  let eventsRead = 0

  const port: ChatPort = {
    ...chat.port,
    privatePlace: () => ({ ...askerChat }),
    async send(to, view, more) {
      const ref = await chat.port.send(to, view, more)
      views.set(ref.messageId, view)
      return ref
    },
    async edit(ref, view) {
      const outcome = await chat.port.edit(ref, view)
      if (outcome === 'edited') views.set(ref.messageId, view)
      return outcome
    },
  }

  /** Lets time pass until the promise is settled: what waits for the clock goes on. */
  async function until<T>(promise: Promise<T>): Promise<T> {
    let isOver = false
    const over = () => {
      isOver = true
    }
    promise.then(over, over)
    for (let i = 0; !isOver && i < 5_000; i++) {
      // A disk needs real time, which must not become the clock's.
      if (isOnDisk) await Promise.race([promise, systemClock.sleep(20)]).catch(over)
      if (!isOver) await clock.tick(250)
    }
    if (!isOver) throw new Error('nothing moves any more')
    return promise
  }

  /** The chain takes every transaction that is stored, whatever becomes of the process. */
  async function mine(): Promise<void> {
    const docs = inner.collection(intents)
    for (const doc of await docs.list({ index: 'state', key: 'planned' })) {
      const error = router.call(doc.value.data)
      ran.push({ id: doc.id, error })
      const failure = error && { code: error, text: error }
      await docs.put(doc, { ...doc.value, state: failure ? 'failed' : 'final', ...(failure && { failure }) })
    }
  }

  async function begin() {
    const store = disk.begin()
    const shop = await createTestJobs({ store, clock, gpuCount, ...(launcher && { launcher }) })
    const { context } = shop
    const sender = (byte: string) =>
      createSender({
        intents: store.collection(intents),
        transports: [],
        account: key(byte),
        chainId: place.chainId,
        confirmations: 1,
        clock,
        log: silentLog,
        feeCapWei: 1n,
      })
    const keeper: KeeperContext = {
      context,
      intents: store.collection(intents),
      agent: sender('c1'),
      relay: sender('c2'),
      feeCapWei: 1n,
      turns: createKeyedQueue(),
      router: place.router,
      registry: place.router,
      chainNowSeconds: async () => nowSeconds(),
      chainReadSeconds: async () => (eventsRead < router.events.length ? 0 : nowSeconds()),
      chainReadBlock: async () => (eventsRead < router.events.length ? 0n : 1n),
      chainStatus: async () => undefined,
      startedAtMs: clock.now(),
    }
    const renting: Renting = {
      keeper,
      launchers: rented ? [rented.calledBy(store.call)] : [],
      machinesUrl: 'https://machines.example/',
      memory: new Map(),
    }
    const live = createLiveMessages({ port, clock, log: silentLog, budgets: PACES })
    const actions = createActions({ collection: store.collection(actionTokens), clock, holdsRole: async () => false })
    const app: BotApp = {
      context,
      chat: port,
      live,
      actions,
      admins: [],
      claims: store.collection(claims),
      teamChoices: store.collection(teamChoices),
      scanLimit: createScanLimit({ clock, perDay: 100 }),
      priceSamples: store.collection(priceSamples),
      formDrafts: store.collection(formDrafts),
      market: shop.market,
      providers: shop.market.providers.map(({ id, name }) => ({ id, name })),
      publicUrl: 'http://127.0.0.1:8080',
      gatewayUrl: 'http://127.0.0.1:8081',
      explorerTxUrl: undefined,
      botNames: () => [],
    }
    const follow = createJobFollower({ app, notices: store.collection(notices) })
    const desk = createRunnerDesk(context)
    const inboxDocs = store.collection(inboxEvents)
    const inbox = createInbox({
      collection: inboxDocs,
      clock,
      log: silentLog,
      handle: (inbound) => handleInbound(app, inbound, signal),
      tell: async () => {},
      findSecret: () => false,
      onSecret: async () => {},
    })
    await inbox.start()

    async function deliver(): Promise<void> {
      while (undelivered[0]) {
        await inbox.accept(undelivered[0])
        undelivered.shift()
      }
      const isIdle = async () => {
        for (;;) {
          if (disk.isDead()) return
          if ((await inboxDocs.list({ index: 'state', key: 'waiting' })).length === 0) return
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
      await until(isIdle())
    }

    const each = async (states: readonly Job['state'][], work: (doc: Stored<Job>) => Promise<unknown>) => {
      for (const state of states)
        for (const doc of await context.jobs.list({ index: 'state', key: state })) await work(doc)
    }

    /** Every loop of keeper and bots once, over what is there. */
    async function turn(): Promise<void> {
      await deliver()
      await each(['scanning'], (doc) => until(scanJob({ context, market: shop.market, job: doc.value, signal })))
      await each(['paying'], (doc) => fundJob(keeper, doc))
      await each(['funded', 'starting', 'cancelling'], (doc) => startJob(keeper, doc, signal))
      await each(['active', 'running'], (doc) => watchJob(keeper, doc))
      for (const doc of await context.jobs.list()) if (wantsLaunch(doc.value)) await launchJob(renting, doc, signal)
      await each(['finishing', 'settling'], (doc) => settleJob(keeper, doc, signal))
      await each(['offered', 'ordered', 'signed', 'paying'], (doc) => expireJob(keeper, doc, signal))
      await each(SECRETLESS_STATES, ({ id }) => forgetSecrets(context, id))
      for (const doc of await context.uploads.list({ index: 'state', key: 'pending' }))
        await storeFile({ context, zeroG: options.zeroG ?? { put, kvPut: ({ bytes }) => put(bytes) }, doc, signal })
      await mine()
      while (eventsRead < router.events.length) {
        const event = router.events[eventsRead]
        const cancel = event && (await applyRouterEvent(context, event))
        if (cancel) await cancelDeposit(keeper, cancel.jobId)
        eventsRead += 1
      }
      for (const doc of await context.jobs.list()) await until(follow(doc))
    }

    /** What the seller's machine does for the jobs it is offered; it has its own memory, so a dead desk costs it nothing. */
    async function work(): Promise<void> {
      if (rented) return rented.work(createMachineDesk(context))
      for (let job = await desk.next(runner.address); job; job = await desk.next(runner.address))
        if (!(await workOnJob(job.jobId))) return
    }

    /** False when the desk does not want it. */
    async function workOnJob(jobId: Hex): Promise<boolean> {
      if (!(await desk.accept(runner.address, jobId)).ok) return false
      await clock.tick(RUN_SECONDS * 1000)
      await desk.heartbeat(runner.address, jobId)
      const nothing = await desk.log(runner.address, jobId, { offset: 0, bytes: new Uint8Array() })
      for (let offset = nothing.ok ? nothing.value.nextOffset : LOG.length; offset < LOG.length; ) {
        const sent = await desk.log(runner.address, jobId, { offset, bytes: LOG.slice(offset, offset + 10) })
        offset = sent.ok ? sent.value.nextOffset : LOG.length
      }
      await desk.output(runner.address, jobId, OUTPUT)
      const receipt = { usedSeconds: RUN_SECONDS, exitCode: 0, reason: 'exited' } as const
      const signed = await signReceipt({
        account: runner,
        receipt: { jobId, ...receipt, logHash: hashOf('log', LOG), outputHash: hashOf('output', OUTPUT) },
        chainId: place.chainId,
      })
      return (await desk.receipt(runner.address, jobId, { ...signed, salt: SALT })).ok
    }

    return { shop, keeper, desk, turn, work, end: () => live.close() }
  }

  async function put(bytes: Uint8Array) {
    const root = keccak256(bytes)
    puts.set(root, (puts.get(root) ?? 0) + 1)
    return { txSeq: puts.size, txHash: root, root, deduplicated: false, finalized: true } as const
  }

  const message: MessageRef = { platform: 'telegram', chatId: askerChat.chatId, messageId: '1', isPrivate: true }
  const from = {
    principal: { ...asker, kind: 'user' as const },
    place: { ...askerChat, platform: 'telegram' as const },
  }

  return {
    clock,
    inner,
    disk,
    router,
    chat,
    views,
    puts,
    ran,
    rented,
    begin,
    /** A command as Telegram hands it over, until it was taken. */
    says(eventKey: string, name: string, text: string): void {
      undelivered.push({ kind: 'command', key: eventKey, ...from, name, text, message })
    },
    /** A press on the newest button with this label; false when there is none. */
    presses(eventKey: string, label: string): boolean {
      const buttons = [...views.values()].toReversed().flatMap((view) => view.buttons?.flat() ?? [])
      const found = buttons.find((button) => 'token' in button && button.label.startsWith(label))
      if (!found || !('token' in found)) return false
      undelivered.push({ kind: 'action', key: eventKey, ...from, token: found.token, callbackId: eventKey, message })
      return true
    },
    jobs: async () => (await inner.collection(jobs).list()).map((doc) => doc.value),
  }
}
