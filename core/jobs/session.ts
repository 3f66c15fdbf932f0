// The session: who asked and where the message stands; for an untracked job it is gone when the job ends.
import { z } from 'zod'
import { bytes32, chatWords } from '../codecs.ts'
import type { CollectionDefinition } from '../store/store.ts'
import { memberKey } from '../teams/team.ts'

export const sessionSchema = z.strictObject({
  ref: z.string(),
  /** The chat event that asked. */
  requestKey: z.string(),
  principal: z.strictObject({ platform: z.string(), userId: z.string(), label: z.string() }),
  place: chatWords,
  message: chatWords.optional(),
  /** Its message stayed behind in a chat that has another id now: a fresh one is to be opened here. */
  isMoved: z.literal(true).optional(),
  /** The key of log and output of an untracked job. */
  resultKey: bytes32.optional(),
  /** The capability to set the job's environment secrets, which only whoever asked is given. */
  secretsToken: z.string().optional(),
})
export type Session = z.output<typeof sessionSchema>

export const sessions: CollectionDefinition<Session> = {
  name: 'sessions',
  schema: sessionSchema,
  indexes: {
    request: (session) => [session.requestKey],
    asker: (session) => [memberKey(session.principal)],
    secrets: (session) => (session.secretsToken ? [session.secretsToken] : []),
  },
}
