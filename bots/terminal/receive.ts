// A typed line → what is meant by it. Pure.

/** `help`: the Enter key alone. `unreadable`: nothing is done, and `why` says so. */
export type Typed =
  | { readonly kind: 'command'; readonly name: string; readonly text: string }
  | { readonly kind: 'press'; readonly button: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'unreadable'; readonly why: string }

// What the other platforms take at most.
const MAX_LINE = 4096
const MAX_NAME = 32

/** Reads one line. A number alone is always a button: what may be answered with a number is asked by a form. */
export function readLine(line: string): Typed {
  const typed = line.trim()
  if (typed === '') return { kind: 'help' }
  if (typed.length > MAX_LINE) {
    const why = `That line has ${typed.length} characters, ${MAX_LINE} are the most. Nothing was sent.`
    return { kind: 'unreadable', why }
  }
  if (/^\/(quit|exit)$/i.test(typed)) return { kind: 'quit' }
  if (/^\d{1,9}$/.test(typed)) return { kind: 'press', button: Number(typed) }
  const [, name, text = ''] = /^\/(\S+)\s*([\s\S]*)$/.exec(typed) ?? []
  if (name === undefined) return { kind: 'text', text: typed }
  return { kind: 'command', name: name.toLowerCase().slice(0, MAX_NAME), text }
}
