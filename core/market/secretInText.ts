// Finds secrets that people paste by mistake, so that they are refused before they are stored or echoed.
import { english } from 'viem/accounts'

export type SecretKind =
  | 'private key'
  | 'recovery phrase'
  | 'PEM private key'
  | 'AWS key'
  | 'Hugging Face token'
  | 'API key'
  | 'GitHub token'
  | 'Telegram bot token'
  | 'Discord bot token'
  | 'Slack token'
  | 'password'

/** Where a secret stands: `text.slice(start, end)`. The value itself is never returned. */
export interface FoundSecret {
  kind: SecretKind
  start: number
  end: number
}

interface Rule {
  kind: SecretKind
  pattern: RegExp
  /** Looks at the match and at the text before it; absent means every match is a secret. */
  isSecret?: (match: RegExpExecArray, before: string) => boolean
}

const RULES: readonly Rule[] = [
  { kind: 'PEM private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/g },
  {
    kind: 'private key',
    pattern: /(?<![0-9a-zA-Z])(?:0x)?[0-9a-fA-F]{64}(?![0-9a-zA-Z])/g,
    isSecret: ([value], before) => !/^(?:0x)?0+$/.test(value) && !HASH_CONTEXT.test(before),
  },
  { kind: 'AWS key', pattern: /(?<![0-9A-Za-z])(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])/g },
  {
    kind: 'AWS key',
    pattern: /(?<![A-Za-z0-9/+_.-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_.-])/g,
    isSecret: ([value]) => looksRandom(value),
  },
  { kind: 'Hugging Face token', pattern: /(?<![A-Za-z0-9_])hf_[A-Za-z0-9]{20,}/g },
  { kind: 'API key', pattern: /(?<![\w-])sk-(?=[\w-]*\d)[A-Za-z0-9][\w-]{19,}/g },
  { kind: 'API key', pattern: /(?<![\w-])AIza[\w-]{35}(?![\w-])/g },
  { kind: 'GitHub token', pattern: /(?<![A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,})/g },
  { kind: 'Telegram bot token', pattern: /(?<![\w-])\d{8,10}:[\w-]{35}(?![\w-])/g },
  { kind: 'Discord bot token', pattern: /(?<![\w-])[MNO][\w-]{22,27}\.[\w-]{6}\.[\w-]{27,40}(?![\w-])/g },
  { kind: 'Slack token', pattern: /(?<![\w-])xox[abprs]-[\w-]{10,}/g },
  {
    kind: 'password',
    pattern:
      /(?<![A-Za-z])(password|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)(?:=|\s*=\s*)["']?([^\s"']+)/gi,
    isSecret: ([, name = '', value = ''], before) => isAssignedSecret({ name, value, before }),
  },
  {
    kind: 'password',
    pattern:
      /(?<!\S)--?(password|passwd|passphrase|api-?key|access-?key|private-?key|secret|token)\s+["']?([^\s"'-][^\s"']*)/gi,
    isSecret: ([, name = '', value = ''], before) => isAssignedSecret({ name, value, before }),
  },
]

// "--sha256 <hex>", "tx/0x…", "image@sha256:…": hex that is plainly a hash of something public.
const HASH_CONTEXT =
  /(?:sha-?(?:2|3|256|512)?(?:-?256)?|keccak(?:256)?|blake\w*|md5|hash(?:es)?|digest|checksum|root|tx(?:id|hash)?|transaction|block|blob|commit|job(?:id)?|decision|verify|cid|etag|salt|topic|rev)(?:[-_]?(?:id|hash|sum))?\s*[:=@/\s]\s*["']?$/i

/** The first secret in `text`, or undefined. Errs towards finding: a refused job costs less than a leaked key. */
export function findSecret(text: string): FoundSecret | undefined {
  const found = [...RULES.flatMap((rule) => findByRule(rule, text)), ...findPhrase(text)]
  return found.sort((a, b) => a.start - b.start)[0]
}

/** What to tell who typed it, without the value. */
export const secretWarning = (kind: SecretKind): string =>
  `This looks like a ${kind}. Nothing was stored; replace it where it is used, and never send one in a chat.`

function findByRule({ kind, pattern, isSecret }: Rule, text: string): FoundSecret[] {
  return [...text.matchAll(pattern)]
    .filter((match) => !isSecret || isSecret(match, text.slice(Math.max(0, match.index - 40), match.index)))
    .map((match) => {
      const end = match.index + match[0].length
      // Of an assignment only the value is the secret.
      return { kind, start: end - (match[2] ?? match[0]).length, end }
    })
}

// Twelve words in a row that all stand in the list of 2048 do not happen in a sentence.
const PHRASE_WORDS = 12
const bip39 = new Set(english)

function findPhrase(text: string): FoundSecret[] {
  const found: FoundSecret[] = []
  let run: RegExpExecArray[] = []
  for (const word of text.matchAll(/[\p{L}\p{M}]+/gu)) {
    run = bip39.has(word[0].toLowerCase()) ? [...run, word] : []
    const [first] = run
    // Numbered lists and commas between the words do not hide a phrase.
    if (first && run.length === PHRASE_WORDS)
      found.push({ kind: 'recovery phrase', start: first.index, end: phraseEnd(text, word.index + word[0].length) })
  }
  return found
}

function phraseEnd(text: string, from: number): number {
  let end = from
  for (const word of text.slice(from).matchAll(/[\p{L}\p{M}]+/gu)) {
    if (!bip39.has(word[0].toLowerCase())) break
    end = from + word.index + word[0].length
  }
  return end
}

function isAssignedSecret({ name, value, before }: { name: string; value: string; before: string }): boolean {
  const isTokenizers =
    /^token$/i.test(name) && /(?:bos|eos|pad|sep|cls|mask|unk|max|min|num|new|per|special|stop|next)[_-]$/i.test(before)
  // A variable, a placeholder, a flag or a count is no secret.
  const isPlaceholder = /^[$<[{%*.]|^(?:x+|your[\w-]*|none|null|true|false|auto|env)$/i.test(value)
  return !isTokenizers && !isPlaceholder && value.length >= 6 && !/^\d{1,6}$/.test(value)
}

// Forty random base64 characters have about 4.8 bits each and change between lower, upper and digit some 24 times;
// words, paths and camel case stay below in one of the two.
function looksRandom(value: string): boolean {
  if (!/[a-z]/.test(value) || !/[A-Z]/.test(value) || !/\d/.test(value)) return false
  const kinds = value.match(/[a-z]+|[A-Z]+|\d+/g) ?? []
  const counts = new Map<string, number>()
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1)
  const share = (count: number) => count / value.length
  const bits = [...counts.values()].reduce((sum, count) => sum - share(count) * Math.log2(share(count)), 0)
  return kinds.length > 13 && bits > 4.3
}
