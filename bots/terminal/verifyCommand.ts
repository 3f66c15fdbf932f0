// `necto verify <job|root|file>`: every step of checking a decision, without Necto's server.
import { readFile, writeFile } from 'node:fs/promises'
import { NectoError } from '../../core/errors.ts'
import { writeBundle } from '../../core/record/bundle.ts'
import { targetByName } from '../../core/record/targetByName.ts'
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
  /** The text of the page that verifies by itself. */
  makePage: () => Promise<string>
  print: (line: string) => void
  warn: (line: string) => void
}): Promise<number> {
  const { print, warn } = options
  const read = readArguments('verify', options.args)
  if ('why' in read) {
    warn(read.why)
    return 2
  }
  const { words, values } = read
  const [name, ...others] = words
  const [[bytesFile], [bundleFile], [pageFile]] = [values.bytes ?? [], values.bundle ?? [], values.page ?? []]
  if (others.length > 0 || !(name || pageFile)) {
    warn(verbHelp('verify') ?? '')
    return 2
  }
  if (pageFile) await saveFile({ file: pageFile, text: await options.makePage(), print })
  if (!name) return 0
  const sources = options.sources()
  const bytes = bytesFile ? await readBytes(bytesFile) : undefined
  const verification = await verifyDecision({ target: await targetOf(name, sources), bytes, sources })
  for (const line of verificationLines(verification)) print(line)
  if (bundleFile) await saveBundle({ file: bundleFile, verification, sources, print })
  return verification.failed ? 1 : 0
}

async function saveBundle(options: {
  file: string
  verification: Verification
  sources: VerifySources
  print: (line: string) => void
}): Promise<void> {
  const { file, verification, sources, print } = options
  const { bytes, chain } = verification
  if (!bytes) {
    print('There is nothing to put into a bundle: the bytes could not be read.')
    return
  }
  await saveFile({ file, text: writeBundle({ bytes, chain, router: sources.router }), print })
}

async function saveFile({ file, text, print }: { file: string; text: string; print: (line: string) => void }) {
  try {
    await writeFile(file, text)
  } catch (cause) {
    throw new NectoError('verify.no-file', `"${file}" cannot be written.`, { cause })
  }
  print(`Wrote ${file} (${Buffer.byteLength(text)} bytes).`)
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

const targetOf = async (name: string, sources: VerifySources): Promise<VerifyTarget> =>
  (await targetByName(name, sources)) ?? { kind: 'bytes', bytes: await readBytes(name) }

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
