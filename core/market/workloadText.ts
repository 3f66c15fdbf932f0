// What to run, as people type it: a command line cut into arguments like a shell would, never run through a shell.

export type CommandText = { ok: true; argv: string[] } | { ok: false; why: string }

// As in workloadSchema, said here in words.
const MAX_ARGUMENTS = 200
const MAX_ARGUMENT_LENGTH = 4096

// Single quotes keep everything; double quotes let a backslash escape itself and a quote; outside it escapes anything.
const PIECE = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)|(\s+)/gy

/** The arguments of a command line. Variables, globs, pipes and the like are plain characters. */
export function splitCommand(text: string): CommandText {
  const argv: string[] = []
  let open: string | undefined
  let end = 0
  for (const match of text.matchAll(PIECE)) {
    end = match.index + match[0].length
    const [, single, double, escaped, plain, space] = match
    if (space !== undefined) {
      if (open !== undefined) argv.push(open)
      open = undefined
    } else open = (open ?? '') + (single ?? double?.replace(/\\(["\\])/g, '$1') ?? escaped ?? plain ?? '')
  }
  if (end < text.length) return { ok: false, why: unfinished(text.charAt(end)) }
  if (open !== undefined) argv.push(open)
  if (argv.length === 0 || argv[0] === '') return { ok: false, why: 'There is no command after "run".' }
  if (argv.length > MAX_ARGUMENTS) return { ok: false, why: `A command can have ${MAX_ARGUMENTS} words at most.` }
  if (argv.some((part) => part.length > MAX_ARGUMENT_LENGTH))
    return { ok: false, why: `One word of a command can have ${MAX_ARGUMENT_LENGTH} characters at most.` }
  if (argv.some((part) => part.includes('\0'))) return { ok: false, why: 'A command cannot hold a NUL character.' }
  return { ok: true, argv }
}

/** A command line that `splitCommand` cuts into exactly `argv`. */
export function printCommand(argv: readonly string[]): string {
  return argv.map((part) => (/^[\w@%+=:,./-]+$/.test(part) ? part : `'${part.replaceAll("'", `'\\''`)}'`)).join(' ')
}

// Registry host and port, path, tag, digest: the parts of an image reference as container tools accept them.
const IMAGE =
  /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/i

/** Whether a text is an image reference: "pytorch/pytorch:2.4", "ghcr.io/a/b@sha256:…". */
export const isImageRef = (text: string): boolean => text.length <= 300 && IMAGE.test(text)

function unfinished(quote: string): string {
  return quote === '\\' ? 'The command ends in a lone backslash.' : `The command has an unclosed ${quote} quote.`
}
