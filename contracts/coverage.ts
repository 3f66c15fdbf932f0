// Reads what a coverage run wrote (lcov) and says which lines of the contracts no test reaches.
const OURS = /^contracts\/(?!test\/|interfaces\/).*\.sol$/

/** `file:line` of each line that was never run, of every contract but the tests. Undefined when no contract is in it. */
export function unreachedLines(lcov: string): string[] | undefined {
  const records = lcov.split('end_of_record').map((record) => record.split('\n').map((line) => line.trim()))
  const ours = records.flatMap((lines) => {
    const file = lines.find((line) => line.startsWith('SF:'))?.slice(3)
    return file !== undefined && OURS.test(file) ? [{ file, lines }] : []
  })
  if (ours.length === 0) return undefined
  return ours.flatMap(({ file, lines }) =>
    lines.flatMap((line) => {
      const [, number, hits] = /^DA:(\d+),(\d+)/.exec(line) ?? []
      return hits === '0' ? [`${file}:${number}`] : []
    }),
  )
}
