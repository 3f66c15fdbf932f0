// A team as its members see it, an invitation to it, and the list of one's own teams.
import type { Role, Team } from '../../core/teams/team.ts'
import { safeName } from '../chat/safeText.ts'
import type { Block, Button, Span, View } from '../chat/view.ts'
import { showTime } from './words.ts'

const ROLES: readonly { readonly role: Role; readonly heading: string }[] = [
  { role: 'admin', heading: 'Admins' },
  { role: 'user', heading: 'Users' },
  { role: 'viewer', heading: 'Viewers, who only read' },
]
const SHOWN_PEOPLE = 20
const title = (team: Team): string => safeName(team.title, { maxLength: 64 })

export function teamView(options: {
  team: Team
  news: readonly string[]
  isAdmin: boolean
  buttons: readonly (readonly Button[])[]
}): View {
  const { team, news, isAdmin, buttons } = options
  const people = ROLES.flatMap(({ role, heading }): Block[] => {
    const keys = Object.keys(team.roles).filter((key) => team.roles[key] === role)
    if (keys.length === 0) return []
    return [{ kind: 'text', spans: [{ text: `${heading}: `, style: 'bold' }, ...peopleSpans(team, keys)] }]
  })
  const hasAdmin = Object.values(team.roles).includes('admin')
  return {
    blocks: [
      { kind: 'heading', text: `Team ${title(team)}` },
      ...news.map((text): Block => ({ kind: 'text', spans: [text] })),
      {
        kind: 'facts',
        rows: [
          {
            label: 'Jobs are',
            value: [team.defaultMode === 'tracked' ? 'Tracked' : 'Untracked', ' unless they say otherwise'],
          },
          { label: 'Providers', value: [team.providers?.join(', ') ?? 'all'] },
        ],
      },
      ...people,
      {
        kind: 'text',
        spans: [
          hasAdmin
            ? 'Everybody else in this group may submit jobs and read.'
            : 'It has no admin yet: whoever created this group becomes the first by sending /team. Everybody in it may submit jobs and read.',
        ],
      },
      {
        kind: 'note',
        text: isAdmin
          ? '/help team lists what you may change. /audit has the page with every job, /spend the sums.'
          : '/audit has the page with every job, /spend the sums.',
      },
    ],
    ...(buttons.length > 0 && { buttons }),
  }
}

/** Names with their numbers, since anybody can take a name. */
function peopleSpans(team: Team, keys: readonly string[]): Span[] {
  const spans = keys.slice(0, SHOWN_PEOPLE).flatMap((key, i): Span[] => {
    const id = key.slice(key.indexOf(':') + 1)
    return [...(i > 0 ? [', '] : []), safeName(team.names?.[key] ?? 'somebody'), ' (', { text: id, style: 'code' }, ')']
  })
  return keys.length > SHOWN_PEOPLE ? [...spans, ` and ${keys.length - SHOWN_PEOPLE} more`] : spans
}

export function inviteView(options: { team: Team; role: Role; link: string; code: string; nowMs: number }): View {
  const { team, role, link, code, nowMs } = options
  const what = { admin: 'an admin', user: 'a user', viewer: 'a viewer' }[role]
  return {
    blocks: [
      { kind: 'heading', text: `Invitation to ${title(team)}` },
      {
        kind: 'text',
        spans: [
          `Whoever opens this first becomes ${what} of the team; then it is used up. It holds for a day, until ${showTime(nowMs)} tomorrow. Send it to that one person, not to a group.`,
        ],
      },
      { kind: 'code', text: link },
      { kind: 'text', spans: ['Where a link cannot say it: ', { text: `/start claim_${code}`, style: 'code' }] },
    ],
  }
}

export function ownTeamsView(options: {
  teams: readonly { readonly team: Team; readonly role: Role | undefined }[]
  usedId: string | undefined
}): View {
  const { teams, usedId } = options
  if (teams.length === 0) {
    return {
      blocks: [
        {
          kind: 'text',
          spans: [
            'You are in no team that I know of. Send /team use in a group that I am in, and your private commands can be for it; or open an invitation from one of its admins.',
          ],
        },
      ],
    }
  }
  return {
    blocks: [
      { kind: 'heading', text: 'Your teams' },
      {
        kind: 'list',
        items: teams.map(({ team, role = 'user' }): Span[] => [
          title(team),
          ` · ${role}${team.isSuspended ? ' · suspended' : ''}${team.id === usedId ? ' · in use here' : ''} · `,
          { text: `/team use ${team.id}`, style: 'code' },
        ]),
      },
      { kind: 'text', spans: ['To use none: ', { text: '/team use none', style: 'code' }] },
      { kind: 'note', text: 'Roles, mode and providers are changed in the team’s group.' },
    ],
  }
}
