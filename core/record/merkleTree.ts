// The Merkle tree of 0G Storage: padding, segment roots, proofs and submission nodes (rules as in 0G's clients and Flow contract).
import { bytesToHex, concatBytes, type Hex, hexToBytes, keccak256 } from 'viem'
import { NectoError } from '../errors.ts'

/** Bytes per leaf (0G: chunk, or sector). */
export const chunkBytes = 256
/** Chunks per segment, the unit of upload. */
export const segmentChunks = 1024
/** Bytes per segment: 256 KiB. */
export const segmentBytes = chunkBytes * segmentChunks

/** `lemma` = leaf, siblings from the bottom up, root; `path[i]` = the running node is a left child. A single leaf: lemma = [root]. */
export interface MerkleProof {
  lemma: Hex[]
  path: boolean[]
}

/** A power-of-two part of a file as the Flow contract takes it: `height` = log2 of its chunks. */
export interface SubmissionNode {
  root: Hex
  height: number
}

/** Chunks of a file of `byteLength` after 0G's padding: up to the next 1/16 of the next power of two. */
export function paddedChunks(byteLength: number): number {
  const chunks = Math.ceil(byteLength / chunkBytes)
  const nextPowerOfTwo = 2 ** Math.ceil(Math.log2(chunks))
  const unit = nextPowerOfTwo >= 16 ? nextPowerOfTwo / 16 : 1
  return Math.ceil(chunks / unit) * unit
}

/** Segments of a file of `byteLength`, padding included. */
export function paddedSegments(byteLength: number): number {
  return Math.ceil(paddedChunks(byteLength) / segmentChunks)
}

/** The root of each segment of the padded file: the leaves of the file's tree. Throws `record.empty` for no bytes. */
export function segmentRoots(bytes: Uint8Array): Hex[] {
  if (bytes.length === 0) throw new NectoError('record.empty', 'An empty file has no root.')
  const leaves = leafHashes(bytes, paddedChunks(bytes.length))
  const count = Math.ceil(leaves.length / segmentChunks)
  return Array.from({ length: count }, (_, i) =>
    bytesToHex(treeRoot(leaves.slice(i * segmentChunks, (i + 1) * segmentChunks))),
  )
}

/** The root over segment roots (or any leaves): the left subtree holds the largest power of two below the count. */
export function rootOfHashes(hashes: Hex[]): Hex {
  return bytesToHex(treeRoot(hashes.map((hash) => hexToBytes(hash))))
}

/** The proof of leaf `index` among `hashes`. */
export function proofOfHash(hashes: Hex[], index: number): MerkleProof {
  const leaf = hashes[index]
  if (leaf === undefined) throw new RangeError(`no leaf ${index} among ${hashes.length}`)
  if (hashes.length === 1) return { lemma: [leaf], path: [] }
  const siblings: Hex[] = []
  const path: boolean[] = []
  for (let from = 0, count = hashes.length; count > 1; ) {
    const left = leftCount(count)
    const isLeft = index < from + left
    siblings.unshift(rootOfHashes(isLeft ? hashes.slice(from + left, from + count) : hashes.slice(from, from + left)))
    path.unshift(isLeft)
    from = isLeft ? from : from + left
    count = isLeft ? left : count - left
  }
  return { lemma: [leaf, ...siblings, rootOfHashes(hashes)], path }
}

/** The proof of segment `index` of a file. */
export function segmentProof(bytes: Uint8Array, index: number): MerkleProof {
  return proofOfHash(segmentRoots(bytes), index)
}

