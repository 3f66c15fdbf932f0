// The people of the story: who they are on each platform, and the team they make.

// Long ids, as real ones are: a short one would be found by chance in any hash.

/** Necto’s operator (who approves sellers), a seller, and a team of two. */
export const PEOPLE = {
  admin: { name: 'Ada', username: 'ada_ops', telegramId: 5_100_774_401, discordId: '1100774401000000001' },
  seller: { name: 'Selma', username: 'selma_racks', telegramId: 5_200_774_402, discordId: '1100774402000000002' },
  creator: { name: 'Boris', username: 'boris_acme', telegramId: 5_300_774_403, discordId: '1100774403000000003' },
  member: { name: 'Mia', username: 'mia_ml', telegramId: 5_400_774_404, discordId: '1100774404000000004' },
} as const

export const TEAM = 'Acme ML'

/** The operator on every platform, as NECTO_ADMINS takes it. */
export const ADMINS: readonly string[] = [`telegram:${PEOPLE.admin.telegramId}`, `discord:${PEOPLE.admin.discordId}`]
