// What somebody named to be verified: a job by its reference or id, or stored bytes by their root.
import { isHex } from 'viem'
import { parseRef } from '../ids.ts'
import type { VerifySources, VerifyTarget } from './verifyDecision.ts'

/** Undefined when it is none of them. Reads the chain to tell an id from a root, which look alike. */
export async function targetByName(
  name: string,
  sources: Pick<VerifySources, 'findFunding'>,
): Promise<VerifyTarget | undefined> {
  const ref = parseRef(name)
  if (ref) return { kind: 'ref', ref }
  if (!isHex(name) || name.length !== 66) return undefined
  return (await sources.findFunding({ id: name })).length > 0 ? { kind: 'id', id: name } : { kind: 'root', root: name }
}
