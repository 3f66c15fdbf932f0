// The checks a storage node makes before it keeps a segment, with its errors.
import { concat, type Hex, keccak256 } from 'viem'
import { z } from 'zod'
import {
  chunkBytes,
  type MerkleProof,
  paddedSegments,
  segmentBytes,
  segmentChunks,
  verifySegmentProof,
} from '../../../core/record/merkleTree.ts'
import { invalidParams } from './rpcError.ts'

const hash = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]{64}$/)])

/** A segment as it travels: `data` is base64 of whole chunks, the last segment without the file's padding. */
export const segmentSchema = z.object({
  root: hash,
  data: z.base64(),
  index: z.int().min(0),
  proof: z.object({ lemma: z.array(hash), path: z.array(z.boolean()) }),
  fileSize: z.int().min(0),
})

/** A segment whose length, proof and padding hold. Throws the node's "Invalid params" errors. */
export function checkSegment(wire: z.infer<typeof segmentSchema>): { root: Hex; index: number; bytes: Uint8Array } {
  const { root, index, proof, fileSize } = wire
  const bytes = new Uint8Array(Buffer.from(wire.data, 'base64'))
  if (fileSize === 0) throw invalidParams('file_size', 'file is empty')
  const segments = Math.ceil(fileSize / segmentBytes)
  if (index >= segments) throw invalidParams('index', 'index out of bound')
  const rest = Math.min(segmentBytes, fileSize - index * segmentBytes)
  if (bytes.length !== Math.ceil(rest / chunkBytes) * chunkBytes) throw invalidParams('data', 'invalid data length')
  const siblings = proof.path.length === 0 ? 1 : proof.path.length + 2
  if (proof.lemma.length !== siblings) throw invalidParams('proof', 'invalid proof')
  if (!verifySegmentProof({ root, segment: bytes, index, fileLength: fileSize, proof })) {
    throw invalidParams('proof', 'validation failed')
  }
  if (!rearPaddingHolds(proof, paddedSegments(fileSize), segments)) {
    throw invalidParams('proof', 'invalid proof node value in the padding range')
  }
  return { root, index, bytes }
}

/** A right sibling that covers nothing but padding must be the root of zeros. */
function rearPaddingHolds(proof: MerkleProof, padded: number, segments: number): boolean {
  let count = padded
  let position = 0
  for (const [i, isLeft] of proof.path.toReversed().entries()) {
    const left = 2 ** (Math.ceil(Math.log2(count)) - 1)
    if (isLeft && position + left >= segments && proof.lemma.at(-2 - i) !== zeroRoot((count - left) * segmentChunks)) {
      return false
    }
    position += isLeft ? 0 : left
    count = isLeft ? left : count - left
  }
  return true
}

function zeroRoot(chunks: number): Hex {
  let root = keccak256(new Uint8Array(chunkBytes))
  for (let size = 1; size < chunks; size *= 2) root = keccak256(concat([root, root]))
  return root
}
