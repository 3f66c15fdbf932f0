// Asking for one setting at a time: what stands is offered, each answer is checked against the real thing and kept.
import type { Clock } from '../core/clock.ts'
import { NectoError } from '../core/errors.ts'
import { createRedactor } from '../core/log.ts'
import { judgeSetting, secretsOf } from '../core/settings.ts'
import { withTimeLimit } from '../core/timeLimit.ts'
import { type Answers, settingOf } from './answers.ts'

const CHECK_TIMEOUT_MS = 20_000
const INDENT = '  '

/** Reads one line from a person; what is typed into a hidden one is not shown. */
export type Ask = (prompt: string, options: { hidden: boolean }) => Promise<string>
/** ask: a person answers. defaults: what stands is taken, what is missing ends it. check: nothing is changed. */
export type Mode = 'ask' | 'defaults' | 'check'

export interface Question {
  readonly key: string
  /** As people call it: "Telegram bot token". */
  readonly label: string
  /** Said before it is asked. */
  readonly help?: string
  readonly fallback?: string | undefined
  /** How the fallback is shown; itself when missing. */
  readonly fallbackShown?: string
  /** May be left out, and what that means: "no Telegram". */
  readonly without?: string
  /** Asks the real thing; what it answered, for people. Throws NectoError with what is wrong. */
  check(value: string, signal: AbortSignal): Promise<string>
}

export interface Dialog {
  readonly mode: Mode
  readonly answers: Answers
  readonly clock: Clock
  readonly signal: AbortSignal
  /** What was not given, and what was found wrong, in order. */
  readonly missing: readonly string[]
  readonly faults: readonly string[]
  heading(text: string): void
  say(text: string): void
  good(text: string): void
  note(text: string): void
  fault(text: string): void
  /** Nobody gave it, and nobody is here to give it. */
  miss(key: string): void
  /** The checked and kept value; undefined when it was left out, is missing or wrong. */
  ask(question: Question): Promise<string | undefined>
  /** One line that is no setting; the fallback where nobody is asked. */
  choose(prompt: string, fallback: string): Promise<string>
  /** Whether what costs money may be done. */
  agree(prompt: string): Promise<boolean>
}

/** A dialog over `ask`; every secret that it learns is hidden in all that it prints. */
export function createDialog(options: {
  mode: Mode
  /** Where nobody is asked: costs were agreed to beforehand. */
  agrees: boolean
  answers: Answers
  clock: Clock
  signal: AbortSignal
  ask: Ask
  print: (text: string) => void
}): Dialog {
  const { mode, answers, clock, signal } = options
  const missing: string[] = []
  const faults: string[] = []
  const secrets = new Set<string>()
  const learn = (key: string, value: string | undefined) => {
    for (const secret of secretsOf([settingOf(key)], { [key]: value })) secrets.add(secret)
  }
  for (const key of Object.keys(answers.env())) learn(key, answers.get(key))
  const print = (text: string) => options.print(createRedactor([...secrets])(text))
  const say = (text: string) => print(text.replace(/^(?=.)/gm, INDENT))
  const fault = (text: string) => {
    if (mode !== 'ask') faults.push(text)
    say(`✗ ${text}`)
  }

  const miss = (key: string, label = key) => {
    missing.push(key)
    say(`✗ ${label}: not given${label === key ? '' : ` (${key})`}`)
  }

  async function judge(question: Question, value: string): Promise<{ ok: string } | NectoError> {
    const { key, check } = question
    const { fault: wrong } = judgeSetting(settingOf(key), { [key]: value })
    if (wrong !== undefined) return new NectoError('setup.shape', `It has to be ${wrong}.`)
    const timeout = new NectoError('setup.timeout', `No answer within ${CHECK_TIMEOUT_MS / 1000} s.`, {
      retry: 'later',
    })
    try {
      const limit = { clock, signal, timeoutMs: CHECK_TIMEOUT_MS, timeout }
      return { ok: await withTimeLimit(limit, (limited) => check(value, limited)) }
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof NectoError) return error
      // Texts of libraries carry whole addresses, which may hold a key.
      return new NectoError('setup.unreachable', 'It could not be reached.', { retry: 'later' })
    }
  }

  function promptOf(question: Question, offered: string | undefined): string {
    const { key, label, fallback, fallbackShown, without } = question
    const isSecret = settingOf(key).secret === true
    const shown = offered === fallback ? (fallbackShown ?? offered) : isSecret ? 'set' : offered
    const hints = [
      shown !== undefined && `[${shown}]`,
      without !== undefined && (offered === undefined ? `(Enter: ${without})` : `(-: ${without})`),
    ]
    return `${INDENT}${[label, ...hints].filter(Boolean).join(' ')}: `
  }

  async function ask(question: Question): Promise<string | undefined> {
    const { key, label, help, without } = question
    // Whoever comes again knows what it is.
    if (mode === 'ask' && help !== undefined && answers.get(key) === undefined) say(help)
    let offered = answers.get(key) ?? question.fallback
    for (;;) {
      signal.throwIfAborted()
      const typed =
        mode === 'ask'
          ? (await options.ask(promptOf(question, offered), { hidden: settingOf(key).secret === true })).trim()
          : ''
      learn(key, typed)
      const value = typed === '-' && without !== undefined ? undefined : typed || offered
      if (value === undefined) {
        if (without !== undefined) {
          if (mode !== 'check') await answers.keep({ [key]: undefined })
          say(`– ${label}: ${without}`)
          return undefined
        }
        if (mode === 'ask') {
          say('✗ This one is needed.')
          continue
        }
        miss(key, label)
        return undefined
      }
      learn(key, value)
      const verdict = await judge(question, value)
      if ('ok' in verdict) {
        if (mode !== 'check') await answers.keep({ [key]: value })
        say(`✓ ${verdict.ok}`)
        return value
      }
      fault(mode === 'ask' ? verdict.message : `${label} (${key}): ${verdict.message}`)
      if (mode !== 'ask') return undefined
      // What may be right and did not answer is offered again; what is wrong is not.
      if (verdict.retry === 'later') offered = value
      else if (offered === value) offered = undefined
    }
  }

  return {
    mode,
    answers,
    clock,
    signal,
    missing,
    faults,
    heading: (text) => print(`\n${text}`),
    say,
    good: (text) => say(`✓ ${text}`),
    note: (text) => say(`– ${text}`),
    fault,
    miss,
    ask,
    choose,
    async agree(prompt) {
      if (mode !== 'ask') return mode === 'defaults' && options.agrees
      return (await choose(`${prompt} yes or no`, 'yes')).startsWith('y')
    },
  }

  async function choose(prompt: string, fallback: string): Promise<string> {
    signal.throwIfAborted()
    if (mode !== 'ask') return fallback
    const typed = await options.ask(`${INDENT}${prompt} [${fallback}]: `, { hidden: false })
    return typed.trim().toLowerCase() || fallback
  }
}
