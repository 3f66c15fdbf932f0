// The bots' composition root: Telegram, Discord and the terminal in and out, the scans, the followers that keep every message true, the pages.

import { errorText } from '../core/errors.ts'
import type { JobsContext } from '../core/jobs/context.ts'
import type { Market } from '../core/jobs/readMarket.ts'
import { scanJob } from '../core/jobs/scanJob.ts'
import { priceSamples } from '../core/market/priceSamples.ts'
import { findSecret } from '../core/market/secretInText.ts'
import { runTogether } from '../core/runTogether.ts'
import type { Store } from '../core/store/store.ts'
import { workOn } from '../core/store/workOn.ts'
import { sweepLinkRequests } from '../core/supply/linkRequest.ts'
import { teamChoices } from '../core/teams/choice.ts'
import { claims, sweepClaims } from '../core/teams/claim.ts'
import { reports } from '../core/teams/report.ts'
import { memberKey } from '../core/teams/team.ts'
import { actionTokens, createActions } from './chat/actions.ts'
import { PACES } from './chat/chatBudget.ts'
import { joinChats } from './chat/chats.ts'
import type { Inbound } from './chat/inbound.ts'
import { createInbox, inboxEvents } from './chat/inbox.ts'
import { createLiveMessages } from './chat/liveMessage.ts'
import type { Chat } from './chat/port.ts'
import { textView } from './chat/view.ts'
import type { BotApp } from './commands/app.ts'
import { handleInbound } from './commands/handle.ts'
import { createScanLimit } from './commands/scanLimit.ts'
import { type Suggesting, suggestValues } from './commands/suggest.ts'
import { COMMANDS } from './commands/table.ts'
import { createDiscordChat } from './discord/index.ts'
import { createJobFollower } from './follow/followJobs.ts'
import { createListingFollower } from './follow/followListings.ts'
import { followMembership } from './follow/followMembership.ts'
import { createReportFollower } from './follow/followReports.ts'
import { createProofFollower, createWalletFollower } from './follow/followWallets.ts'
import { notices } from './follow/notice.ts'
import { rekeyChat } from './follow/rekeyChat.ts'
import { formDrafts } from './forms/drafts.ts'
import { sweepDrafts } from './forms/showDraft.ts'
import { createTelegramChat } from './telegram/index.ts'
import { createTerminalChat } from './terminal/index.ts'
import type { Screen } from './terminal/screen.ts'

const SWEEP_EVERY_MS = 3_600_000

export interface BotsOptions {
  readonly context: JobsContext
  readonly store: Store
  readonly market: Market
  /** A platform without a token is off. */
  readonly telegram: { readonly token: string | undefined; readonly apiRoot: string }
  readonly discord: { readonly token: string | undefined; readonly apiRoot: string }
  /** Whoever sits at this machine, for `necto chat`. */
  readonly terminal?: {
    readonly screen: Screen
    readonly person: { readonly userId: string; readonly name: string }
    onQuit(): void
  }
  readonly admins: readonly string[]
  readonly scansPerDay: number
  readonly publicUrl: string
  readonly gatewayUrl: string
  readonly explorerTxUrl: string | undefined
  /** Told how long each answer took. */
  readonly onAnswered?: (platform: string, seconds: number) => void
}

export interface Bots {
  /** Resolves when every loop has ended; the signal ends them. `onReady` is told the bots' names once all of them take events. */
  run(signal: AbortSignal, onReady: (usernames: readonly string[]) => void): Promise<void>
}

