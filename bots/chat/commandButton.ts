// Buttons that say a command, as if whoever presses had typed it: nothing is stored for them, so they name nobody.

export interface SaidCommand {
  readonly name: string
  readonly text: string
}

// At most 61 bytes, within Telegram's 64. A forged one can say no more than its presser might have typed.
const SAYS = /^c1:([a-z]{1,32})(?: ([\w.-]{1,24}))?$/

/** The token of a button that says `/name` or `/name word`. */
export const commandToken = (name: string, word?: string): string => `c1:${name}${word === undefined ? '' : ` ${word}`}`

/** What a pressed token says; undefined: it is no command. */
export function commandOf(token: string): SaidCommand | undefined {
  const [, name, text = ''] = SAYS.exec(token) ?? []
  return name === undefined ? undefined : { name, text }
}
