// The job form as a pure machine: what was answered so far, where it stands, and what an answer makes of it.
import { z } from 'zod'
import { jobMode } from '../../core/jobs/job.ts'
import { type AskProblem, type AskText, parseAskText } from '../../core/market/askGrammar.ts'
import { type Field, fieldProblems, fieldSchema, formLine } from './jobFormFields.ts'

/** In the order in which they are asked; `providers` is a page of `limits`. */
export const STEPS = ['mode', 'gpu', 'count', 'time', 'limits', 'workload', 'review'] as const
export const stepSchema = z.enum([...STEPS, 'providers'])
export type Step = z.output<typeof stepSchema>

export const jobFormSchema = z.strictObject({
  step: stepSchema,
  mode: jobMode,
  /** What was typed or chosen for each field, right or wrong: it stays until it is answered anew. */
  texts: z.partialRecord(fieldSchema, z.string()),
  /** Limits chosen by buttons, as words of the ask grammar. */
  picks: z.array(z.string()),
  /** What the next text in the private chat answers, when it is not the step's own question. */
  asking: fieldSchema.optional(),
  /** Everything was asked once: an answer leads back to the review. */
  isReviewed: z.boolean(),
})
export type JobForm = z.output<typeof jobFormSchema>

/** `from` is the step that asked: an answer that comes late is kept, but leads nowhere. */
const answerSchemas = [
  z.strictObject({ kind: z.literal('mode'), mode: jobMode }),
  z.strictObject({ kind: z.literal('texts'), from: stepSchema, texts: z.partialRecord(fieldSchema, z.string()) }),
  z.strictObject({ kind: z.literal('pick'), word: z.string(), on: z.boolean() }),
  z.strictObject({ kind: z.literal('ask'), from: stepSchema, field: fieldSchema }),
  z.strictObject({ kind: z.literal('go'), from: stepSchema, to: stepSchema }),
] as const
const answerSchema = z.discriminatedUnion('kind', answerSchemas)
export type Answer = z.output<typeof answerSchema>

/** What a button of the form does: an answer, a form of these fields, the job itself, or the end. */
export const formPressSchema = z.discriminatedUnion('kind', [
  ...answerSchemas,
  z.strictObject({ kind: z.literal('open'), from: stepSchema, fields: z.array(fieldSchema).min(1) }),
  z.strictObject({ kind: z.literal('find') }),
  z.strictObject({ kind: z.literal('cancel') }),
])
export type FormPress = z.output<typeof formPressSchema>

interface Known {
  readonly knownProviders: readonly string[]
}

export const newJobForm = (mode: JobForm['mode']): JobForm => ({
  step: 'mode',
  mode,
  texts: {},
  picks: [],
  isReviewed: false,
})

/** What a step asks for in text; the first is what a text without more answers. */
export const FIELDS_OF: Readonly<Partial<Record<Step, readonly [Field, ...Field[]]>>> = {
  gpu: ['gpu'],
  count: ['count'],
  time: ['time'],
  limits: ['more'],
  providers: ['more'],
  workload: ['command', 'image'],
}

// One answer is the whole of these; the others are left by "Next".
const LEFT_BY_ANSWER: readonly Step[] = ['gpu', 'count', 'time']

/** The form after an answer. One that was given twice, or to a step that is left, changes nothing that stands. */
export function applyAnswer(form: JobForm, answer: Answer, known: Known): JobForm {
  const { asking: _, ...rest } = form
  switch (answer.kind) {
    case 'mode':
      return { ...rest, mode: answer.mode }
    case 'ask':
      return form.step === answer.from ? { ...rest, asking: answer.field } : form
    case 'pick':
      return { ...rest, picks: withPick(form.picks, answer) }
    case 'go':
      return form.step === answer.from ? arrive(rest, answer.to) : form
    case 'texts': {
      const answered = { ...rest, texts: withTexts(form.texts, answer.texts) }
      const isRight = FIELDS.every((field) => answer.texts[field] === undefined || isAnswered(answered, field, known))
      return form.step === answer.from && isRight && LEFT_BY_ANSWER.includes(form.step)
        ? arrive(answered, nextStep(answered))
        : answered
    }
  }
}

const isAnswered = (form: JobForm, field: Field, known: Known) =>
  form.texts[field] !== undefined && fieldProblems(form, field, known).length === 0

const arrive = (form: JobForm, step: Step): JobForm => ({
  ...form,
  step,
  isReviewed: form.isReviewed || step === 'review',
})

function withTexts(texts: JobForm['texts'], answers: Extract<Answer, { kind: 'texts' }>['texts']): JobForm['texts'] {
  const all = { ...texts, ...answers }
  return Object.fromEntries(Object.entries(all).flatMap(([field, text]) => (text.trim() ? [[field, text.trim()]] : [])))
}

/** A second limit of the price takes the first one's place. */
function withPick(picks: readonly string[], { word, on }: { word: string; on: boolean }): string[] {
  const isPrice = word.startsWith('max ')
  const others = picks.filter((pick) => pick !== word && !(on && isPrice && pick.startsWith('max ')))
  return on ? [...others, word] : others
}

/** Where "Next" leads. */
export function nextStep({ step, isReviewed }: JobForm): Step {
  if (step === 'providers') return 'limits'
  return isReviewed ? 'review' : (STEPS[STEPS.indexOf(step) + 1] ?? 'review')
}

/** Where "Back" leads; undefined at the beginning. */
export function previousStep({ step, isReviewed }: JobForm): Step | undefined {
  if (step === 'providers') return 'limits'
  if (isReviewed && step !== 'review') return 'review'
  return STEPS[STEPS.indexOf(step) - 1]
}

const STEP_OF: Readonly<Record<Field, Step>> = {
  gpu: 'gpu',
  count: 'count',
  time: 'time',
  more: 'limits',
  image: 'workload',
  command: 'workload',
}
const FIELDS = fieldSchema.options

/** What stands wrongly in a step, in the words of the ask grammar. */
export const problemsOf = (form: JobForm, step: Step, known: Known): AskProblem[] =>
  FIELDS.filter((field) => STEP_OF[field] === step).flatMap((field) => fieldProblems(form, field, known))

export type ReadForm =
  | { readonly ok: true; readonly line: string; readonly parsed: Extract<AskText, { ok: true }> }
  | { readonly ok: false; readonly step: Step; readonly problems: readonly AskProblem[] }

/** The whole form through the one grammar: the ask, or the first step that needs another answer and why. */
export function readJobForm(form: JobForm, known: Known): ReadForm {
  for (const step of STEPS) {
    const problems = problemsOf(form, step, known)
    if (problems.length > 0) return { ok: false, step, problems }
  }
  const line = formLine(form)
  const parsed = parseAskText(line, known)
  if (parsed.ok) return { ok: true, line, parsed }
  const { gpu, time, image, command } = form.texts
  const step = !gpu ? 'gpu' : !time ? 'time' : image && !command ? 'workload' : 'limits'
  return { ok: false, step, problems: parsed.problems }
}
