// For tests: what Discord's app would make of a text, read on its own terms: every style, link, mention and line mark.

const INLINE: readonly [RegExp, (match: RegExpExecArray) => string][] = [
  [/^\[((?:\\[\s\S]|[^\]\\])+)\]\(<?(\w+:\/\/[^\s>)]+)>?\)/, ([, , href]) => `link ${href}`],
  [/^(?:https?|steam|discord):\/\/[^\s<]+/, ([url]) => `link ${url}`],
  [/^discord(?:app)?\.(?:gg|gift|com|new)\/\w+/, ([url]) => `link ${url}`],
  [/^@(?:everyone|here)/, ([mention]) => `mention ${mention}`],
  [/^<(?:@[!&]?|#|t:|a?:\w+:|id:|\/[\w -]+:)[\w:-]*>/, ([mention]) => `mention ${mention}`],
  [/^(`+)([\s\S]*?[^`])\1(?!`)/, () => 'code'],
  [/^\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/, () => 'bold'],
  [/^__((?:\\[\s\S]|[^\\])+?)__(?!_)/, () => 'underline'],
  [/^~~((?:\\[\s\S]|[^\\])+?)~~/, () => 'strike'],
  [/^\|\|((?:\\[\s\S]|[^\\])+?)\|\|/, () => 'spoiler'],
  [/^\*(?=\S)((?:\\[\s\S]|[^\\*])+?)\*(?!\*)/, () => 'italic'],
  [/^_((?:\\[\s\S]|[^\\_])+?)_(?!\w)/, () => 'italic'],
]
const LINES: readonly [RegExp, string][] = [
  [/^\s*#{1,3}\s+\S/, 'heading'],
  [/^\s*-#\s+\S/, 'small'],
  [/^\s*>(?:>>)?\s/, 'quote'],
  [/^\s*[-*]\s+\S/, 'item'],
  [/^\s*\d+[.)]\s/, 'number'],
]

/** Everything but plain words, in order; inside a link, bold and the like only what could do something. */
export function structureOf(text: string): string[] {
  return text.split(/(```[\s\S]*?```)/).flatMap((part, i) => {
    if (i % 2 === 1) return ['pre']
    return part.split('\n').flatMap((line) => {
      const mark = LINES.find(([pattern]) => pattern.test(line))
      return [...(mark ? [mark[1]] : []), ...inlineOf(mark ? line.replace(/^\s*(?:#{1,3}|-#|[->*]+)\s/, '') : line)]
    })
  })
}

function inlineOf(line: string): string[] {
  const found: string[] = []
  for (let rest = line; rest !== ''; ) {
    const escaped = /^\\[^0-9A-Za-z\s]/.exec(rest)
    if (escaped) {
      rest = rest.slice(2)
      continue
    }
    const match = INLINE.map(([pattern, say]) => ({ match: pattern.exec(rest), say })).find((one) => one.match)
    if (match?.match) {
      found.push(match.say(match.match))
      const inner = match.match[1]
      if (inner !== undefined && !match.match[0].startsWith('`')) found.push(...inlineOf(inner))
      rest = rest.slice(match.match[0].length)
    } else rest = rest.slice(1)
  }
  return found
}

/** What people read: the words without the marks. */
export function wordsOf(text: string): string {
  return text
    .replace(/```\n?/g, '')
    .replace(/^(?:#{1,3}|-#|-) (?=\S)/gm, '')
    .replace(/\[((?:\\[\s\S]|[^\]\\])+)\]\([^)]*\)/g, '$1')
    .replace(/(?<!\\)(?:\*\*|[*`])/g, '')
    .replace(/\\([^0-9A-Za-z\s])/g, '$1')
}
