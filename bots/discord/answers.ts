// Answers to interactions by their own tokens, which live 15 minutes, in memory alone.
import { InteractionResponseType, MessageFlags, RequestMethod, Routes } from 'discord.js'
import type { Clock } from '../../core/clock.ts'
import { errorText } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { EditOutcome } from '../chat/port.ts'
import { type Calls, idIn } from './calls.ts'
import { mapError, sortFailure } from './mapError.ts'
import type { Ack } from './receive.ts'
import type { DiscordMessage } from './render.ts'

const TOKEN_LIVES_MS = 15 * 60_000
// Discord waits 3 s for the first answer.
const FORM_WITHIN_MS = 2_500
// "Thinking…" that nobody ends is taken away while the token still can.
const THINKS_FOR_MS = 14 * 60_000
const ORIGINAL = '@original'

interface Answer {
  readonly id: string
  readonly token: string
  readonly expiresAtMs: number
  /** Only who asked sees what answers it. */
  readonly isForOne: boolean
  /** `none`: Discord still waits for the first answer. `thinking`: a reply is there with nothing in it yet. */
  state: 'none' | 'thinking' | 'open'
  /** The first answer is on its way or there; until then the token opens nothing. */
  acked: Promise<void>
  isDead: boolean
  readonly ended: AbortController
}

type Message = Pick<DiscordMessage, 'body' | 'files'>

