// Teams and pseudonyms: who may do what, and names that say nothing and last.
import { describe, expect, test } from 'vitest'
import { createTestJobs } from '../jobs/testJobs.ts'
import { pseudonymOf } from './pseudonym.ts'
import { ensureTeam, may, memberKey, type Role, type Team } from './team.ts'

const team = (roles: Record<string, Role> = {}): Team => ({
  id: 'telegram:-100',
  title: 'Acme',
  place: { chatId: '-100' },
  roles,
  defaultMode: 'tracked',
  auditToken: 'token',
  createdAtMs: 0,
})
const ann = { platform: 'telegram', userId: '42' }

describe('ACCESS-01..04: the roles', () => {
  test.each<[Role | 'nobody named', boolean, boolean, boolean]>([
    ['admin', true, true, true],
    ['user', true, true, false],
    ['viewer', false, true, false],
    ['nobody named', true, true, false],
  ])('%s', (role, submit, read, manage) => {
    const of = team(role === 'nobody named' ? {} : { [memberKey(ann)]: role })
    expect([may(of, ann, 'submit'), may(of, ann, 'read'), may(of, ann, 'manage')]).toEqual([submit, read, manage])
  })

  test('hang on platform and number: the same number elsewhere, or a name, has none of them', () => {
    const of = team({ [memberKey(ann)]: 'admin' })
    expect(may(of, { platform: 'discord', userId: '42' }, 'manage')).toBe(false)
    expect(may(of, { platform: 'telegram', userId: '4' }, 'manage')).toBe(false)
    // Names that every object has are nobody's role.
    expect(may(team(), { platform: 'constructor', userId: '' }, 'manage')).toBe(false)
  })
})

test('a team is made once, however many ask at the same time', async () => {
  const { context } = await createTestJobs()
  const made = await Promise.all(
    ['a', 'b', 'c'].map((auditToken) => ensureTeam({ teams: context.teams, team: { ...team(), auditToken } })),
  )
  expect(new Set(made.map(({ auditToken }) => auditToken)).size).toBe(1)
  expect(await context.teams.list()).toHaveLength(1)
})

test('SELLER-04: a pseudonym lasts, is made once, and is another for another', async () => {
  const { context } = await createTestJobs()
  const { pseudonyms, random } = context
  const name = (id: string, kind: 'member' | 'team' = 'member') => pseudonymOf({ pseudonyms, id, kind, random })
  const names = await Promise.all([name('telegram:42'), name('telegram:42'), name('telegram:42')])
  expect(new Set(names).size).toBe(1)
  expect(names[0]).toMatch(/^M-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/)
  expect(await name('telegram:43')).not.toBe(names[0])
  expect(await name('telegram:-100', 'team')).toMatch(/^T-/)
})
