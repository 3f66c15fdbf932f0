// Matching an offered GPU with a wanted one.
import { expect, test } from 'vitest'
import type { Gpu } from './gpu.ts'
import { gpuMatches } from './gpuMatches.ts'

const sxm: Gpu = { id: 'h100-80gb-sxm', family: 'h100', memoryGib: 80, interface: 'sxm' }
const unsaid: Gpu = { id: 'h100-80gb', family: 'h100', memoryGib: 80 }

test.each([
  [{ family: 'h100' }, sxm, 'yes'],
  [{ family: 'h100' }, unsaid, 'yes'],
  [{ family: 'h100', interface: 'sxm' as const }, sxm, 'yes'],
  [{ family: 'h100', interface: 'sxm' as const }, unsaid, 'maybe'],
  [{ family: 'h100', interface: 'pcie' as const }, sxm, 'no'],
  [{ family: 'h100', memoryGib: 94 }, sxm, 'no'],
  [{ family: 'h100', memoryGib: 94, interface: 'sxm' as const }, unsaid, 'no'],
  [{ family: 'h200' }, sxm, 'no'],
])('AGENT-01 wanting %j, offered %j: %s', (wanted, gpu, verdict) => {
  expect(gpuMatches(wanted, gpu)).toBe(verdict)
})