/** `applicationId` is asked for each call: it is known once the bot has started. */
export function createAnswers(options: { calls: Calls; clock: Clock; log: Log; applicationId(): string }) {
  const { calls, clock, log, applicationId } = options
  const answers = new Map<string, Answer>()
  /** Which token edits a message, by the message's id. */
  const byMessage = new Map<string, Answer>()

  async function respond(answer: Answer, type: InteractionResponseType, data?: unknown): Promise<boolean> {
    try {
      await calls.run({
        method: RequestMethod.Post,
        route: Routes.interactionCallback(answer.id, answer.token),
        body: { type, ...(data !== undefined && { data }) },
        isRepeatable: true,
        auth: false,
      })
      return true
    } catch (thrown) {
      const call = { method: 'interaction callback', isRepeatable: true }
      // Answered already: by a former try whose answer was lost.
      if (sortFailure(thrown, call).kind === 'answered') return true
      answer.isDead = true
      log.warn({ msg: 'interaction not answered', error: errorText(mapError(thrown, call)) })
      return false
    }
  }

  /** Gives the first answer; what follows waits for it. */
  function acknowledge(answer: Answer, type: InteractionResponseType, data?: unknown): Promise<boolean> {
    const done = respond(answer, type, data)
    answer.acked = done.then(() => undefined)
    return done
  }

  const isAlive = (answer: Answer) => !answer.isDead && clock.now() < answer.expiresAtMs

  function sweep(): void {
    for (const [id, answer] of answers) if (clock.now() >= answer.expiresAtMs) answers.delete(id)
    for (const [id, answer] of byMessage) if (clock.now() >= answer.expiresAtMs) byMessage.delete(id)
  }

  /** A call that the token opens; undefined when the token does not open it any more. */
  async function byToken(
    answer: Answer,
    call: { method: RequestMethod; messageId?: string; message?: Message; isRepeatable: boolean },
  ): Promise<{ id: string } | 'gone' | undefined> {
    await answer.acked
    if (!isAlive(answer)) return undefined
    const { method, messageId, message, isRepeatable } = call
    const name = `${method} of an answer`
    try {
      const reply = await calls.run({
        method,
        route:
          messageId === undefined
            ? Routes.webhook(applicationId(), answer.token)
            : Routes.webhookMessage(applicationId(), answer.token, messageId),
        ...message,
        isRepeatable,
        auth: false,
      })
      return { id: message ? idIn(reply, name) : '' }
    } catch (thrown) {
      const failure = sortFailure(thrown, { method: name, isRepeatable })
      if (failure.kind === 'gone') return 'gone'
      if (failure.kind !== 'no-token') throw mapError(thrown, { method: name, isRepeatable })
      answer.isDead = true
      return undefined
    }
  }

  /** Puts the message where "thinking…" stands. */
  async function fill(answer: Answer, message: Message): Promise<string | undefined> {
    answer.state = 'open'
    try {
      const shown = await byToken(answer, {
        method: RequestMethod.Patch,
        messageId: ORIGINAL,
        message,
        isRepeatable: true,
      })
      answer.ended.abort()
      return shown === 'gone' ? undefined : shown?.id
    } catch (error) {
      answer.state = 'thinking'
      throw error
    }
  }

  async function followUp(answer: Answer, message: Message, isForOne: boolean): Promise<string | undefined> {
    const flags = message.body.flags | (isForOne ? MessageFlags.Ephemeral : 0)
    const shown = await byToken(answer, {
      method: RequestMethod.Post,
      message: { ...message, body: { ...message.body, flags } },
      isRepeatable: false,
    })
    return shown === 'gone' ? undefined : shown?.id
  }

  function remember(messageId: string | undefined, answer: Answer): string | undefined {
    if (messageId !== undefined) byMessage.set(messageId, answer)
    return messageId
  }

  /** Once the time has come, and unless it was answered before. */
  function later(answer: Answer, ms: number, run: () => Promise<unknown>): void {
    clock
      .sleep(ms, answer.ended.signal)
      .then(run)
      .catch(() => {})
  }

  return {
    /** Takes an interaction and tells Discord that it was heard. False: it was taken before. */
    open(
      interaction: { id: string; token: string; messageId: string | undefined; isForOne: boolean },
      ack: Ack,
    ): boolean {
      sweep()
      const { id, token, messageId, isForOne } = interaction
      if (answers.has(id)) return false
      const answer: Answer = {
        id,
        token,
        isForOne,
        expiresAtMs: clock.now() + TOKEN_LIVES_MS,
        state: ack === 'form' ? 'none' : ack === 'update' ? 'open' : 'thinking',
        acked: Promise.resolve(),
        isDead: false,
        ended: new AbortController(),
      }
      answers.set(id, answer)
      const update = async () => {
        answer.state = 'open'
        if (await acknowledge(answer, InteractionResponseType.DeferredMessageUpdate)) remember(messageId, answer)
      }
      if (ack === 'form') later(answer, FORM_WITHIN_MS, async () => answer.state === 'none' && update())
      else if (ack === 'update') void update()
      else {
        const data = isForOne ? { flags: MessageFlags.Ephemeral } : {}
        void acknowledge(answer, InteractionResponseType.DeferredChannelMessageWithSource, data)
        later(answer, THINKS_FOR_MS, async () => answer.state === 'thinking' && this.remove(id))
      }
      return true
    },
    /** Answers at once, to one person, what goes no further. */
    async refuse(interaction: { id: string; token: string }, { body }: Message): Promise<void> {
      const answer: Answer = {
        ...interaction,
        isForOne: true,
        expiresAtMs: 0,
        state: 'open',
        acked: Promise.resolve(),
        isDead: false,
        ended: new AbortController(),
      }
      const data = { ...body, flags: body.flags | MessageFlags.Ephemeral }
      await respond(answer, InteractionResponseType.ChannelMessageWithSource, data)
    },
    /** Posts below what was asked: the id of the message, or undefined when the interaction cannot be answered (any more). */
    async say(interactionId: string, message: Message): Promise<string | undefined> {
      const answer = answers.get(interactionId)
      if (!answer || answer.state === 'none' || !isAlive(answer)) return undefined
      const filled = answer.state === 'thinking'
      const id = filled ? await fill(answer, message) : await followUp(answer, message, answer.isForOne)
      return remember(id, answer)
    },
    /** Posts what only the person sees who sees that message; undefined as in `say`. */
    async sayBelow(messageId: string, message: Message): Promise<string | undefined> {
      const answer = byMessage.get(messageId)
      return answer && isAlive(answer) ? remember(await followUp(answer, message, true), answer) : undefined
    },
    /** Tells who asked one thing; false when that is not possible (any more). */
    async tell(interactionId: string, message: Message): Promise<boolean> {
      const answer = answers.get(interactionId)
      if (!answer || !isAlive(answer)) return false
      if (answer.state === 'none') {
        answer.state = 'open'
        answer.ended.abort()
        const data = { ...message.body, flags: message.body.flags | MessageFlags.Ephemeral }
        return acknowledge(answer, InteractionResponseType.ChannelMessageWithSource, data)
      }
      const shown = answer.state === 'thinking' ? await fill(answer, message) : await followUp(answer, message, true)
      return shown !== undefined
    },
    /** Shows a form as the first answer; false: something was answered before. */
    async form(interactionId: string, modal: unknown): Promise<boolean> {
      const answer = answers.get(interactionId)
      if (answer?.state !== 'none') return false
      answer.state = 'open'
      answer.ended.abort()
      return acknowledge(answer, InteractionResponseType.Modal, modal)
    },
    /** Edits a message that an interaction made or was made on; undefined when its token does not do that any more. */
    async edit(messageId: string, message: Message): Promise<EditOutcome | undefined> {
      const answer = byMessage.get(messageId)
      if (!answer || !isAlive(answer)) return undefined
      const shown = await byToken(answer, { method: RequestMethod.Patch, messageId, message, isRepeatable: true })
      return shown === undefined ? undefined : shown === 'gone' ? 'gone' : 'edited'
    },
    /** Takes away the reply, and with it the line that shows what was asked; false when there is none (any more). */
    async remove(interactionId: string): Promise<boolean> {
      const answer = answers.get(interactionId)
      if (!answer || answer.state === 'none') return false
      answer.state = 'open'
      answer.ended.abort()
      const gone = await byToken(answer, { method: RequestMethod.Delete, messageId: ORIGINAL, isRepeatable: true })
      return gone !== undefined
    },
    /** Stops the waiting of all presses left, and its own timers. */
    async close(): Promise<void> {
      const waiting = [...answers.values()].filter(({ state }) => state === 'none')
      for (const answer of answers.values()) answer.ended.abort()
      await Promise.all(
        waiting.map((answer) => {
          answer.state = 'open'
          return acknowledge(answer, InteractionResponseType.DeferredMessageUpdate)
        }),
      )
    },
  }
}
