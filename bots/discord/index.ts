// The Discord chat: one bot token, everything in and out of it, behind our port.
import { type APIInteraction, InteractionResponseType, RequestMethod, Routes } from 'discord.js'
import type { Clock } from '../../core/clock.ts'
import { errorText, NectoError } from '../../core/errors.ts'
import { createLinkToken, type RandomBytes, randomBytes } from '../../core/ids.ts'
import type { Log } from '../../core/log.ts'
import { orAborted, withTimeLimit } from '../../core/timeLimit.ts'
import { opensForm } from '../chat/actions.ts'
import type { CommandSpec } from '../chat/commandSpec.ts'
import type { Inbound } from '../chat/inbound.ts'
import { createLinkCheck } from '../chat/links.ts'
import type { Addressee, Chat } from '../chat/port.ts'
import { clampText, cleanText } from '../chat/safeText.ts'
import { textView } from '../chat/view.ts'
import { createAnswers } from './answers.ts'
import { createCalls } from './calls.ts'
import { modalOf } from './forms.ts'
import { createGateway } from './gateway.ts'
import { privateChat, readInteraction, type SuggestionQuery } from './receive.ts'
import { register } from './register.ts'
import { createSender } from './send.ts'

const SUGGEST_WITHIN_MS = 2_000
const MAX_SUGGESTIONS = 25
const MAX_SUGGESTION = 100
const NOT_TAKEN = 'I could not take this, and nothing was started. Send it again in a moment.'
const FORM_TOO_LATE = 'That took too long. Press the button again.'

export interface SuggestedValue {
  readonly name: string
  readonly value: string
}

