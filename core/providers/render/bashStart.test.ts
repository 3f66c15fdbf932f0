// Images as Dispersed wants them: name and tag apart.
import { expect, test } from 'vitest'
import { imageAndTag } from './bashStart.ts'

test.each([
  ['acme/train', 'acme/train', 'latest'],
  ['acme/train:v1.0', 'acme/train', 'v1.0'],
  ['ghcr.io:443/acme/train', 'ghcr.io:443/acme/train', 'latest'],
  ['ghcr.io:443/acme/train:3', 'ghcr.io:443/acme/train', '3'],
])('%s', (reference, image, tag) => {
  expect(imageAndTag(reference)).toEqual({ image, tag })
})

test('a digest is refused, whether or not there is a tag', () => {
  for (const reference of [`a@sha256:${'0'.repeat(64)}`, `a:1@sha256:${'0'.repeat(64)}`])
    expect(() => imageAndTag(reference)).toThrow('cannot be given by its digest')
})
