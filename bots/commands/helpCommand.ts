// /help: every command with a line to copy, by what it is for; and one command in full. All from the one table.
import { ASK_WORDS } from '../../core/market/askWords.ts'
import { nearestWord } from '../../core/market/nearestWord.ts'
import { safeName } from '../chat/safeText.ts'
import { type Block, textView, type View } from '../chat/view.ts'
import { type Command, reply } from './app.ts'

type Topic = NonNullable<Command['topic']>
const HEADINGS: readonly { readonly topic: Topic; readonly heading: string }[] = [
  { topic: 'rent', heading: 'Rent GPUs' },
  { topic: 'team', heading: 'Your team' },
  { topic: 'sell', heading: 'Rent yours out' },
  { topic: 'necto', heading: 'Necto' },
]

/** `commands` is the whole table, this one included. */
export function createHelpCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'help',
    topic: 'necto',
    summary: 'This list; with a command’s name all about that one',
    usage: '/help job',
    where: 'anywhere',
    options: [
      { name: 'command', description: 'One command, such as job; else all', kind: 'text', write: (value) => value },
    ],
    async run(app, event) {
      const asked = event.text.trim().toLowerCase().replace(/^\//, '')
      if (asked === '') return reply(app, event, allView(commands(), event.place.isPrivate))
      const command = commands().find(({ name }) => name === asked)
      if (command) return reply(app, event, oneView(command))
      const near = nearestWord(
        asked,
        commands().map(({ name }) => name),
      )
      const hint = near ? `Did you mean /help ${near}?` : '/help lists what there is.'
      await reply(app, event, textView(`There is no /${safeName(asked)}. ${hint}`))
    },
  }
}

function allView(commands: readonly Command[], isPrivate: boolean): View {
  const shown = commands.filter(({ where }) => isPrivate || where === 'anywhere')
  return {
    blocks: [
      ...HEADINGS.flatMap(({ topic, heading }): Block[] => {
        const about = shown.filter((command) => (command.topic ?? 'rent') === topic)
        if (about.length === 0) return []
        const items = about.map(({ usage, summary }) => [{ text: usage, style: 'code' as const }, `: ${summary}`])
        return [
          { kind: 'heading', text: heading },
          { kind: 'list', items },
        ]
      }),
      { kind: 'text', spans: ['More of one command, with all its words: ', { text: '/help job', style: 'code' }] },
      { kind: 'note', text: 'We never ask for a key or a recovery phrase, and never write first.' },
    ],
  }
}

function oneView(command: Command): View {
  const forms = [command, ...(command.more ?? [])]
  return {
    blocks: [
      { kind: 'heading', text: `/${command.name}` },
      {
        kind: 'list',
        items: forms.map(({ usage, summary }) => [{ text: usage, style: 'code' as const }, `: ${summary}`]),
      },
      ...(command.name === 'job' ? askWords() : []),
      ...(command.where === 'private' ? [{ kind: 'note' as const, text: 'In our private chat.' }] : []),
    ],
  }
}

const askWords = (): Block[] => [
  { kind: 'text', spans: ['Words it understands, in any order; run comes last:'] },
  { kind: 'list', items: ASK_WORDS.map(({ word, meaning }) => [{ text: word, style: 'code' }, `: ${meaning}`]) },
]
