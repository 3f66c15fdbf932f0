// What must stay on one line: a line break in a name would make a line of its own, which could say anything.
import type { Span, Step, StepState } from './view.ts'

// A sign and, where the sign alone says too little to a screen reader, a word.
const STEP_SIGNS: Readonly<Record<StepState, string>> = {
  waiting: '· ',
  working: '… ',
  done: '✓ ',
  failed: '✗ failed: ',
  skipped: '– skipped: ',
}

/** The text with its line breaks and runs of blanks as single blanks. */
export const oneLine = (text: string): string => text.replace(/[\s\u0085]+/gu, ' ')

export const spanOnOneLine = (span: Span): Span =>
  typeof span === 'string' ? oneLine(span) : { ...span, text: oneLine(span.text) }

/** A step as one line. */
export function stepLine({ state, lead, text }: Step): string {
  if (lead === undefined) return STEP_SIGNS[state] + oneLine(text)
  return oneLine(state === 'working' ? lead : `${lead} ${STEP_SIGNS[state].slice(0, 1)} ${text}`)
}
