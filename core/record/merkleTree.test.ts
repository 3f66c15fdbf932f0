// Roots, proofs and submission nodes against the known vectors and against each other.
import fc from 'fast-check'
import { keccak256 } from 'viem'
import { describe, expect, test } from 'vitest'
import { merkleRoot } from './merkleRoot.ts'
import {
  foldNodeRoots,
  paddedChunks,
  paddedSegments,
  proofOfHash,
  rootOfHashes,
  segmentBytes,
  segmentProof,
  submissionNodes,
  verifyProof,
  verifySegmentProof,
} from './merkleTree.ts'

const utf8 = new TextEncoder()
const emptyChunkHash = '0xd397b3b043d87fcd6fad1291ff0bfd16401c274896d8c63a923727f077b8e0b5'

/** Bytes that differ everywhere, so that a swapped chunk shows. */
function sample(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7) & 0xff)
}

/** Lengths around every boundary first, then any. */
const lengths = fc.oneof(
  fc.constantFrom(1, 255, 256, 257, 512, 513, 4096, 4097, 17 * 256, segmentBytes - 1, segmentBytes, segmentBytes + 1),
  fc.integer({ min: 1, max: 3 * segmentBytes }),
)

describe('merkleRoot', () => {
  test.each([
    ['{}', '0x174b522b4ce1a97aa6740c1a43bfdbfffd7464619b04c84fabb1b388210dc7ec'],
    ['{"a":1}', '0xc3461d53f33475744d557b5a22c73cd3c7e73fd1511e34fb08e96872c3e6ed08'],
    ['\0'.repeat(256), emptyChunkHash],
  ])('known vector %j', (text, root) => {
    expect(merkleRoot(utf8.encode(text))).toBe(root)
  })

  test('does not commit to the length: trailing zeros inside a chunk share the root', () => {
    expect(merkleRoot(utf8.encode(`{}${'\0'.repeat(254)}`))).toBe(merkleRoot(utf8.encode('{}')))
    expect(merkleRoot(utf8.encode(`{}${'\0'.repeat(255)}`))).not.toBe(merkleRoot(utf8.encode('{}')))
  })

  test('refuses no bytes', () => {
    expect(() => merkleRoot(new Uint8Array())).toThrow(expect.objectContaining({ code: 'record.empty' }))
    expect(() => submissionNodes(new Uint8Array())).toThrow(expect.objectContaining({ code: 'record.empty' }))
  })

  test('equals folding the submission nodes, whose heights fall and cover the padded file (property)', () => {
    fc.assert(
      fc.property(lengths, (length) => {
        const bytes = sample(length)
        const nodes = submissionNodes(bytes)
        expect(foldNodeRoots(nodes.map((node) => node.root))).toBe(merkleRoot(bytes))
        const heights = nodes.map((node) => node.height)
        expect(heights).toEqual([...new Set(heights)].sort((a, b) => b - a))
        expect((heights[0] ?? 0) - (heights.at(-1) ?? 0)).toBeLessThan(5)
        expect(heights.reduce((sum, height) => sum + 2 ** height, 0)).toBe(paddedChunks(length))
      }),
      { numRuns: 15 },
    )
  }, 60_000)

  test.each([
    [1, 1],
    [256, 1],
    [257, 2],
    [256 * 3, 3],
    [256 * 9, 9],
    [256 * 17, 18],
    [256 * 33, 36],
    [segmentBytes + 1, 1152],
  ])('%i bytes are padded to %i chunks', (length, chunks) => {
    expect(paddedChunks(length)).toBe(chunks)
  })
})

describe('segment proofs', () => {
  test('every segment proves itself and nothing else (property)', () => {
    const cases = fc.tuple(fc.integer({ min: 1, max: 4 * segmentBytes }), fc.nat(), fc.nat())
    fc.assert(
      fc.property(cases, ([length, pick, flip]) => {
        const bytes = sample(length)
        const root = merkleRoot(bytes)
        const index = pick % Math.ceil(length / segmentBytes)
        const segment = wireSegment(bytes, index)
        const proof = segmentProof(bytes, index)
        const claim = { root, segment, index, fileLength: length, proof }
        expect(verifySegmentProof(claim)).toBe(true)
        expect(verifySegmentProof({ ...claim, index: index + 1 })).toBe(false)
        const wrong = Uint8Array.from(segment)
        wrong[flip % wrong.length] = (wrong[flip % wrong.length] ?? 0) ^ 1
        expect(verifySegmentProof({ ...claim, segment: wrong })).toBe(false)
      }),
      { numRuns: 8 },
    )
  }, 60_000)

  test('any leaf of any tree proves its place; any change to the proof is refused (property)', () => {
    const cases = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.nat(), fc.nat())
    fc.assert(
      fc.property(cases, ([count, pick, at]) => {
        const hashes = Array.from({ length: count }, (_, i) => keccak256(Uint8Array.of(i)))
        const index = pick % count
        const proof = proofOfHash(hashes, index)
        const claim = { root: rootOfHashes(hashes), leaf: proof.lemma[0] ?? '0x', index, count, proof }
        expect(verifyProof(claim)).toBe(true)
        const lemma = proof.lemma.with(at % proof.lemma.length, emptyChunkHash)
        expect(verifyProof({ ...claim, proof: { ...proof, lemma } })).toBe(false)
        expect(verifyProof({ ...claim, proof: { ...proof, lemma: [...proof.lemma, claim.root] } })).toBe(false)
        expect(verifyProof({ ...claim, proof: { lemma: proof.lemma, path: [...proof.path, true] } })).toBe(false)
        for (const other of hashes.keys()) expect(verifyProof({ ...claim, index: other })).toBe(other === index)
      }),
    )
  })

  test('a proof that ends inside the tree is refused', () => {
    const hashes = [0, 1, 2, 3].map((i) => keccak256(Uint8Array.of(i)))
    const inner = rootOfHashes(hashes.slice(0, 2))
    const root = rootOfHashes(hashes)
    const proof = { lemma: [inner, rootOfHashes(hashes.slice(2)), root], path: [true] }
    expect(verifyProof({ root, leaf: inner, index: 0, count: 4, proof })).toBe(false)
  })

  test('a segment longer than its place is refused, one beyond the file too', () => {
    const bytes = sample(segmentBytes + 300)
    const proof = segmentProof(bytes, 1)
    const claim = { root: merkleRoot(bytes), index: 1, fileLength: bytes.length, proof }
    expect(paddedSegments(bytes.length)).toBe(2)
    expect(verifySegmentProof({ ...claim, segment: wireSegment(bytes, 1) })).toBe(true)
    expect(verifySegmentProof({ ...claim, segment: new Uint8Array(segmentBytes) })).toBe(false)
    expect(verifySegmentProof({ ...claim, index: 2, segment: wireSegment(bytes, 1) })).toBe(false)
  })

  test('a tree has no leaf outside it', () => {
    expect(() => proofOfHash([emptyChunkHash], 1)).toThrow(RangeError)
    expect(() => rootOfHashes([])).toThrow(RangeError)
  })
})

/** A segment as a client sends it: whole chunks, without the file's padding. */
function wireSegment(bytes: Uint8Array, index: number): Uint8Array {
  const part = bytes.subarray(index * segmentBytes, (index + 1) * segmentBytes)
  const whole = new Uint8Array(Math.ceil(part.length / 256) * 256)
  whole.set(part)
  return whole
}
