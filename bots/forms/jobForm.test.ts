// The job form as a machine: nothing typed is lost, and it ends in an ask that its own line says, or in an explained error.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAskText } from '../../core/market/askGrammar.ts'
import { printAsk } from '../../core/market/printAsk.ts'
import {
  type Answer,
  applyAnswer,
  FIELDS_OF,
  type JobForm,
  newJobForm,
  nextStep,
  previousStep,
  problemsOf,
  readJobForm,
  STEPS,
  type Step,
  stepSchema,
} from './jobForm.ts'
import { COMMON_COUNTS, COMMON_GPUS, COMMON_LIMITS, COMMON_TIMES, formButtons } from './jobFormButtons.ts'
import { type Field, fieldSchema } from './jobFormFields.ts'
import { jobFormView } from './jobFormView.ts'

const known = { knownProviders: ['akash', 'nosana', 'ionet', 'aws-spot', 'render', 'necto'] }
const providers = known.knownProviders.map((id) => ({ id, name: id.toUpperCase() }))
const apply = (form: JobForm, ...answers: Answer[]) =>
  answers.reduce((now, answer) => applyAnswer(now, answer, known), form)
const says = (from: Step, texts: Partial<Record<Field, string>>): Answer => ({ kind: 'texts', from, texts })
const go = (from: Step, to: Step): Answer => ({ kind: 'go', from, to })

/** Everything answered, at the review. */
const filled = apply(
  newJobForm('untracked'),
  go('mode', 'gpu'),
  says('gpu', { gpu: 'h100' }),
  says('count', { count: '2' }),
  says('time', { time: '4h' }),
  { kind: 'pick', word: 'eu', on: true },
  says('limits', { more: 'vram 80' }),
  go('limits', 'workload'),
  says('workload', { command: 'python train.py --name "my run"', image: 'pytorch/pytorch:2.4' }),
  go('workload', 'review'),
)

describe('BUYER-01: the way through', () => {
  test('each answer leads on, and the whole is the ask of the one line', () => {
    expect(filled.step).toBe('review')
    const read = readJobForm(filled, known)
    if (!read.ok) throw new Error(JSON.stringify(read))
    const typed = 'untracked h100 x2 4h eu vram 80 image pytorch/pytorch:2.4 run python train.py --name "my run"'
    expect(read.parsed).toEqual(parseAskText(typed, known))
  })

  test('what most people ask for stands in the grammar', () => {
    for (const gpu of COMMON_GPUS) expect(problemsOf({ ...filled, texts: { gpu } }, 'gpu', known)).toEqual([])
    for (const count of COMMON_COUNTS) expect(problemsOf({ ...filled, texts: { count } }, 'count', known)).toEqual([])
    for (const time of COMMON_TIMES) expect(problemsOf({ ...filled, texts: { time } }, 'time', known)).toEqual([])
    for (const word of COMMON_LIMITS.flat())
      expect(problemsOf({ ...filled, picks: [word] }, 'limits', known)).toEqual([])
    for (const { id } of providers) expect(problemsOf({ ...filled, picks: [`not ${id}`] }, 'limits', known)).toEqual([])
  })

  test('from the review a step is changed and left again; its answer stands', () => {
    const changed = apply(filled, go('review', 'gpu'), says('gpu', { gpu: 'a100-40gb' }))
    expect(changed.step).toBe('review')
    expect(changed.texts).toMatchObject({ gpu: 'a100-40gb', count: '2' })
    expect(previousStep({ ...filled, step: 'time' })).toBe('review')
  })

  test('a press that comes twice, or late, leads nowhere a second time', () => {
    const at = apply(newJobForm('tracked'), go('mode', 'gpu'))
    const once = apply(at, says('gpu', { gpu: 'h100' }))
    expect(apply(once, says('gpu', { gpu: 'h100' }))).toEqual(once)
    expect(apply(once, go('mode', 'gpu'))).toEqual(once)
    expect(apply(once, go('gpu', 'count')).step).toBe('count')
  })

  test('a second price limit takes the first one’s place', () => {
    const picked = apply(
      newJobForm('tracked'),
      ...['max 2', 'max 5'].map((word): Answer => ({ kind: 'pick', word, on: true })),
    )
    expect(picked.picks).toEqual(['max 5'])
  })
})

