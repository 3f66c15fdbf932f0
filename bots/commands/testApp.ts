// For tests of the bots: the app over a shop in memory, what it posted, and what each press or command was told.

import type { createManualClock } from '../../core/clock.ts'
import type { TestJobs } from '../../core/jobs/testJobs.ts'
import { silentLog } from '../../core/log.ts'
import { priceSamples } from '../../core/market/priceSamples.ts'
import { teamChoices } from '../../core/teams/choice.ts'
import { claims } from '../../core/teams/claim.ts'
import { actionTokens, createActions } from '../chat/actions.ts'
import { PACES } from '../chat/chatBudget.ts'
import type { Form } from '../chat/form.ts'
import type { Inbound, MessageRef, Place, Principal } from '../chat/inbound.ts'
import { createLiveMessages } from '../chat/liveMessage.ts'
import { createTestPort } from '../chat/testPort.ts'
import type { View } from '../chat/view.ts'
import { formDrafts } from '../forms/drafts.ts'
import type { BotApp } from './app.ts'
import { handleInbound } from './handle.ts'
import { createScanLimit } from './scanLimit.ts'

/** `clock` moves while something is waited for. */
export function createTestApp({ shop, clock }: { shop: TestJobs; clock: ReturnType<typeof createManualClock> }) {
  const chat = createTestPort({ clock })
  const sent: View[] = []
  const told: string[] = []
  const forms: Form[] = []
  /** What each message of ours shows now, in the order in which they were posted. */
  const messages = new Map<string, { ref: MessageRef; view: View }>()
  const port: BotApp['chat'] = {
    ...chat.port,
    async send(...args) {
      const ref = await chat.port.send(...args)
      sent.push(args[1])
      messages.set(ref.messageId, { ref, view: args[1] })
      return ref
    },
    async edit(ref, view) {
      const outcome = await chat.port.edit(ref, view)
      if (outcome === 'edited') messages.set(ref.messageId, { ref, view })
      return outcome
    },
    // As the platforms: Discord has forms, Telegram has none.
    async askForm(to, form) {
      if (to.place.platform !== 'discord') return false
      forms.push(form)
      return true
    },
    async notice(_, text) {
      told.push(text)
    },
  }
  const app: BotApp = {
    context: shop.context,
    chat: port,
    live: createLiveMessages({ port, clock, log: silentLog, budgets: PACES }),
    actions: createActions({ collection: shop.store.collection(actionTokens), clock, holdsRole: async () => false }),
    admins: ['telegram:1'],
    scanLimit: createScanLimit({ clock, perDay: 100 }),
    claims: shop.store.collection(claims),
    teamChoices: shop.store.collection(teamChoices),
    priceSamples: shop.store.collection(priceSamples),
    formDrafts: shop.store.collection(formDrafts),
    market: shop.market,
    providers: shop.market.providers.map(({ id, name }) => ({ id, name })),
    publicUrl: 'http://127.0.0.1:8080',
    gatewayUrl: 'http://127.0.0.1:8081',
    explorerTxUrl: undefined,
    botNames: () => [{ platform: 'telegram', username: 'necto_bot' }],
  }

  /** Lets time pass until it is done. */
  async function until<T>(promise: Promise<T>): Promise<T> {
    let isOver = false
    const over = () => {
      isOver = true
    }
    promise.then(over, over)
    for (let i = 0; !isOver && i < 500; i++) await clock.tick(500)
    return promise
  }

  type By = {
    key: string
    principal: Principal
    place: Place
    about?: { userId: string; label: string }
    /** In a Discord channel: the answer is seen by this person alone. */
    isForOne?: true
  }
  /** Who it is from, as an event says it, with the message it came by; that is none of ours, which are counted from 1. */
  function from({ isForOne, about: _, ...by }: By) {
    const { platform, chatId, isPrivate } = by.place
    const chat = isForOne ? { chatId: by.principal.userId, isPrivate: true } : { chatId, isPrivate }
    return { ...by, message: { platform, ...chat, messageId: '0' } }
  }
  const handle = (event: Inbound) => until(handleInbound(app, event, new AbortController().signal))
  return {
    app,
    chat,
    sent,
    messages,
    told,
    forms,
    until,
    says: (by: By, name: string, text: string) =>
      handle({ kind: 'command', ...from(by), ...(by.about && { about: by.about }), name, text }),
    presses: (by: By, token: string) => handle({ kind: 'action', ...from(by), token, callbackId: by.key }),
    writes: (by: By, text: string) => handle({ kind: 'text', ...from(by), text }),
    fills: (by: By, token: string, values: Record<string, string>) =>
      handle({ kind: 'form', ...from(by), token, callbackId: by.key, values }),
  }
}

/** Everything that a view says, as one text. */
export const textOf = (view: View | undefined): string => JSON.stringify(view ?? '')
