// For the contract of chats: one platform's stand-in with people, and the inbox, live messages and buttons over the chat.
import { systemClock } from '../../core/clock.ts'
import { silentLog } from '../../core/log.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { actionTokens, createActions } from './actions.ts'
import { PACES } from './chatBudget.ts'
import type { Inbound, MessageRef, Place } from './inbound.ts'
import { createInbox, inboxEvents } from './inbox.ts'
import { createLiveMessages } from './liveMessage.ts'
import type { Chat } from './port.ts'

/** A message as everybody in the team's chat sees it. */
export interface ContractMessage {
  readonly messageId: string
  /** Without markup and what keeps markup off. */
  readonly text: string
  /** Whether it stands as the answer to what somebody sent. */
  readonly isAnswer: boolean
  /** What each button carries: a token or an address. */
  readonly buttons: readonly (readonly string[])[]
  /** Every style, link and mention in it, in order, as words. */
  readonly structure: readonly string[]
}

/** A platform for the contract: one team chat, Ann who made it, Bob. */
export interface ContractWorld {
  readonly teamPlace: Place
  readonly otherPlace: Place
  readonly annId: string
  /** Somebody whom the bot cannot write to. */
  readonly unreachable: Place
  /** Connects one more adapter, as after a restart; events go to `onInbound`. */
  connect(onInbound: (event: Inbound) => Promise<void>): Promise<Chat>
  /** Somebody sends the command `ask` with these words in the team's chat. */
  asks(who: 'ann' | 'bob', words: string): void
  /** Presses what carries this token, whether it is shown or not; the words that only this person sees. */
  press(who: 'ann' | 'bob', ref: MessageRef, token: string): Promise<string>
  /** The last event comes once more. */
  redeliver(): void
  /** Ann lets the bot write to her in private, where that is hers to allow. */
  letsWrite(): void
  /** The texts that this person finds in the team's chat, or in their own with the bot. */
  reads(who: 'ann' | 'bob', where: 'team' | 'private'): readonly string[]
  messages(): readonly ContractMessage[]
  message(messageId: string): ContractMessage
  /** Every state that a message was seen in. */
  states(messageId: string): readonly string[]
  /** Resolves with the message as soon as everybody sees these words in one. */
  sees(words: string | RegExp): Promise<ContractMessage>
  deleteMessage(ref: MessageRef): Promise<void>
  removeBot(): void
  /** The next call of this kind is refused for so many seconds. */
  limitNext(call: 'send' | 'edit', seconds: number): void
  stop(): Promise<void>
}

export type ContractBed = Awaited<ReturnType<typeof createChatBed>>

/** The chat side of the product around one platform. */
export async function createChatBed(openWorld: () => Promise<ContractWorld>) {
  const world = await openWorld()
  const store = createMemoryStore()
  const events = store.collection(inboxEvents)
  const received: Inbound[] = []
  let handle: (event: Inbound, signal: AbortSignal) => Promise<void> = async () => {}
  let run = await start()

  async function start() {
    const inbox = createInbox({
      collection: events,
      clock: systemClock,
      log: silentLog,
      handle: (event, signal) => handle(event, signal),
      tell: (event, text) => chat.notice(event, text),
      findSecret: () => false,
      onSecret: async () => {},
    })
    const chat: Chat = await world.connect(async (event) => {
      received.push(event)
      await inbox.accept(event)
    })
    const live = createLiveMessages({ port: chat, clock: systemClock, log: silentLog, budgets: PACES })
    const holdsRole = async () => false
    const actions = createActions({ collection: store.collection(actionTokens), clock: systemClock, holdsRole })
    await inbox.start()
    return {
      chat,
      live,
      actions,
      async stop({ graceMs = 1_000 } = {}) {
        await chat.stop()
        await inbox.stop({ graceMs })
        await live.close()
      },
    }
  }

  return {
    world,
    events,
    received,
    get chat() {
      return run.chat
    },
    get live() {
      return run.live
    },
    get actions() {
      return run.actions
    },
    /** What happens with every event from now on. */
    on(next: typeof handle) {
      handle = next
    },
    /** Ends the process's part and begins it anew over the same store. */
    async restart(options?: { graceMs?: number }) {
      await run.stop(options)
      run = await start()
    },
    async close() {
      await run.stop()
      await world.stop()
    },
  }
}