/** A proof holds when it starts at `leaf`, sits at `index` of `count` leaves and leads to `root`. */
export function verifyProof(claim: {
  root: Hex
  leaf: Hex
  index: number
  count: number
  proof: MerkleProof
}): boolean {
  const { lemma, path } = claim.proof
  const siblings = path.length === 0 ? [] : lemma.slice(1, -1)
  if (siblings.length !== path.length || lemma.length !== (path.length === 0 ? 1 : path.length + 2)) return false
  if (lemma[0] !== claim.leaf || lemma.at(-1) !== claim.root) return false
  if (leafPosition(path, claim.count) !== claim.index) return false
  const top = siblings.reduce(
    (hash, sibling, i) => (path[i] ? hashPair(hash, hexToBytes(sibling)) : hashPair(hexToBytes(sibling), hash)),
    hexToBytes(claim.leaf),
  )
  return bytesToHex(top) === claim.root
}

/**
 * Checks one segment of a file of `fileLength` bytes against the file's root. `segment` is whole chunks as sent on
 * the wire: the last one comes without the file's padding chunks, which are added here.
 */
export function verifySegmentProof(claim: {
  root: Hex
  segment: Uint8Array
  index: number
  fileLength: number
  proof: MerkleProof
}): boolean {
  const total = paddedChunks(claim.fileLength)
  const chunks = Math.min(segmentChunks, total - claim.index * segmentChunks)
  if (chunks <= 0 || claim.segment.length > chunks * chunkBytes) return false
  const leaf = bytesToHex(treeRoot(leafHashes(claim.segment, chunks)))
  const count = Math.ceil(total / segmentChunks)
  return verifyProof({ root: claim.root, leaf, index: claim.index, count, proof: claim.proof })
}

/** The file cut into descending powers of two of chunks, as `Flow.submit` wants it. */
export function submissionNodes(bytes: Uint8Array): SubmissionNode[] {
  if (bytes.length === 0) throw new NectoError('record.empty', 'An empty file has no root.')
  const leaves = leafHashes(bytes, paddedChunks(bytes.length))
  const nodes: SubmissionNode[] = []
  for (let from = 0; from < leaves.length; ) {
    const height = Math.floor(Math.log2(leaves.length - from))
    nodes.push({ root: bytesToHex(treeRoot(leaves.slice(from, from + 2 ** height))), height })
    from += 2 ** height
  }
  return nodes
}

/** The file's root from the roots of its submission nodes: folded from right to left. */
export function foldNodeRoots(roots: Hex[]): Hex {
  const top = roots.map((root) => hexToBytes(root)).reduceRight((right, left) => hashPair(left, right))
  return bytesToHex(top)
}

function leafHashes(bytes: Uint8Array, count: number): Uint8Array[] {
  const zeroChunkHash = keccak256(new Uint8Array(chunkBytes), 'bytes')
  return Array.from({ length: count }, (_, i) => {
    const chunk = bytes.subarray(i * chunkBytes, (i + 1) * chunkBytes)
    if (chunk.length === 0) return zeroChunkHash
    if (chunk.length === chunkBytes) return keccak256(chunk, 'bytes')
    const padded = new Uint8Array(chunkBytes)
    padded.set(chunk)
    return keccak256(padded, 'bytes')
  })
}

function treeRoot(hashes: Uint8Array[]): Uint8Array {
  const [first] = hashes
  if (first === undefined) throw new RangeError('a tree needs at least one leaf')
  if (hashes.length === 1) return first
  const left = leftCount(hashes.length)
  return hashPair(treeRoot(hashes.slice(0, left)), treeRoot(hashes.slice(left)))
}

function leafPosition(path: boolean[], leaves: number): number {
  let position = 0
  let count = leaves
  for (const isLeft of path.toReversed()) {
    const left = leftCount(count)
    position += isLeft ? 0 : left
    count = isLeft ? left : count - left
  }
  // A path shorter or longer than the way to a leaf proves something else.
  return count === 1 ? position : -1
}

/** The largest power of two below `count`; 0.5 for a single leaf, which no caller walks below. */
function leftCount(count: number): number {
  return 2 ** (Math.ceil(Math.log2(count)) - 1)
}

function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  return keccak256(concatBytes([left, right]), 'bytes')
}