/** A Discord bot. `onInbound` resolves when the event is stored; when it rejects, the person is told to send it again. */
export function createDiscordChat(options: {
  token: string
  apiRoot?: string
  clock: Clock
  log: Log
  /** Origins that messages may link to: our pages, block explorers. */
  linkOrigins: readonly string[]
  onInbound(inbound: Inbound): Promise<void>
  /** What completes an option that is being typed, best first. */
  suggest?(query: SuggestionQuery): Promise<readonly SuggestedValue[]>
  random?: RandomBytes
}): Chat {
  const { token, apiRoot, clock, log, onInbound, suggest, random = randomBytes } = options
  const isListed = createLinkCheck(options.linkOrigins)
  const calls = createCalls({ token, apiRoot })
  const answers = createAnswers({ calls, clock, log, applicationId: () => self().applicationId })
  const sender = createSender({
    calls,
    answers,
    log,
    isAllowedLink: (url) => isListed(url) || url === selfUrl(),
    newNonce: () => createLinkToken(random),
  })
  const gateway = createGateway({ token, apiRoot, clock, log, onInteraction })
  const receiving = new Set<Promise<void>>()
  const ending = new AbortController()
  let tellCommands: (table: readonly CommandSpec[]) => void = () => {}
  // What came before the table did waits for it: without it nobody knows what an option means.
  const commands = new Promise<readonly CommandSpec[]>((resolve) => {
    tellCommands = resolve
  })

  function self() {
    if (!gateway.self) throw new NectoError('chat.not-started', 'The Discord bot has not started yet.')
    return gateway.self
  }

  const selfUrl = () => gateway.self && `https://discord.com/users/${gateway.self.userId}`

  function onInteraction(interaction: APIInteraction): void {
    // Not answered, so that Discord tells the person that nothing was done.
    if (ending.signal.aborted) return
    const done = receive(interaction)
      .catch((error: unknown) => {
        if (!ending.signal.aborted) log.error({ msg: 'discord interaction failed', error: errorText(error) })
      })
      .finally(() => receiving.delete(done))
    receiving.add(done)
  }

  async function receive(interaction: APIInteraction): Promise<void> {
    const { id, token: answerToken } = interaction
    const received = readInteraction(interaction, {
      commands: await orAborted(commands, ending.signal),
      guildName: gateway.guildName,
    })
    switch (received.kind) {
      case 'refused':
        return answers.refuse({ id, token: answerToken }, sender.render(textView(received.text)))
      case 'typing':
        return complete({ id, token: answerToken }, received.query)
      case 'event':
        return take(interaction, received)
      case 'ignored':
        return
    }
  }

  async function take(
    interaction: APIInteraction,
    { event, ack }: { event: Inbound } & { ack: Parameters<typeof answers.open>[1] },
  ): Promise<void> {
    if (event.place.isPrivate && interaction.channel) {
      sender.knowPrivateChannel(event.principal.userId, interaction.channel.id)
    }
    const isForOne = event.message.isPrivate && !event.place.isPrivate
    const messageId = event.kind === 'command' ? undefined : event.message.messageId
    const { id, token: answerToken } = interaction
    if (!answers.open({ id, token: answerToken, messageId, isForOne }, ack)) return
    try {
      await onInbound(event)
    } catch (error) {
      log.error({ msg: 'discord interaction not stored', key: event.key, error: errorText(error) })
      await notice(event, NOT_TAKEN)
    }
  }

  async function complete(interaction: { id: string; token: string }, query: SuggestionQuery): Promise<void> {
    const timeout = new NectoError('chat.late', 'The suggestions came too late.')
    const limit = { clock, signal: ending.signal, timeoutMs: SUGGEST_WITHIN_MS, timeout }
    const found = await withTimeLimit(limit, async () => (suggest ? suggest(query) : [])).catch((error: unknown) => {
      log.warn({ msg: 'nothing suggested', error: errorText(error) })
      return []
    })
    const short = (text: string) => clampText(cleanText(text), MAX_SUGGESTION)
    const choices = found
      .filter(({ name, value }) => short(name) !== '' && value !== '' && value.length <= MAX_SUGGESTION)
      .slice(0, MAX_SUGGESTIONS)
      .map(({ name, value }) => ({ name: short(name), value }))
    try {
      await calls.run({
        method: RequestMethod.Post,
        route: Routes.interactionCallback(interaction.id, interaction.token),
        body: { type: InteractionResponseType.ApplicationCommandAutocompleteResult, data: { choices } },
        isRepeatable: false,
        auth: false,
      })
    } catch {
      // Typed on meanwhile: the next letter asks anew.
    }
  }

  /** By the interaction; later than that, what only the person should read goes to the person. */
  async function notice(to: Inbound, text: string): Promise<void> {
    // A press is acknowledged as it comes, so there is nothing to end.
    if (text === '') return
    const view = textView(text)
    if (to.kind === 'text') return void (await sender.send(to.place, view))
    const id = to.kind === 'command' ? to.message.messageId : to.callbackId
    if (await answers.tell(id, sender.render(view))) return
    if (to.kind === 'command') await sender.send(to.place, view, { replyTo: to.message })
    else await sender.send(privatePlace(to.principal), view)
  }

  function privatePlace({ userId, label }: Addressee) {
    return { ...privateChat(userId), title: label }
  }

  return {
    platform: 'discord',
    get username() {
      return self().name
    },
    send: sender.send,
    edit: sender.edit,
    remove: sender.remove,
    isCreator: sender.isCreator,
    isMember: sender.isMember,
    notice,
    privatePlace,
    startUrl: () => selfUrl() ?? `https://discord.com/users/${self().userId}`,
    async whisper({ place, principal, callbackId }, view) {
      if (!place.isPrivate && (await answers.tell(callbackId, sender.render(view)))) return 'here'
      await sender.send(privatePlace(principal), view)
      return place.isPrivate ? 'here' : 'in private'
    },
    async askForm(to, form) {
      if (to.kind !== 'action' || !opensForm(to.token)) return false
      // The button may be pressed again, so there is no need to ask step by step.
      if (!(await answers.form(to.callbackId, modalOf(form)))) await notice(to, FORM_TOO_LATE)
      return true
    },
    async setCommands(table) {
      tellCommands(table)
      await register({ rest: calls.rest, applicationId: self().applicationId }, table)
    },
    start: () => gateway.start(),
    async stop() {
      ending.abort()
      await Promise.all(receiving)
      await answers.close()
      await gateway.stop()
      calls.stop()
    },
  }
}
