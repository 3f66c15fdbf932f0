// What counts as unreached in a coverage report.
import { expect, test } from 'vitest'
import { unreachedLines } from './coverage.ts'

const record = (file: string, ...lines: string[]) => [`SF:${file}`, ...lines, 'end_of_record', ''].join('\n')

test('lines of contracts and libraries count, those of tests do not', () => {
  const lcov = [
    record('contracts/ComputeRouter.sol', 'DA:12,3', 'DA:13,0', 'DA:20,0'),
    record('contracts/libraries/Metering.sol', 'DA:5,1'),
    record('contracts/test/support/Usdc.sol', 'DA:7,0'),
  ].join('')
  expect(unreachedLines(lcov)).toEqual(['contracts/ComputeRouter.sol:13', 'contracts/ComputeRouter.sol:20'])
})

test('a report without contracts is no proof of anything', () => {
  expect(unreachedLines('')).toBeUndefined()
  expect(unreachedLines(record('contracts/test/Fund.t.sol', 'DA:1,1'))).toBeUndefined()
})
