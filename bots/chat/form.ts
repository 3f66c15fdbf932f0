// A form: a few questions asked at once, where the platform can show them so.

export interface FormField {
  readonly name: string
  readonly label: string
  readonly help?: string
  /** What stands in it already. */
  readonly value?: string
  readonly placeholder?: string
  readonly isRequired: boolean
  readonly lines: 'one' | 'many'
  readonly maxLength: number
}

/** At most five fields: no platform shows more. `token` is the action that gets the answers. */
export interface Form {
  readonly token: string
  readonly title: string
  readonly fields: readonly FormField[]
}