describe('what is wrong stays, and is explained where it stands', () => {
  test.each<[Step, Partial<Record<Field, string>>, RegExp]>([
    ['gpu', { gpu: 'h1oo' }, /Not understood.*h100/],
    ['gpu', { gpu: 'h100 x4' }, /the GPU alone/],
    ['gpu', { gpu: 'h100 x1' }, /said twice/],
    ['gpu', { gpu: 'h100 max 3' }, /the GPU alone/],
    ['gpu', { gpu: 'h100 x2 4h run python a.py' }, /the GPU alone.*\/job in front/],
    ['count', { count: '99' }, /1 to 64/],
    ['count', { count: '2 4h' }, /how many alone|said twice/],
    ['time', { time: '6' }, /hours or days.*6h/],
    ['time', { time: '90 days' }, /30 days|30d|Not a duration/],
    ['limits', { more: 'max 2 max 3' }, /said twice/],
    ['limits', { more: 'only akahs' }, /Providers are/],
    ['limits', { more: 'h200' }, /said twice|steps of their own/],
    ['limits', { more: 'eu run python a.py' }, /steps of their own/],
    ['limits', { more: 'within 5%' }, /needs a sort/],
    ['workload', { image: 'Not An Image', command: 'true' }, /One image alone/],
    ['workload', { image: 'pytorch/pytorch' }, /What should run in the image/],
    ['workload', { command: 'python "open' }, /unclosed/],
  ])('%s %j', (step, texts, why) => {
    const base: JobForm = { ...newJobForm('tracked'), texts: { gpu: 'h100', time: '4h' }, step }
    const form = apply(base, says(step, texts))
    expect(form.step).toBe(step)
    expect(form.texts).toMatchObject(texts)
    const read = readJobForm(form, known)
    expect(read).toMatchObject({ ok: false, step })
    expect(JSON.stringify(read)).toMatch(why)
    const view = JSON.stringify(
      jobFormView({ form: { ...form, step: 'review' }, providers, readsTexts: true, token: () => '' }),
    )
    expect(view).toContain('What you wrote is kept')
    expect(view).not.toContain('Find the cheapest')
  })
})

const words = fc.constantFrom(
  ...[
    'h100',
    'h1oo',
    '2',
    'x4',
    '4h',
    '6',
    'max 2',
    'eu',
    'no-spot',
    'only akash,',
    'not akash',
    'untracked',
    'process',
    'run',
    'image',
  ],
  ...['python train.py', '"open', 'pytorch/pytorch', ',', '%', '  '],
)
const text = fc.oneof(
  fc.array(words, { maxLength: 4 }).map((some) => some.join(' ')),
  fc.string({ maxLength: 30 }),
)
const anAnswer: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({ kind: fc.constant('mode' as const), mode: fc.constantFrom('tracked' as const, 'untracked' as const) }),
  fc.record({
    kind: fc.constant('texts' as const),
    from: fc.constantFrom(...stepSchema.options),
    texts: fc.record(Object.fromEntries(fieldSchema.options.map((field) => [field, text])), { requiredKeys: [] }),
  }),
  fc.record({
    kind: fc.constant('pick' as const),
    word: fc.constantFrom(...COMMON_LIMITS.flat(), 'not akash'),
    on: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('ask' as const),
    from: fc.constantFrom(...stepSchema.options),
    field: fc.constantFrom(...fieldSchema.options),
  }),
  fc.record({
    kind: fc.constant('go' as const),
    from: fc.constantFrom(...stepSchema.options),
    to: fc.constantFrom(...stepSchema.options),
  }),
)
/** What people do: answers, or Next and Back from where they are. */
const moves = fc.array(fc.oneof(anAnswer, fc.constantFrom('next' as const, 'back' as const)), { maxLength: 25 })

describe('any sequence of answers', () => {
  test('never loses what was typed last, and ends in an ask that its line says, or an explained error', () => {
    fc.assert(
      fc.property(moves, (sequence) => {
        let form = newJobForm('tracked')
        const typed = new Map<string, string>()
        for (const move of sequence) {
          const answer: Answer =
            move === 'next'
              ? go(form.step, nextStep(form))
              : move === 'back'
                ? go(form.step, previousStep(form) ?? form.step)
                : move
          form = apply(form, answer)
          if (answer.kind === 'texts')
            for (const [field, said] of Object.entries(answer.texts)) typed.set(field, said.trim())
          for (const [field, said] of typed) expect(form.texts[field as Field] ?? '').toBe(said)
          const view = jobFormView({ form, providers, readsTexts: true, token: () => 't' })
          const labels = (view.buttons ?? []).flat().map(({ label }) => label)
          expect(labels).toContain('Cancel')
          expect(labels.includes('‹ Back')).toBe(form.step !== 'mode' || form.isReviewed)
        }
        const read = readJobForm(form, known)
        if (!read.ok) {
          expect(read.problems.length).toBeGreaterThan(0)
          expect(read.problems.every(({ why }) => why.length > 0)).toBe(true)
          expect([...STEPS]).toContain(read.step)
          return
        }
        const { ask, workload, mode } = read.parsed
        const printed = printAsk(ask, { ...(workload && { workload }), ...(mode && { mode }) })
        expect(parseAskText(printed, known)).toEqual(read.parsed)
        expect(mode).toBe(form.mode)
      }),
      { numRuns: 600 },
    )
  })

  test('every page fits both platforms: five rows, four buttons in each', () => {
    for (const step of stepSchema.options) {
      const rows = formButtons({
        form: { ...filled, step },
        providers,
        token: () => '',
        canFind: true,
        faultyStep: undefined,
        back: 'gpu',
        next: 'review',
      })
      expect(rows.length).toBeLessThanOrEqual(5)
      expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(4)
      if (FIELDS_OF[step]) expect(rows.flat().some(({ label }) => label.endsWith('…'))).toBe(true)
    }
  })
})
