// For tests: keeps what a command prints, on standard output and beside it.

export function createTestOutput() {
  const printed: string[] = []
  const warned: string[] = []
  return {
    print: (text: string) => void printed.push(text),
    warn: (text: string) => void warned.push(text),
    printed: () => printed.join('\n'),
    warned: () => warned.join('\n'),
  }
}

/** The cells of a printed table's row that begins with this; columns stand two spaces apart. */
export function cellsOf(printed: string, first: string): string[] {
  const line = printed.split('\n').find((one) => one.startsWith(first))
  return line?.split(/ {2,}/) ?? []
}
