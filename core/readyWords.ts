// Who is ready, as a sentence's beginning.

const list = new Intl.ListFormat('en-GB', { type: 'conjunction' })

/** "a is ready", "a and b are ready", "a, b and c are ready" */
export const readyWords = (names: readonly string[]): string =>
  `${list.format(names)} ${names.length === 1 ? 'is' : 'are'} ready`
