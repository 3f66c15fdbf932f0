// What every command is given: the product, the chat it answers in, and who may do what.
import type { JobsContext } from '../../core/jobs/context.ts'
import type { Market } from '../../core/jobs/readMarket.ts'
import type { SampleDay } from '../../core/market/priceSamples.ts'
import type { Collection } from '../../core/store/store.ts'
import type { TeamChoice } from '../../core/teams/choice.ts'
import type { Claim } from '../../core/teams/claim.ts'
import type { Action, Actions } from '../chat/actions.ts'
import type { CommandSpec } from '../chat/commandSpec.ts'
import type { Inbound, Platform } from '../chat/inbound.ts'
import type { LiveMessages } from '../chat/liveMessage.ts'
import type { ChatPort } from '../chat/port.ts'
import type { View } from '../chat/view.ts'
import type { FormDraft } from '../forms/drafts.ts'
import type { ScanLimit } from './scanLimit.ts'

export interface BotApp {
  readonly context: JobsContext
  readonly chat: ChatPort
  readonly live: LiveMessages
  readonly actions: Actions
  /** `<platform>:<numeric id>` of Necto's operators, who approve sellers. */
  readonly admins: readonly string[]
  readonly scanLimit: ScanLimit
  readonly claims: Collection<Claim>
  readonly teamChoices: Collection<TeamChoice>
  /** What providers asked over time. */
  readonly priceSamples: Collection<SampleDay>
  /** Job forms that are being filled in. */
  readonly formDrafts: Collection<FormDraft>
  /** Where prices are read, for comparisons that make no job. */
  readonly market: Market
  /** Who is scanned; `only` and `not` accept their ids. */
  readonly providers: readonly { readonly id: string; readonly name: string }[]
  readonly publicUrl: string
  /** REST base of the 0G indexer, which serves stored bytes by their root. */
  readonly gatewayUrl: string
  /** `https://…/tx/{hash}` where the escrow chain has an explorer. */
  readonly explorerTxUrl: string | undefined
  /** The bots' own names, so that people can tell an impostor. */
  botNames(): readonly { readonly platform: Platform; readonly username: string }[]
}

export type CommandEvent = Extract<Inbound, { kind: 'command' }>
/** A press, or a form that a press had opened. */
export type ActionEvent = Extract<Inbound, { kind: 'action' | 'form' }>

/** What a button does once its token was checked; the words of its toast, '' for none, undefined when it was answered already. */
export type Press = (
  app: BotApp,
  action: Action,
  event: ActionEvent,
  signal: AbortSignal,
) => Promise<string | undefined>

/** One command: what the menus, the registrations and the help say of it, and what it does. */
export interface Command extends CommandSpec {
  /** How it is written, for the help. */
  readonly usage: string
  /** Other ways to write it. */
  readonly more?: readonly { readonly usage: string; readonly summary: string }[]
  /** Under which heading the help lists it; renting when missing. */
  readonly topic?: 'rent' | 'team' | 'sell' | 'necto'
  run(app: BotApp, event: CommandEvent, signal: AbortSignal): Promise<void>
}

/** Answers below a command, paced by the chat's budget. */
export async function reply(app: BotApp, event: Inbound, view: View): Promise<void> {
  await app.live.post(event.place, view, { replyTo: event.message, urgent: true })
}
