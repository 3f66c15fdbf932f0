// Forms being filled in: one document each, so that a restart changes nothing, gone as soon as the form is.
import { z } from 'zod'
import { instantMs } from '../../core/codecs.ts'
import type { CollectionDefinition } from '../../core/store/store.ts'
import { messageRefSchema, type Place, type Principal, placeSchema, platform } from '../chat/inbound.ts'
import { jobFormSchema } from './jobForm.ts'

const draftSchema = z.strictObject({
  id: z.string(),
  principal: z.strictObject({ platform, userId: z.string(), label: z.string() }),
  /** Where it is filled in. */
  place: placeSchema,
  /** Where it was begun: whose team the job is of, and where a Tracked job's message goes. */
  origin: placeSchema,
  /** Missing while there is no private chat yet. */
  message: messageRefSchema.optional(),
  /** The chat event that opened it. */
  requestKey: z.string(),
  form: jobFormSchema,
  /** The token of each press that was shown so far. */
  tokens: z.record(z.string(), z.string()),
  expiresAtMs: instantMs,
})
export type FormDraft = z.output<typeof draftSchema>

/** One is open per person and chat. */
export const draftOwner = (who: Pick<Principal, 'platform' | 'userId'>, place: Pick<Place, 'chatId'>): string =>
  `${who.platform}:${who.userId}:${place.chatId}`

export const formDrafts: CollectionDefinition<FormDraft> = {
  name: 'formDrafts',
  schema: draftSchema,
  indexes: { owner: ({ principal, place }) => [draftOwner(principal, place)] },
}
