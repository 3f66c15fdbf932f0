// The one trace of a workload in public: a salted hash of it.
import { concat, type Hex, hexToBytes, keccak256 } from 'viem'
import type { Workload } from '../market/ask.ts'
import { canonicalBytes } from './canonicalJson.ts'

/**
 * keccak256(salt ‖ JCS(workload)). The salt (32 random bytes, kept in the job document) is what keeps a guessable
 * command from being guessed; whoever has workload and salt can show that they belong to a record.
 */
export function workloadHash({ workload, salt }: { workload: Workload; salt: Hex }): Hex {
  const { image, command } = workload
  return keccak256(concat([salt32(salt), canonicalBytes({ ...(image !== undefined && { image }), command })]))
}

/** The bytes of a salt; anything but 32 of them is a broken caller, since a short salt can be searched. */
export function salt32(salt: Hex): Uint8Array {
  if (!/^0x[0-9a-fA-F]{64}$/.test(salt)) throw new TypeError('a salt has 32 bytes')
  return hexToBytes(salt)
}
