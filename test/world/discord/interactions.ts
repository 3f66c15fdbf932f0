// Interactions and their deadlines: 3 s for the first answer, 15 min for the token, one first answer.
import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../core/clock.ts'
import { invalidWebhookToken, unknownInteraction, unknownWebhook } from './apiError.ts'
import type { Json } from './json.ts'
import type { Channel, StoredMessage, User } from './model.ts'

const FIRST_ANSWER_WITHIN_MS = 3000
const TOKEN_LIVES_MS = 15 * 60_000

export const interactionType = { command: 2, component: 3, autocomplete: 4, modalSubmit: 5 } as const

/** What the person got from what they did. */
export interface Outcome {
  /** False: "The application did not respond". */
  readonly answered: boolean
  readonly kind?: 'reply' | 'deferredReply' | 'update' | 'deferredUpdate' | 'choices' | 'form' | undefined
  /** The message that appeared or changes. */
  readonly message?: { readonly chatId: string; readonly messageId: string } | undefined
  readonly choices?: readonly Choice[] | undefined
  /** The form that popped up. */
  readonly modal?: Json | undefined
  /** The page of a link button, which opens without the bot. */
  readonly url?: string | undefined
}

export interface Choice {
  readonly name: string
  readonly value: string | number
}

export interface Interaction {
  readonly id: string
  /** Whoever has it may answer for 15 minutes. */
  readonly token: string
  readonly type: number
  readonly user: User
  readonly channel: Channel
  /** The command's name, with its subcommand, for commands and their autocomplete. */
  readonly name?: string | undefined
  /** The type of the option being typed, for autocomplete. */
  readonly optionType?: unknown
  /** The message with the component, or behind the form. */
  readonly source?: StoredMessage | undefined
  /** Whether only the person's own installation of the app let them do this. */
  readonly isUserInstall: boolean
  readonly openedAtMs: number
  /** Set by the first answer; what @original names, once there is one. */
  isAnswered: boolean
  original?: StoredMessage | undefined
  followUps: number
}

export interface Interactions {
  open(about: Omit<Interaction, 'id' | 'token' | 'openedAtMs' | 'isAnswered' | 'followUps' | 'original'>): {
    readonly interaction: Interaction
    /** Settles with the first answer, or when its time is over. */
    readonly outcome: Promise<Outcome>
  }
  /** For the first answer. Throws 10062 when unknown or older than 3 s. */
  find(id: string, token: string): Interaction
  /** Marks the first answer given. */
  settle(interaction: Interaction, outcome: Omit<Outcome, 'answered'>): void
  /** For what comes after it. Throws 50027 after 15 minutes, 10015 for what was never answered or is unknown. */
  findAnswered(token: string): Interaction
  /** Ends every open interaction unanswered. */
  stop(): void
}

/** The interactions of one server; unanswered ones end on the given clock. */
export function createInteractions({ clock, newId }: { clock: Clock; newId: () => string }): Interactions {
  const byToken = new Map<string, Interaction>()
  const waiting = new Map<Interaction, (outcome: Outcome) => void>()
  const stopping = new AbortController()

  function finish(interaction: Interaction, outcome: Outcome) {
    waiting.get(interaction)?.(outcome)
    waiting.delete(interaction)
  }

  return {
    open(about) {
      const token = randomBytes(48).toString('base64url')
      const openedAtMs = clock.now()
      const interaction: Interaction = { ...about, id: newId(), token, openedAtMs, isAnswered: false, followUps: 0 }
      byToken.set(token, interaction)
      const outcome = new Promise<Outcome>((resolve) => waiting.set(interaction, resolve))
      const giveUp = () => finish(interaction, { answered: false })
      clock.sleep(FIRST_ANSWER_WITHIN_MS + 1, stopping.signal).then(giveUp, giveUp)
      return { interaction, outcome }
    },
    find(id, token) {
      const interaction = byToken.get(token)
      const isKnown = interaction?.id === id
      if (!isKnown) throw unknownInteraction()
      if (!interaction.isAnswered && clock.now() - interaction.openedAtMs > FIRST_ANSWER_WITHIN_MS)
        throw unknownInteraction()
      return interaction
    },
    settle(interaction, outcome) {
      interaction.isAnswered = true
      finish(interaction, { answered: true, ...outcome })
    },
    findAnswered(token) {
      const interaction = byToken.get(token)
      if (!interaction) throw unknownWebhook()
      if (clock.now() - interaction.openedAtMs > TOKEN_LIVES_MS) throw invalidWebhookToken()
      if (!interaction.isAnswered) throw unknownWebhook()
      return interaction
    },
    stop: () => stopping.abort(),
  }
}
