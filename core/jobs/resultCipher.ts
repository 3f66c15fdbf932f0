// The cipher of logs and outputs: AES-256-GCM, in Node and in the browser alike.
import { type Hex, hexToBytes } from 'viem'
import { NectoError } from '../errors.ts'

const NONCE_BYTES = 12

interface Sealed {
  /** 32 bytes. */
  readonly key: Hex
  readonly jobId: Hex
  /** A part of a log that still grows is named by its chunks: from, and the first one not in it. */
  readonly kind: 'log' | 'output' | 'salt' | `log-${number}-${number}`
}

// Bound to the job and the kind, so that a log cannot be passed off as an output or as another job's.
const bound = ({ jobId, kind }: Sealed) => new TextEncoder().encode(`necto/${kind}/${jobId}`)

const importKey = (key: Hex, use: 'encrypt' | 'decrypt') =>
  crypto.subtle.importKey('raw', hexToBytes(key) as Uint8Array<ArrayBuffer>, 'AES-GCM', false, [use])

/**
 * A nonce that only these bytes under this key ever get. Derived, not random, so that a repetition after a crash comes to
 * the same file, and 0G is paid for it once.
 */
async function nonceOf(sealed: Sealed & { bytes: Uint8Array }): Promise<Uint8Array<ArrayBuffer>> {
  const parts = [hexToBytes(sealed.key), bound(sealed), new Uint8Array(1), sealed.bytes] as Uint8Array<ArrayBuffer>[]
  const digest = await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer())
  return new Uint8Array(digest).subarray(0, NONCE_BYTES)
}

/** nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes); the same input gives the same bytes. */
export async function encryptResult(sealed: Sealed & { bytes: Uint8Array }): Promise<Uint8Array> {
  const nonce = await nonceOf(sealed)
  const cipher = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv: nonce, additionalData: bound(sealed) },
    await importKey(sealed.key, 'encrypt'),
    sealed.bytes as Uint8Array<ArrayBuffer>,
  )
  const out = new Uint8Array(NONCE_BYTES + cipher.byteLength)
  out.set(nonce)
  out.set(new Uint8Array(cipher), NONCE_BYTES)
  return out
}

/** The plain bytes; throws 'result.unreadable' for a wrong key, another job's bytes or a changed byte. */
export async function decryptResult(sealed: Sealed & { bytes: Uint8Array }): Promise<Uint8Array> {
  const bytes = sealed.bytes as Uint8Array<ArrayBuffer>
  try {
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: bytes.subarray(0, NONCE_BYTES), additionalData: bound(sealed) },
      await importKey(sealed.key, 'decrypt'),
      bytes.subarray(NONCE_BYTES),
    )
    return new Uint8Array(plain)
  } catch (cause) {
    throw new NectoError('result.unreadable', 'This key does not open this file, or the file was changed.', { cause })
  }
}
