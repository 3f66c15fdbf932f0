// Which team a person's private commands are for; nobody but that person reads or writes it.
import { z } from 'zod'
import type { CollectionDefinition } from '../store/store.ts'

const teamChoiceSchema = z.strictObject({ teamId: z.string() })
export type TeamChoice = z.output<typeof teamChoiceSchema>

/** By `<platform>:<numeric id>`. */
export const teamChoices: CollectionDefinition<TeamChoice> = {
  name: 'teamChoices',
  schema: teamChoiceSchema,
  indexes: {},
}
