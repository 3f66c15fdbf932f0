// Any id as a file name that every file system takes and tells apart.
import { createHash } from 'node:crypto'

const READABLE_LENGTH = 48

/**
 * A readable part for people, then 128 bits of SHA-256 that make it unique: lower case only (case-insensitive disks),
 * ASCII only (disks that normalise Unicode), at most 81 characters (some encrypted disks stop at 143), never a dot.
 * The id itself stands in the document.
 */
export function fileNameOf(id: string): string {
  // JSON text, because hashing a lone surrogate directly would give the replacement character's hash.
  const digest = createHash('sha256').update(JSON.stringify(id)).digest('hex').slice(0, 32)
  const readable = id
    .slice(0, READABLE_LENGTH)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, READABLE_LENGTH)
  return readable === '' ? digest : `${readable}-${digest}`
}

/** A collection's folder: camelCase as kebab-case, so that case never tells two folders apart. */
export function folderNameOf(collectionName: string): string {
  return collectionName.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
