// Which asks are their asker's own business.
import { expect, test } from 'vitest'
import { saysPrivate } from './saysPrivate.ts'

test.each([
  ['h100 x1 4h untracked', true],
  ['h100 x1 4h UNTRACKED', true],
  ['eu,Untracked h100 4h', true],
  ['h100 4h untrackd', true],
  ['h100 4h run python train.py', true],
  ['h100 4h\nRUN ls', true],
  ['h100 4h image pytorch/pytorch', true],
  ['h100 x1 4h tracked max 3 eu', false],
  ['h100-80gb-sxm x8 2d no-spot only akash sort uptime', false],
  ['', false],
])('%j: %s', (text, expected) => expect(saysPrivate(text)).toBe(expected))