/** Builds the bots and everything behind them; nothing happens before `run`. */
export function createBots(options: BotsOptions): Bots {
  const { context, store, market, publicUrl, gatewayUrl, explorerTxUrl, telegram, discord, terminal } = options
  const { clock, log } = context
  const noticeDocs = store.collection(notices)
  const reportDocs = store.collection(reports)
  const inboxDocs = store.collection(inboxEvents)
  const explorerOrigins = explorerTxUrl ? [new URL(explorerTxUrl).origin] : []

  const shared = {
    clock,
    log,
    linkOrigins: [new URL(publicUrl).origin, new URL(gatewayUrl).origin, ...explorerOrigins],
    onInbound: (inbound: Inbound) => inbox.accept(inbound),
  }
  const chats: Chat[] = []
  if (telegram.token !== undefined) {
    chats.push(
      createTelegramChat({
        ...shared,
        token: telegram.token,
        apiRoot: telegram.apiRoot,
        async onMigrate(migration) {
          log.info({ msg: 'group was upgraded', ...migration })
          await rekeyChat({ app, notices: noticeDocs, move: { platform: 'telegram', ...migration } })
        },
        onMembership: (change) => followMembership({ app, notices: noticeDocs, change }),
      }),
    )
  }
  if (discord.token !== undefined) {
    const suggest = (query: Suggesting) => suggestValues(app, query)
    chats.push(createDiscordChat({ ...shared, token: discord.token, apiRoot: discord.apiRoot, suggest }))
  }
  if (terminal) chats.push(createTerminalChat({ ...shared, ...terminal }))
  const chat = joinChats(chats)
  const live = createLiveMessages({ port: chat, clock, log, budgets: PACES })
  const actions = createActions({
    collection: store.collection(actionTokens),
    clock,
    async holdsRole({ principal, role }) {
      return role === 'operator' && options.admins.includes(memberKey(principal))
    },
  })
  const app: BotApp = {
    context,
    chat,
    live,
    actions,
    admins: options.admins,
    claims: store.collection(claims),
    teamChoices: store.collection(teamChoices),
    scanLimit: createScanLimit({ clock, perDay: options.scansPerDay }),
    priceSamples: store.collection(priceSamples),
    formDrafts: store.collection(formDrafts),
    market,
    providers: market.providers.map(({ id, name }) => ({ id, name })),
    publicUrl,
    gatewayUrl,
    explorerTxUrl,
    // At the terminal nobody could be taken for us.
    botNames: () =>
      chats.filter(({ platform }) => platform !== 'terminal').map(({ platform, username }) => ({ platform, username })),
  }
  const inbox = createInbox({
    collection: inboxDocs,
    clock,
    log,
    handle: (inbound, signal) => handleInbound(app, inbound, signal),
    tell: (inbound, text) => chat.notice(inbound, text),
    findSecret: (text) => findSecret(text) !== undefined,
    onSecret: (inbound) => refuseSecret(app, inbound),
    onDone: ({ place }, tookMs) => options.onAnswered?.(place.platform, tookMs / 1000),
  })

  /** Waits while the platform cannot be reached; the others work meanwhile. */
  async function startChat(one: Chat): Promise<string> {
    await one.start()
    // Menus are a comfort; a bot without them still works.
    await one
      .setCommands(COMMANDS)
      .catch((error: unknown) => log.warn({ msg: 'menus not set', platform: one.platform, error: errorText(error) }))
    return one.platform === 'telegram' ? `@${one.username}` : one.username
  }

  /** Forgets handled events, old buttons, invitations and unfinished forms, as often as is enough for them not to pile up. */
  async function sweep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(SWEEP_EVERY_MS, signal).catch(() => undefined)
      if (signal.aborted) return
      const nowMs = clock.now()
      const forgetLinks = sweepLinkRequests({ requests: context.walletLinkRequests, nowMs })
      const forgetClaims = sweepClaims({ ...app, nowMs })
      await Promise.all([inbox.sweep(), actions.sweep(), forgetLinks, forgetClaims, sweepDrafts(app)]).catch(
        (error: unknown) => {
          log.warn({ msg: 'old events not swept', error: errorText(error) })
        },
      )
    }
  }

  return {
    async run(signal, onReady) {
      await inbox.start()
      await runTogether(signal, [
        async (ending) => {
          const started = Promise.all(chats.map(startChat))
          const stopped = aborted(ending)
          try {
            const names = await Promise.race([started, stopped])
            if (names) onReady(names)
            await stopped
          } finally {
            started.catch(() => {})
            await Promise.all(chats.map((one) => one.stop()))
            await inbox.stop()
            await live.close()
          }
        },
        sweep,
        (ending) =>
          workOn({
            name: 'scanJobs',
            collection: context.jobs,
            wants: (job) => job.state === 'scanning',
            work: async (doc, stopping) =>
              scanJob({ context, market, job: doc.value, signal: stopping }).then(() => undefined),
            clock,
            log,
            signal: ending,
          }),
        (ending) =>
          workOn({
            name: 'followJobs',
            collection: context.jobs,
            wants: () => true,
            work: createJobFollower({ app, notices: noticeDocs }),
            clock,
            log,
            signal: ending,
          }),
        (ending) =>
          workOn({
            name: 'followListings',
            collection: context.listings,
            wants: () => true,
            work: createListingFollower({ app, notices: noticeDocs }),
            clock,
            log,
            signal: ending,
          }),
        (ending) =>
          workOn({
            name: 'followProofs',
            collection: context.walletLinkRequests,
            wants: ({ state }) => state === 'proved',
            work: createProofFollower(app),
            clock,
            log,
            signal: ending,
          }),
        (ending) =>
          workOn({
            name: 'followWallets',
            collection: context.walletLinks,
            wants: () => true,
            work: createWalletFollower({ app, notices: noticeDocs }),
            clock,
            log,
            signal: ending,
          }),
        (ending) =>
          workOn({
            name: 'followReports',
            collection: reportDocs,
            wants: () => true,
            work: createReportFollower({ app, notices: noticeDocs, reports: reportDocs }),
            clock,
            log,
            signal: ending,
          }),
      ])
    },
  }
}

/** Resolves when the signal ends. */
function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

/** A key typed into a chat: not stored, not repeated, deleted where the platform lets us. */
async function refuseSecret(app: BotApp, inbound: Inbound): Promise<void> {
  const text =
    'This looks like a key or a token. Nothing was stored and nothing was started; replace it where it is used, and never send one in a chat. What a job must know in secret is entered on a page: once it is ordered, press "Add secrets".'
  // A form's message is our own, and nobody else sees what was written into a form.
  if (inbound.kind === 'form') return app.chat.notice(inbound, text)
  const removed = await app.chat.remove(inbound.message)
  const then = removed ? 'I deleted your message.' : 'Delete your message: I may not.'
  await app.live.post(inbound.place, textView(`${text} ${then}`), { urgent: true })
}
