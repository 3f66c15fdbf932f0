// The buttons of the job form: every press as data that means the same when it comes twice.
import type { Button } from '../chat/view.ts'
import type { FormPress, JobForm, Step } from './jobForm.ts'
import type { Field } from './jobFormFields.ts'

export interface FormProvider {
  readonly id: string
  readonly name: string
}

/** What most people ask for, in the words of the ask grammar. */
export const COMMON_GPUS = ['h100', 'h200', 'b200', 'a100', 'l40s', 'rtx4090', 'rtx5090', 'a10'] as const
export const COMMON_COUNTS = ['1', '2', '4', '8'] as const
export const COMMON_TIMES = ['30m', '1h', '4h', '12h', '1d', '3d', '7d'] as const
export const COMMON_LIMITS = [
  ['max 2', 'max 3', 'max 5'],
  ['eu', 'na', 'asia'],
  ['no-spot', 'no-auction', 'no-token'],
] as const

const LIMIT_LABELS: Readonly<Record<string, string>> = {
  'max 2': '≤ $2',
  'max 3': '≤ $3',
  'max 5': '≤ $5',
  eu: 'Europe',
  na: 'North America',
  asia: 'Asia',
  'no-spot': 'No spot',
  'no-auction': 'No auction',
  'no-token': 'No token prices',
}
const STEP_LABELS: Readonly<Record<Exclude<Step, 'review' | 'providers'>, string>> = {
  mode: 'Mode',
  gpu: 'GPU',
  count: 'How many',
  time: 'How long',
  limits: 'Limits',
  workload: 'What to run',
}

// Four in a row can be read on a phone; no platform takes more than five rows of five.
const PER_ROW = 4
const rowsOf = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / PER_ROW) }, (_, i) => items.slice(i * PER_ROW, (i + 1) * PER_ROW))

/** The rows below the form at its step. */
export function formButtons(options: {
  form: JobForm
  providers: readonly FormProvider[]
  token: (press: FormPress) => string
  canFind: boolean
  /** The step that needs another answer. */
  faultyStep: Step | undefined
  back: Step | undefined
  next: Step
}): Button[][] {
  const { form, token, back, next } = options
  const { step } = form
  const button = (label: string, press: FormPress, look?: 'primary' | 'danger'): Button => ({
    label,
    token: token(press),
    ...(look && { look }),
  })
  const go = (label: string, to: Step, look?: 'primary') => button(label, { kind: 'go', from: step, to }, look)
  const type = (label: string, ...fields: Field[]) => button(label, { kind: 'open', from: step, fields })
  const choose = (field: Field, text: string, label = text) =>
    button(form.texts[field] === text ? `✓ ${label}` : label, { kind: 'texts', from: step, texts: { [field]: text } })
  const pick = (word: string, label: string) => {
    const isOn = form.picks.includes(word)
    return button(isOn ? `✓ ${label}` : label, { kind: 'pick', word, on: !isOn })
  }
  const mode = (mode: JobForm['mode'], label: string) =>
    button(form.mode === mode ? `● ${label}` : `○ ${label}`, { kind: 'mode', mode })

  const rows = (): Button[][] => {
    switch (step) {
      case 'mode':
        return [[mode('tracked', 'Tracked'), mode('untracked', 'Untracked')]]
      case 'gpu':
        return [...rowsOf(COMMON_GPUS.map((gpu) => choose('gpu', gpu, gpu.toUpperCase()))), [type('Other…', 'gpu')]]
      case 'count':
        return [COMMON_COUNTS.map((count) => choose('count', count)), [type('Other…', 'count')]]
      case 'time':
        return rowsOf([...COMMON_TIMES.map((time) => choose('time', time)), type('Other…', 'time')])
      case 'limits':
        return [
          ...COMMON_LIMITS.map((row) => row.map((word) => pick(word, LIMIT_LABELS[word] ?? word))),
          [go('Providers…', 'providers'), type('Other…', 'more')],
        ]
      case 'providers':
        return rowsOf([
          ...options.providers.slice(0, MAX_PROVIDERS).map(({ id, name }) => pick(`not ${id}`, `Not ${name}`)),
          type('Other…', 'more'),
        ])
      case 'workload':
        return [[type('Command…', 'command', 'image'), type('Image…', 'image')]]
      case 'review': {
        const steps = Object.entries(STEP_LABELS) as [Step, string][]
        const edits = steps.map(([to, label]) => go(to === options.faultyStep ? `→ ${label}` : label, to))
        return [
          ...(options.canFind ? [[button('Find the cheapest', { kind: 'find' }, 'primary')]] : []),
          ...rowsOf(edits),
        ]
      }
    }
  }
  const canGoOn = step !== 'review' && !(step === 'gpu' && !form.texts.gpu) && !(step === 'time' && !form.texts.time)
  return [
    ...rows(),
    [
      ...(back ? [go('‹ Back', back)] : []),
      ...(canGoOn ? [go(step === 'providers' ? 'Done' : 'Next ›', next, 'primary')] : []),
      button('Cancel', { kind: 'cancel' }, 'danger'),
    ],
  ]
}

const MAX_PROVIDERS = 15
