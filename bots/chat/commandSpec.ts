// What a platform is told of a command: its menu line and, where it has typed options, those; and how options become the typed line.

/** What an option can be completed with while it is typed. */
export type Suggestion = 'gpu' | 'region' | 'provider' | 'job'

/** One typed option of a platform that has them. */
export interface CommandOption {
  readonly name: string
  readonly description: string
  readonly kind: 'text' | 'whole' | 'number' | 'person'
  readonly isRequired?: boolean
  readonly min?: number
  readonly max?: number
  /** All that may be chosen. */
  readonly choices?: readonly { readonly name: string; readonly value: string }[]
  /** What completes it while it is typed; other values are taken too. */
  readonly suggest?: Suggestion
  /** Its words in the line that a platform without options would have sent. */
  write(value: string): string
}

/** One command as menus and registrations need it. */
export interface CommandSpec {
  readonly name: string
  readonly summary: string
  readonly where: 'anywhere' | 'private'
  /** Who sees the answer where a platform can hide it; 'all' when missing. */
  readonly answer?: 'all' | 'asker'
  /** Whether this line is its asker's own business, so that its answer is the asker's alone although others' are for all. */
  isPrivate?(line: string): boolean
  readonly options?: readonly CommandOption[]
}

/** The typed line that says the same as these options, in the table's order. */
export function optionsAsText(options: readonly CommandOption[], values: Readonly<Record<string, string>>): string {
  return options
    .flatMap(({ name, write }) => {
      const value = values[name]?.trim()
      return value ? write(value) : []
    })
    .join(' ')
}
