// Random identifiers: job refs that people can read out, link tokens that nobody can guess.

// Crockford's alphabet: no I, L, O or U, so that a ref survives being read aloud or typed from a phone.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Random bytes; the platform's generator unless a test passes its own. */
export type RandomBytes = (length: number) => Uint8Array
export const randomBytes: RandomBytes = (length) => crypto.getRandomValues(new Uint8Array(length))

/** A job's short name in chats: "K7QF-3M2P", 40 random bits. */
export function createRef(random: RandomBytes = randomBytes): string {
  const letters = Array.from(random(8), (byte) => ALPHABET[byte % 32]).join('')
  return `${letters.slice(0, 4)}-${letters.slice(4)}`
}

/** A ref as somebody typed it, in its written form; undefined when it is none. */
export function parseRef(text: string): string | undefined {
  const letters = text.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')
  if (letters.length !== 8 || [...letters].some((letter) => !ALPHABET.includes(letter))) return undefined
  return `${letters.slice(0, 4)}-${letters.slice(4)}`
}

/** A capability for a link: 128 random bits, base64url. */
export function createLinkToken(random: RandomBytes = randomBytes): string {
  return btoa(String.fromCharCode(...random(16)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')
}

/** 32 random bytes as hex: salts. */
export function createSalt(random: RandomBytes = randomBytes): `0x${string}` {
  return `0x${Array.from(random(32), (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
