// `necto verify <job|root|file>`: every step of checking a decision, without Necto's server.
import { readFile } from 'node:fs/promises'
import { isHex } from 'viem'
import { NectoError } from '../../core/errors.ts'
import { parseRef } from '../../core/ids.ts'
import {
  type Verification,
  type VerifySources,
  type VerifyTarget,
  verifyDecision,
} from '../../core/record/verifyDecision.ts'
import { stepTitle } from '../views/stepTitle.ts'

export const VERIFY_HELP = `necto verify <job> [--bytes FILE]   a job by its reference (K7QF-3M2P) or its on-chain id (0x…)
necto verify <root>                 stored bytes by their 0G root (0x…)
necto verify <file>                 a record at hand
Reads the chain from ESCROW_RPC_URLS and the bytes from STORAGE_INDEXER_URL; needs no key and not Necto's server.`

const WIDTH = 18

/** Runs it; the exit code is 0 when no step failed, else 1. */
export async function runVerify(options: {
  args: readonly string[]
  /** Made when needed: help needs no settings. */
  sources: () => VerifySources
  print: (line: string) => void
}): Promise<number> {
  const { args, print } = options
  const at = args.indexOf('--bytes')
  const bytesFile = at < 0 ? undefined : args[at + 1]
  const [name] = args.filter((_, i) => at < 0 || (i !== at && i !== at + 1))
  if (!name || (at >= 0 && !bytesFile)) {
    print(VERIFY_HELP)
    return 2
  }
  const sources = options.sources()
  const bytes = bytesFile ? await readBytes(bytesFile) : undefined
  const verification = await verifyDecision({ target: await targetOf(name, sources), bytes, sources })
  for (const line of verificationLines(verification)) print(line)
  return verification.failed ? 1 : 0
}

/** One line per step, then the verdict. */
export function verificationLines({ steps, failed, record }: Verification): string[] {
  const lines = steps.map(({ step, ok, detail }) => {
    const sign = ok === undefined ? '–' : ok ? '✓' : '✗'
    const title = stepTitle(step)
    return `  ${sign} ${step.padEnd(WIDTH)} ${title === step ? detail : `${title}: ${detail}`}`
  })
  const selection = record?.selection
  const what = selection ? `selected ${selection.offerId} among ${record.offers.length} offers` : 'nothing was selected'
  return [
    ...lines,
    failed ? `FAILED at step "${failed}".` : `Verified: ${what}; every step that could be judged holds.`,
  ]
}

async function targetOf(name: string, sources: VerifySources): Promise<VerifyTarget> {
  const ref = parseRef(name)
  if (ref) return { kind: 'ref', ref }
  if (isHex(name) && name.length === 66) {
    // A job's id and a root look alike; the chain knows which it is.
    return (await sources.findFunding({ id: name })).length > 0
      ? { kind: 'id', id: name }
      : { kind: 'root', root: name }
  }
  return { kind: 'bytes', bytes: await readBytes(name) }
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new NectoError(
      'verify.no-file',
      `"${file}" is no job reference, no 0x… id or root, and no file that can be read.`,
      { cause },
    )
  }
}
