// Places as codes, and offers in or out of the regions asked for.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import regions from '../../data/regions.json' with { type: 'json' }
import { regionCode, regionMatcher, regionPath } from './region.ts'

test.each([
  ['us-east-1', ['na', 'us', 'us-east-1']],
  ['US_EAST_1', ['na', 'us', 'us-east-1']],
  ['eu', ['eu']],
  ['Europe', ['eu']],
  ['asia', ['asia']],
  ['de', ['eu', 'de']],
  ['Germany', ['eu', 'de']],
  ['berlin', ['eu', 'de', 'berlin']],
  ['Berlin, Germany', ['eu', 'de', 'berlin']],
  ['Hall 3, Berlin, DE', ['eu', 'de', 'berlin']],
  ['Sweden, SE', ['eu', 'se']],
  ['São Paulo', ['samerica', 'br', 'sao-paulo']],
  ['uk', ['eu', 'gb']],
  ['sa', ['asia', 'sa']],
  ['ap-northeast-1', ['asia', 'jp', 'ap-northeast-1']],
])('AGENT-01 "%s" is %j', (text, path) => {
  expect(regionPath(text)).toEqual(path)
})

test.each(['', 'nowhere', 'Paris, TX', 'Berlin, Japan', ',', 'us-east-99'])('"%s" is unknown', (text) => {
  expect(regionPath(text)).toEqual([])
  expect(regionCode(text)).toBeUndefined()
})

test.each([
  [[], [], 'yes'],
  [[], ['na', 'us'], 'yes'],
  [['us'], ['na', 'us', 'us-east-1', 'use1-az1'], 'yes'],
  [['asia', 'eu'], ['eu', 'de'], 'yes'],
  [['use1-az1'], ['na', 'us', 'us-east-1', 'use1-az1'], 'yes'],
  [['eu'], ['na', 'us', 'us-east-1'], 'no'],
  [['us-west-2'], ['na', 'us', 'us-east-1'], 'no'],
  [['de'], ['eu'], 'maybe'],
  [['berlin'], ['eu', 'de'], 'maybe'],
  [['de'], [], 'maybe'],
  [['de'], ['na'], 'no'],
])('AGENT-01 wanting %j, offered in %j: %s', (wanted, region, verdict) => {
  expect(regionMatcher(wanted)(region)).toBe(verdict)
})

test('every code leads down from a continent to itself, and a wanted code always matches its own path', () => {
  fc.assert(
    fc.property(fc.constantFrom(...regions.places), ({ code }) => {
      const path = regionPath(code)
      expect(path.at(-1)).toBe(code)
      expect(regionPath(path[0] ?? '')).toHaveLength(1)
      for (const part of path) expect(regionMatcher([part])(path)).toBe('yes')
    }),
  )
})
