// The salted pseudonym of a person or team in a tracked record.
import { concat, type Hex, keccak256, stringToBytes } from 'viem'
import { salt32 } from './workloadHash.ts'

/**
 * keccak256(domain ‖ 0x00 ‖ id ‖ 0x00 ‖ salt), in UTF-8, with domain "necto/member/1" or "necto/team/1": a member's
 * tag can never equal a team's, and no two pairs of domain and id run together, since neither holds a NUL.
 * Ids like Telegram's are dense enough to be tried one by one, so a fresh 32-byte salt per job is what hides them;
 * deleting the salt cuts the link for good, and showing id and salt proves it.
 */
export function userTag({ domain, id, salt }: { domain: 'member' | 'team'; id: string; salt: Hex }): Hex {
  if (id.includes('\0')) throw new TypeError('an id holds no NUL')
  return keccak256(concat([stringToBytes(`necto/${domain}/1\0${id}\0`), salt32(salt)]))
}
