// The terminal as a chat: one person, the operator at this machine, who types lines and presses buttons by their number.
import { errorText } from '../../core/errors.ts'
import { createRef, type RandomBytes, randomBytes } from '../../core/ids.ts'
import type { Log } from '../../core/log.ts'
import { isButtonToken } from '../chat/actions.ts'
import type { Inbound, MessageRef, Place, Principal } from '../chat/inbound.ts'
import { createLinkCheck } from '../chat/links.ts'
import type { Chat } from '../chat/port.ts'
import { safeName } from '../chat/safeText.ts'
import { createFormDialog, type FormDialog, type FormStep } from './formDialog.ts'
import { readLine } from './receive.ts'
import type { Screen } from './screen.ts'
import { createSender } from './send.ts'

const COMMANDS_OF_OURS = ['quit']
const STALE_PRESS = 'This button is no longer in use. Send the command again.'
const HOW =
  'Type a command such as /job h100 x1 4h max 3, or the number of a button. /help lists the commands, /quit ends.'

interface OpenForm {
  readonly token: string
  readonly message: MessageRef
  readonly dialog: FormDialog
}

/** `onInbound` resolves when the event is stored; when it rejects, the person is told to type it again. */
export function createTerminalChat(options: {
  screen: Screen
  /** Who sits there: the operating system's numeric id and name. */
  person: { readonly userId: string; readonly name: string }
  log: Log
  linkOrigins: readonly string[]
  onInbound(inbound: Inbound): Promise<void>
  /** The person wants to stop. */
  onQuit(): void
  random?: RandomBytes
}): Chat {
  const { screen, person, log, onInbound, onQuit, random = randomBytes } = options
  const label = safeName(person.name, { fallback: person.userId })
  const principal: Principal = { platform: 'terminal', userId: person.userId, label, kind: 'user' }
  const place: Place = { platform: 'terminal', chatId: person.userId, isPrivate: true, title: label }
  const { title: _, ...chat } = place
  const session = createRef(random)
  const isAllowedLink = createLinkCheck(options.linkOrigins)
  const sender = createSender({ screen, place, session, isAllowedLink })
  let commands: readonly string[] = []
  let form: OpenForm | undefined
  let typed = 0
  let askedAgain: number | undefined
  let isStopping = false
  let storing = Promise.resolve()

  /** One after the other, so that lines are handled in the order they were typed. */
  function hand(event: (key: string) => Inbound): void {
    const inbound = event(`tm:${session}-${++typed}`)
    storing = storing
      .then(() => onInbound(inbound))
      .catch((error: unknown) => {
        log.warn({ msg: 'typed line not stored', error: errorText(error) })
        sender.say('That was not taken, and nothing was started. Type it again.')
      })
  }

  function take(line: string): void {
    if (isStopping) return
    const read = readLine(line)
    if (read.kind !== 'press') askedAgain = undefined
    if (form && read.kind !== 'quit') follow(form, form.dialog.answer(line))
    else if (read.kind === 'quit') quit()
    else if (read.kind === 'help') help()
    else if (read.kind === 'unreadable') sender.say(read.why)
    else if (read.kind === 'press') press(read.button)
    else {
      const message: MessageRef = { ...chat, messageId: `${session}-typed-${typed + 1}` }
      hand((key) => ({ ...read, key, principal, place, message }))
    }
  }

  function press(number: number): void {
    const button = sender.buttonOf(number)
    const isSure = askedAgain === number || sender.isNear(number)
    askedAgain = button && !isSure ? number : undefined
    if (!button) sender.say(`There is no button ${number} now. Press Enter alone to see those there are.`)
    else if (!isButtonToken(button.token)) sender.say(STALE_PRESS)
    // A number typed as an answer to something else must not press what stands far above.
    else if (!isSure)
      sender.say(
        `[${number}] is “${safeName(button.label)}” of an older message. Nothing was pressed; ${number} once more presses it.`,
      )
    else {
      const { token, message } = button
      hand((key) => ({ kind: 'action', key, principal, place, token, callbackId: key, message }))
    }
  }

  function help(): void {
    const open = sender.newestButtons().map(([number, { label: name }]) => `[${number}] ${safeName(name)}`)
    sender.say([HOW, ...(open.length > 0 ? [`To press now: ${open.join(' · ')}`] : [])].join('\n'))
  }

  function follow(open: OpenForm, step: FormStep): void {
    if (step.kind === 'ask') {
      if (step.says.length > 0) sender.say(step.says.join('\n'))
      screen.ask(step.prompt)
      return
    }
    form = undefined
    screen.ask()
    const { token, message } = open
    if (step.kind === 'cancelled') sender.say('The form is closed unsent. Nothing was changed.')
    else hand((key) => ({ kind: 'form', key, principal, place, token, callbackId: key, values: step.values, message }))
  }

  function quit(): void {
    if (isStopping) return
    isStopping = true
    sender.say('Stopping: what is under way is finished first.')
    onQuit()
  }

  return {
    platform: 'terminal',
    username: 'the terminal',
    ...sender,
    async askForm(to, asked) {
      form = { token: asked.token, message: to.message, dialog: createFormDialog(asked) }
      follow(form, form.dialog.first)
      return true
    },
    // Whoever reads the terminal is the one who pressed.
    async whisper({ place: where }, view) {
      await sender.send(where, view)
      return 'here'
    },
    privatePlace: ({ userId, label: name }) =>
      userId === person.userId ? place : { ...place, chatId: userId, title: name },
    isCreator: async (where, who) => where.chatId === who.userId,
    isMember: async (where, who) => where.chatId === who.userId,
    startUrl: (_platform, payload) => `/start ${payload}`,
    async start() {
      screen.start({
        onLine: take,
        onEnd: quit,
        complete: (word) => commands.filter((command) => word !== '' && command.startsWith(word)),
      })
      sender.say(`Hello ${label}, this is a private chat with you alone. ${HOW}`)
    },
    async setCommands(table) {
      commands = [...table.map(({ name }) => name), ...COMMANDS_OF_OURS].map((name) => `/${name} `)
    },
    async stop() {
      isStopping = true
      screen.close()
      await storing
    },
  }
}
