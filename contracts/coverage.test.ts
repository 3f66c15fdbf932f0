// What counts as unreached in a coverage report.
import { expect, test } from 'vitest'
import { unreached } from './coverage.ts'

const record = (file: string, ...lines: string[]) => [`SF:${file}`, ...lines, 'end_of_record', ''].join('\n')

test('lines of contracts and libraries count, those of tests do not', () => {
  const lcov = [
    record('contracts/ComputeRouter.sol', 'DA:12,3', 'DA:13,0', 'DA:20,0'),
    record('contracts/libraries/Metering.sol', 'DA:5,1'),
    record('contracts/test/support/Usdc.sol', 'DA:7,0'),
  ].join('')
  expect(unreached(lcov)).toEqual(['contracts/ComputeRouter.sol:13', 'contracts/ComputeRouter.sol:20'])
})

test('a way out of a line counts that no test takes, whether the line was run or not', () => {
  const lcov = record(
    'contracts/JobBook.sol',
    'DA:7,2',
    'BRDA:7,0,0,2',
    'BRDA:7,0,1,0',
    'BRDA:9,1,0,-',
    'BRF:3',
    'BRH:1',
  )
  expect(unreached(lcov)).toEqual(['contracts/JobBook.sol:7 (branch 0.1)', 'contracts/JobBook.sol:9 (branch 1.0)'])
})

test('a report without contracts is no proof of anything', () => {
  expect(unreached('')).toBeUndefined()
  expect(unreached(record('contracts/test/Fund.t.sol', 'DA:1,1'))).toBeUndefined()
})
