// Reads what a coverage run wrote (lcov) and says which lines and branches of the contracts no test reaches.
const OURS = /^contracts\/(?!test\/|interfaces\/).*\.sol$/

/** Each line that was never run, and each way out of a line that was never taken, of every contract but the tests. Undefined when no contract is in it. */
export function unreached(lcov: string): string[] | undefined {
  const records = lcov.split('end_of_record').map((record) => record.split('\n').map((line) => line.trim()))
  const ours = records.flatMap((lines) => {
    const file = lines.find((line) => line.startsWith('SF:'))?.slice(3)
    return file !== undefined && OURS.test(file) ? [{ file, lines }] : []
  })
  if (ours.length === 0) return undefined
  return ours.flatMap(({ file, lines }) =>
    lines.flatMap((line) => {
      const [, lineNumber, hits] = /^DA:(\d+),(\d+)/.exec(line) ?? []
      if (hits === '0') return [`${file}:${lineNumber}`]
      const [, branchLine, block, way, taken] = /^BRDA:(\d+),(\d+),(\d+),(\d+|-)/.exec(line) ?? []
      return taken === '0' || taken === '-' ? [`${file}:${branchLine} (branch ${block}.${way})`] : []
    }),
  )
}
