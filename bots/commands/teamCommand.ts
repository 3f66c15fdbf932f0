// /team: who is in the team and what it allows; its admins change that with a word more.
import { nearestWord } from '../../core/market/nearestWord.ts'
import { safeName } from '../chat/safeText.ts'
import { textView } from '../chat/view.ts'
import { type BotApp, type Command, type CommandEvent, reply } from './app.ts'
import { groupTeam, type TeamWords } from './manageTeam.ts'
import { suspendedText } from './suspendedHere.ts'
import { teamMessage } from './teamButtons.ts'
import { invite, leave, remove, setRole } from './teamPeople.ts'
import { setMode, setProviders } from './teamSettings.ts'
import { chooseTeam, ownTeams, stopUsing, useHere } from './teamUse.ts'

/** In a group: each word of the grammar. */
const WORDS: Readonly<Record<string, (words: TeamWords) => Promise<string>>> = {
  mode: setMode,
  admin: (words) => setRole(words, 'admin'),
  user: (words) => setRole(words, 'user'),
  viewer: (words) => setRole(words, 'viewer'),
  remove,
  providers: setProviders,
  invite,
  use: useHere,
  leave,
}

export const teamCommand: Command = {
  name: 'team',
  topic: 'team',
  summary: 'Your team: who may do what, its providers, its mode',
  usage: '/team',
  more: [
    { usage: '/team mode untracked', summary: 'what jobs are unless they say otherwise; or tracked' },
    { usage: '/team viewer', summary: 'in reply to somebody: may only read; or admin, or user' },
    { usage: '/team remove', summary: 'in reply to somebody: no role of their own any more' },
    { usage: '/team providers akash,ionet', summary: 'rent from these alone; all lifts it' },
    { usage: '/team invite user', summary: 'a link for one person and one day; or admin, or viewer' },
    { usage: '/team use', summary: 'your private commands are for this team; in private: /team use none' },
    { usage: '/team leave', summary: 'give your role up' },
  ],
  where: 'anywhere',
  options: [
    {
      name: 'action',
      description: 'What to change; without it the team is shown',
      kind: 'text',
      choices: Object.keys(WORDS).map((word) => ({ name: word, value: word })),
      write: (value) => value,
    },
    {
      name: 'value',
      description: 'tracked or untracked; providers, comma separated, or all; the role of an invitation',
      kind: 'text',
      write: (value) => value,
    },
    {
      name: 'person',
      description: 'Whose role it is about',
      kind: 'person',
      // Who it is reaches us as the event's `about`; words would only be a name.
      write: () => '',
    },
  ],
  async run(app, event) {
    const [typed = '', ...more] = event.text.trim().split(/\s+/)
    const word = typed.toLowerCase()
    const rest = more.join(' ')
    if (event.place.isPrivate) return reply(app, event, await inPrivate(app, event, { word, rest }))
    const group = await groupTeam(app, event)
    if (!group) return
    const { team, news } = group
    if (team.isSuspended && word !== 'leave') return reply(app, event, textView(suspendedText(team.title)))
    if (word === '') return reply(app, event, await teamMessage(app, event, group))
    const run = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined
    const said = run ? await run({ app, event, team, rest }) : unknown(word)
    await reply(app, event, textView([...news, said].join(' ')))
  },
}

async function inPrivate(app: BotApp, event: CommandEvent, { word, rest }: { word: string; rest: string }) {
  if (word === '') return ownTeams(app, event)
  if (word === 'use') return textView(await chooseTeam(app, event, rest))
  if (word === 'leave') return textView(await stopUsing(app, event))
  return textView(
    Object.hasOwn(WORDS, word) ? `Send /team ${word} in the team’s group. Nothing was changed.` : unknown(word),
  )
}

function unknown(word: string): string {
  const near = nearestWord(word, Object.keys(WORDS))
  const hint = near ? `Did you mean /team ${near}?` : 'Say one of: '
  const all = near ? '' : `${Object.keys(WORDS).join(', ')}.`
  return `/team knows no "${safeName(word)}". Nothing was changed. ${hint}${all}`
}
