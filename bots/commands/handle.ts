// One chat event to its command or button; whatever is neither is answered in one line.
import { NectoError } from '../../core/errors.ts'
import { nearestWord } from '../../core/market/nearestWord.ts'
import type { Inbound } from '../chat/inbound.ts'
import { textView } from '../chat/view.ts'
import { answerJobForm } from '../forms/jobFormPresses.ts'
import { type BotApp, reply } from './app.ts'
import { press } from './buttons.ts'
import { suspendedHere } from './suspendedHere.ts'
import { COMMANDS } from './table.ts'

/** Handles one event. */
export async function handleInbound(app: BotApp, event: Inbound, signal: AbortSignal): Promise<void> {
  try {
    if (event.kind === 'action' || event.kind === 'form') {
      await press(app, event, signal)
      return
    }
    if (event.kind === 'text') {
      if (await answerJobForm(app, event)) return
      // Plain text reaches us in private only, where somebody waits for an answer.
      await reply(app, event, textView('I read commands. /help lists them.'))
      return
    }
    const command = COMMANDS.find(({ name }) => name === event.name)
    if (command) {
      const suspended = await suspendedHere(app, event)
      if (suspended) await reply(app, event, textView(suspended))
      else await command.run(app, event, signal)
      return
    }
    // In a group another bot may well be meant.
    if (!event.place.isPrivate) return
    const near = nearestWord(
      event.name,
      COMMANDS.map(({ name }) => name),
    )
    await reply(
      app,
      event,
      textView(`There is no /${event.name}. ${near ? `Did you mean /${near}?` : '/help lists what there is.'}`),
    )
  } catch (error) {
    // Nobody is there to be told, so there is nothing to repeat.
    if (error instanceof NectoError && error.code === 'chat.unreachable') return
    throw error
  }
}
