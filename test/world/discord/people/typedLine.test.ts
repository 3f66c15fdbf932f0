// A typed line becomes the options that a person would fill in.
import { expect, test } from 'vitest'
import { optionsFromLine } from './typedLine.ts'

const named = (...names: string[]) => names.map((name) => ({ type: 3, name }))
const job = { name: 'job', options: named('gpu', 'count', 'time', 'max', 'only', 'more', 'mode', 'image', 'run') }

test('an ask, with the command to its end', () => {
  expect(optionsFromLine(job, "h100 x2 4h max 3 eu untracked run sh -c 'run x1'")).toEqual({
    gpu: 'h100',
    count: 2,
    time: '4h',
    max: 3,
    mode: 'untracked',
    more: 'eu',
    run: "sh -c 'run x1'",
  })
  expect(optionsFromLine(job, 'K7QF-3M2P')).toEqual({ gpu: 'K7QF-3M2P' })
  expect(optionsFromLine(job, '')).toEqual({})
})

test('words in turn, choices passed over, the rest to the last', () => {
  const capacity = {
    name: 'capacity',
    options: [{ type: 3, name: 'state', choices: [{ name: 'offline', value: 'offline' }] }, ...named('listing')],
  }
  expect(optionsFromLine(capacity, 'offline S-1')).toEqual({ state: 'offline', listing: 'S-1' })
  expect(optionsFromLine(capacity, 'S-1')).toEqual({ listing: 'S-1' })
  expect(optionsFromLine({ name: 'sell', options: named('line') }, 'h100 x2 in Berlin')).toEqual({
    line: 'h100 x2 in Berlin',
  })
})

test('what no option takes is an error, not lost', () => {
  expect(() => optionsFromLine({ name: 'help' }, 'me')).toThrow('no option takes "me"')
  expect(() => optionsFromLine({ name: 'prices', options: named('gpu') }, 'h100 eu')).toThrow('no option "more"')
})
