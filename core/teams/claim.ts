// Claim links: a role in a team for whoever opens the link first, for a day and while the admin who made it is one.
import { z } from 'zod'
import { instantMs } from '../codecs.ts'
import { createLinkToken, type RandomBytes } from '../ids.ts'
import type { Collection, CollectionDefinition } from '../store/store.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { type NamedPerson, roleOf, withRole } from './roles.ts'
import { may, type Role, roleSchema, type Team } from './team.ts'

const CLAIM_MS = 24 * 3_600_000
const RANKS: readonly Role[] = ['viewer', 'user', 'admin']

const claimSchema = z.strictObject({
  teamId: z.string(),
  role: roleSchema,
  madeBy: z.strictObject({ platform: z.string(), userId: z.string(), label: z.string() }),
  expiresAtMs: instantMs,
  /** The chat event that used it, so that the same event handled again after a crash is no second use. */
  usedBy: z.string().optional(),
})
export type Claim = z.output<typeof claimSchema>

export const claims: CollectionDefinition<Claim> = {
  name: 'claims',
  schema: claimSchema,
  indexes: {},
}

/** Makes a claim, whose code is the capability. */
export async function makeClaim(options: {
  claims: Collection<Claim>
  teamId: string
  role: Role
  madeBy: NamedPerson
  nowMs: number
  random: RandomBytes
}): Promise<string> {
  const { claims, teamId, role, nowMs } = options
  const { platform, userId, label } = options.madeBy
  const code = createLinkToken(options.random)
  const madeBy = { platform, userId, label }
  await claims.insert(code, { teamId, role, madeBy, expiresAtMs: nowMs + CLAIM_MS })
  return code
}

/** Forgets used and expired ones, and with them who made them. */
export async function sweepClaims({ claims, nowMs }: { claims: Collection<Claim>; nowMs: number }): Promise<void> {
  for (const doc of await claims.list()) {
    if (doc.value.usedBy !== undefined || doc.value.expiresAtMs <= nowMs) await claims.remove(doc)
  }
}

export type Claimed =
  | { readonly ok: true; readonly team: Team; readonly claim: Claim }
  | { readonly ok: false; readonly why: string }

const GONE = 'This invitation was used already, has expired, or never was. Ask an admin of the team for a new one.'

/** Uses the code up and gives its role. `key` names the chat event. */
export async function useClaim(options: {
  claims: Collection<Claim>
  teams: Collection<Team>
  code: string
  person: NamedPerson
  key: string
  nowMs: number
}): Promise<Claimed> {
  const { claims, teams, code, person, key, nowMs } = options
  const doc = await claims.get(code)
  const team = doc && (await teams.get(doc.value.teamId))?.value
  if (!doc || !team || doc.value.expiresAtMs <= nowMs) return { ok: false, why: GONE }
  const claim = doc.value
  if (claim.usedBy === undefined) {
    const refusal = notNow(team, claim, person)
    if (refusal) return { ok: false, why: refusal }
    if (!(await claims.put(doc, { ...claim, usedBy: key }))) return { ok: false, why: GONE }
  } else if (claim.usedBy !== key) return { ok: false, why: GONE }
  let why = GONE
  const stored = await updateDocument({
    collection: teams,
    id: team.id,
    change(now) {
      const changed = notNow(now, claim, person) ?? withRole(now, person, claim.role)
      if (typeof changed !== 'string') return changed
      why = changed
      return undefined
    },
  })
  return stored ? { ok: true, team: stored.value, claim } : { ok: false, why }
}

/** Why the role cannot be given now. An invitation takes no right away from whoever opens it. */
function notNow(team: Team, claim: Claim, person: NamedPerson): string | undefined {
  if (team.isSuspended || !may(team, claim.madeBy, 'manage')) return GONE
  const role = roleOf(team, person)
  return role && RANKS.indexOf(role) > RANKS.indexOf(claim.role)
    ? `You are ${role === 'admin' ? 'an admin' : 'a user'} of this team already. Nothing was changed.`
    : undefined
}
