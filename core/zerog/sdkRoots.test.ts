// Our roots, proofs and submission nodes are those of the 0G SDK.
import { MemData } from '@0gfoundation/0g-ts-sdk'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { merkleRoot } from '../record/merkleRoot.ts'
import { segmentBytes, segmentProof, submissionNodes } from '../record/merkleTree.ts'

function sample(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7) & 0xff)
}

async function sdkTree(bytes: Uint8Array) {
  const [tree, error] = await new MemData(bytes).merkleTree()
  if (!tree) throw error ?? new Error('the SDK made no tree')
  return tree
}

describe('the SDK agrees', () => {
  test.each([1, 255, 256, 257, 511, 513, 4095, 4096, 4097, 65_537, segmentBytes - 1, segmentBytes, segmentBytes + 1])(
    'on the root, the submission nodes and the proofs of %i bytes',
    async (length) => {
      const bytes = sample(length)
      const tree = await sdkTree(bytes)
      expect(merkleRoot(bytes)).toBe(tree.rootHash())
      const [submission] = await new MemData(bytes).createSubmission('0x', '0x1111111111111111111111111111111111111111')
      expect(submissionNodes(bytes)).toEqual(
        submission?.data.nodes.map(({ root, height }) => ({ root, height: Number(height) })),
      )
      for (const index of tree.leaves.keys()) {
        const { lemma, path } = tree.proofAt(index)
        expect(segmentProof(bytes, index)).toEqual({ lemma, path })
      }
    },
  )

  test('on the root of any size up to 1 MiB (property)', async () => {
    const sizes = fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 1024 * 1024 }))
    await fc.assert(
      fc.asyncProperty(sizes, async (length) => {
        const bytes = sample(length)
        expect(merkleRoot(bytes)).toBe((await sdkTree(bytes)).rootHash())
      }),
      { numRuns: 10 },
    )
  }, 60_000)
})
