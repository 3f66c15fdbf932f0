// What concerns one person alone is answered in private; in a group only the way there is shown.
import type { View } from '../chat/view.ts'
import { type BotApp, type CommandEvent, reply } from './app.ts'

/** Answers only in private; `why` is told elsewhere, with a button that opens the private chat. */
export async function answerPrivately(options: {
  app: BotApp
  event: CommandEvent
  why: string
  answer: () => Promise<View>
}): Promise<void> {
  const { app, event, why, answer } = options
  if (event.place.isPrivate) return reply(app, event, await answer())
  await reply(app, event, {
    blocks: [{ kind: 'text', spans: [why] }],
    buttons: [[{ label: 'Open the private chat', url: app.chat.startUrl(event.place.platform, event.name) }]],
  })
}
