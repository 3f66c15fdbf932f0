// What people type for a GPU, and what is suggested when it is not understood.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gpuFamilies } from './gpuTable.ts'
import { formatGpuWanted, parseGpuWanted } from './parseGpuWanted.ts'
import { suggestGpus } from './suggestGpus.ts'

test.each([
  ['h100', { family: 'h100' }],
  ['H100', { family: 'h100' }],
  ['a100-40gb', { family: 'a100', memoryGib: 40 }],
  ['a100 80', { family: 'a100', memoryGib: 80 }],
  ['A100 80G SXM4', { family: 'a100', memoryGib: 80, interface: 'sxm' }],
  ['h100-sxm', { family: 'h100', interface: 'sxm' }],
  ['h100 nvl', { family: 'h100', interface: 'nvl' }],
  ['h200 nvl', { family: 'h200nvl' }],
  ['rtx 4090', { family: 'rtx4090' }],
  ['4090', { family: 'rtx4090' }],
  ['3090 ti', { family: 'rtx3090ti' }],
  ['RTX A6000', { family: 'rtxa6000' }],
  ['6000 ada', { family: 'rtx6000ada' }],
  ['pro 6000', { family: 'rtxpro6000' }],
])('BUYER-01 "%s" is understood', (text, gpu) => {
  expect(parseGpuWanted(text)).toEqual({ ok: true, gpu })
})

test.each([
  ['h1oo', 'h100'],
  ['h10', 'h100'],
  ['l4os', 'l40s'],
  ['a1OO', 'a100'],
  ['rtx409', 'rtx4090'],
  ['rxt4090', 'rtx4090'],
  ['mi300', 'mi300x'],
  ['h100 40gb', 'h100-80gb-sxm'],
  ['rtx4090-sxm', 'rtx4090-24gb'],
])('BUYER-01 "%s" is refused and "%s" suggested first', (text, nearest) => {
  const result = parseGpuWanted(text)
  expect(result).toMatchObject({ ok: false, suggestions: expect.arrayContaining([nearest]) })
  expect(!result.ok && result.suggestions[0]).toBe(nearest)
})

test.each(['', '   ', '???', 'toaster', 'nvl', '80gb'])('"%s" is refused without a guess', (text) => {
  expect(parseGpuWanted(text)).toEqual({ ok: false, suggestions: [] })
})

test('completion offers what begins with the text first', () => {
  expect(suggestGpus('rtx409')).toContain('rtx4090')
  expect(
    suggestGpus('rtx40', 25)
      .slice(0, 3)
      .every((family) => family.startsWith('rtx40')),
  ).toBe(true)
})

test('every suggestion is itself understood', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9]{2,8}( ?\d{2}gb)?$/)), (text) => {
      const result = parseGpuWanted(text)
      for (const suggestion of result.ok ? [] : result.suggestions) expect(parseGpuWanted(suggestion).ok).toBe(true)
    }),
  )
})

test('what is written of a wanted GPU reads back as the same', () => {
  const wanted = gpuFamilies.flatMap((row) =>
    row.sizes.flatMap((size) => [
      { family: row.family },
      { family: row.family, memoryGib: size.gib },
      ...size.interfaces.map((board) => ({ family: row.family, memoryGib: size.gib, interface: board })),
    ]),
  )
  for (const gpu of wanted) expect(parseGpuWanted(formatGpuWanted(gpu))).toEqual({ ok: true, gpu })
})
