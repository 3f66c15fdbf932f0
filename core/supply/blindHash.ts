// What a receipt says of a log or an output: a hash that confirms no guess to whoever has not its salt.
import { concat, type Hex, sha256, stringToHex } from 'viem'

/** SHA-256 of kind ‖ salt (32 bytes) ‖ the SHA-256 of the bytes. */
export const blindHash = (kind: 'log' | 'output', { salt, hash }: { salt: Hex; hash: Hex }): Hex =>
  sha256(concat([stringToHex(kind), salt, hash]))
