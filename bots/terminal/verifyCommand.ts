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
import { verbHelp } from './help.ts'
import { readArguments } from './readArguments.ts'

const WIDTH = 18

/** Runs it; the exit code is 0 when no step failed, 1 when one did, 2 for arguments that cannot be read. */
export async function runVerify(options: {
  args: readonly string[]
  /** Made when needed: bad arguments need no settings. */
  sources: () => VerifySources
  print: (line: string) => void
  warn: (line: string) => void
}): Promise<number> {
  const { print, warn } = options
  const read = readArguments('verify', options.args)
  if ('why' in read) {
    warn(read.why)
    return 2
  }
  const [name, ...others] = read.words
  const [bytesFile] = read.values.bytes ?? []
  if (name === undefined || others.length > 0) {
    warn(verbHelp('verify') ?? '')
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
