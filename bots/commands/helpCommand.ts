// /help and /start: what Necto does and every command with a line to copy, from the one table.
import { ASK_WORDS } from '../../core/market/askWords.ts'
import type { View } from '../chat/view.ts'
import { type Command, reply } from './app.ts'

/** `commands` is the whole table, these two included. */
export function createHelpCommands(commands: () => readonly Command[]): Command[] {
  const view = (isPrivate: boolean): View => ({
    blocks: [
      { kind: 'heading', text: 'Necto' },
      {
        kind: 'text',
        spans: [
          'The cheapest GPU that fits your batch job, across every provider: compared live, with the reasons; paid into escrow; charged by the second; every decision provable.',
        ],
      },
      {
        kind: 'list',
        items: commands()
          .filter((command) => isPrivate || command.where === 'anywhere')
          .flatMap((command) => [command, ...(command.more ?? [])])
          .map(({ usage, summary }) => [{ text: usage, style: 'code' }, `: ${summary}`]),
      },
      { kind: 'text', spans: ['What /job understands:'] },
      { kind: 'list', items: ASK_WORDS.map(({ word, meaning }) => [{ text: word, style: 'code' }, `: ${meaning}`]) },
      { kind: 'note', text: 'We never ask for a key or a seed phrase, and never write first.' },
    ],
  })
  const show = (name: string, summary: string): Command => ({
    name,
    summary,
    usage: `/${name}`,
    where: 'anywhere',
    run: (app, event) => reply(app, event, view(event.place.isPrivate)),
  })
  return [show('help', 'This list'), show('start', 'Begin here')]
}
