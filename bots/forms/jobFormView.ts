// The job form as a message: the step's question, what stands already, what is wrong with it, and the buttons.
import type { AskProblem } from '../../core/market/askGrammar.ts'
import { printAsk } from '../../core/market/printAsk.ts'
import type { Block, Span, View } from '../chat/view.ts'
import {
  type FormPress,
  type JobForm,
  nextStep,
  previousStep,
  problemsOf,
  readJobForm,
  STEPS,
  type Step,
} from './jobForm.ts'
import { type FormProvider, formButtons } from './jobFormButtons.ts'

export interface JobFormViewOptions {
  readonly form: JobForm
  readonly providers: readonly FormProvider[]
  /** Whether the chat reads texts: there a question is answered by writing, elsewhere by a form behind a button. */
  readonly readsTexts: boolean
  /** The token of a press. */
  readonly token: (press: FormPress) => string
}

const QUESTIONS: Readonly<Record<Step, string>> = {
  mode: 'Tracked or Untracked?',
  gpu: 'Which GPU?',
  count: 'How many GPUs, all on one node?',
  time: 'How long may it run at most?',
  limits: 'Any limits?',
  providers: 'Leave providers out?',
  workload: 'What is to run?',
  review: 'All right so?',
}
/** The question of a step, short enough for a toast. */
export const questionOf = (step: Step): string => QUESTIONS[step]

const MODE_ITEMS: readonly (readonly Span[])[] = [
  [
    { text: 'Tracked', style: 'bold' },
    ': your pseudonym stands in the decision record and a salted tag on chain; your team sees the job and what it cost.',
  ],
  [
    { text: 'Untracked', style: 'bold' },
    ': no name in the record, no tag on chain; your team sees “Anonymous”, the job goes on in our private chat, and we forget who asked when it ends. Wallet, amounts and times stay public.',
  ],
]

/** The form at its step, for its person alone. */
export function jobFormView(options: JobFormViewOptions): View {
  const { form, providers } = options
  const known = { knownProviders: providers.map(({ id }) => id) }
  const read = form.step === 'review' ? readJobForm(form, known) : undefined
  const problems = read
    ? read.ok
      ? []
      : read.problems
    : problemsOf(form, form.step === 'providers' ? 'limits' : form.step, known)
  const shown = form.step === 'providers' ? 'limits' : form.step
  return {
    blocks: [
      { kind: 'heading', text: 'New job' },
      {
        kind: 'text',
        spans: [`${STEPS.indexOf(shown) + 1} of ${STEPS.length}: `, { text: QUESTIONS[form.step], style: 'bold' }],
      },
      ...body(options, read),
      ...problemBlocks(problems),
      ...prompt(options),
      { kind: 'note', text: 'Nothing is started and nothing costs before you have seen the prices and signed.' },
    ],
    buttons: formButtons({
      ...options,
      canFind: read?.ok === true,
      faultyStep: read && !read.ok ? read.step : undefined,
      back: previousStep(form),
      next: nextStep(form),
    }),
  }
}

function body({ form }: JobFormViewOptions, read: ReturnType<typeof readJobForm> | undefined): Block[] {
  const { texts, step } = form
  if (step === 'mode')
    return [
      { kind: 'list', items: MODE_ITEMS },
      { kind: 'text', spans: [`Now: ${modeName(form)}.`] },
    ]
  if (step === 'review' && read?.ok) {
    const { ask, workload, mode } = read.parsed
    const line = printAsk(ask, { ...(workload && { workload }), ...(mode && { mode }) })
    return [
      { kind: 'text', spans: [`${modeName(form)}. The same, as one line to copy:`] },
      { kind: 'text', spans: [{ text: `/job ${line}`, style: 'code' }] },
      {
        kind: 'note',
        text: workload
          ? 'The command runs as it stands, without a shell.'
          : 'Without a command prices are compared, and nothing can be booked.',
      },
    ]
  }
  const { gpu, count, time } = texts
  const so = [modeName(form), gpu, count && `×${count.replace(/^[x×]/i, '')}`, time, ...form.picks, texts.more]
  return [
    { kind: 'text', spans: [`So far: ${so.filter(Boolean).join(' · ')}`] },
    ...(step === 'workload' ? workloadBlocks(form) : []),
  ]
}

function workloadBlocks({ texts }: JobForm): Block[] {
  const { command, image } = texts
  const show = (text: string): Span => ({ text, style: 'code' })
  return [
    {
      kind: 'facts',
      rows: [
        { label: 'Command', value: command ? [show(command)] : ['none yet: prices alone'] },
        { label: 'Image', value: image ? [show(image)] : ['none: a plain process on the seller’s machine'] },
      ],
    },
  ]
}

const modeName = ({ mode }: JobForm) => (mode === 'tracked' ? 'Tracked' : 'Untracked')

function problemBlocks(problems: readonly AskProblem[]): Block[] {
  if (problems.length === 0) return []
  return [
    { kind: 'text', spans: [{ text: 'This needs another answer. What you wrote is kept.', style: 'bold' }] },
    {
      kind: 'list',
      items: problems
        .slice(0, MAX_PROBLEMS)
        .map(({ text, why, suggestion }) => [
          ...(text ? [{ text: text.slice(0, MAX_WORD), style: 'code' as const }, ': '] : []),
          why,
          ...(suggestion ? [` For example ${suggestion}.`] : []),
        ]),
    },
  ]
}

const MAX_PROBLEMS = 5
const MAX_WORD = 60

const PROMPTS: Readonly<Partial<Record<Step, string>>> = {
  gpu: 'Press one, or write another to me, with memory or board where they matter: a100-40gb, h100-80gb-sxm.',
  count: 'Press one, or write a number to me, 64 at most.',
  time: 'Press one, or write to me: 90m, 6h, 2d. What is not used is not charged.',
  limits: 'Press what must hold, or write to me: max 2.50 germany vram 80 uptime 99% only akash.',
  providers: 'Press whom to leave out, or write to me: only akash,nosana.',
  workload: 'Write the command to me, such as python train.py. Never a key or a password: those go on the pay page.',
}
const FORM_PROMPTS: Readonly<Partial<Record<Step, string>>> = {
  gpu: 'Press one, or Other… for one with its memory or board: a100-40gb, h100-80gb-sxm.',
  count: 'Press one, or Other… for another number, 64 at most.',
  time: 'Press one, or Other…: 90m, 6h, 2d. What is not used is not charged.',
  limits: 'Press what must hold, or Other…: max 2.50 germany vram 80 uptime 99% only akash.',
  providers: 'Press whom to leave out, or Other…: only akash,nosana.',
  workload: 'Press Command… to write what runs. Never a key or a password: those go on the pay page.',
}
const ASKING = {
  gpu: 'the GPU',
  count: 'how many',
  time: 'how long',
  more: 'the limits',
  image: 'the container image, such as pytorch/pytorch:2.4.0',
  command: 'the command',
} as const

function prompt({ form, readsTexts }: JobFormViewOptions): Block[] {
  if (readsTexts && form.asking)
    return [{ kind: 'text', spans: [{ text: `Now write ${ASKING[form.asking]} to me as a message.`, style: 'bold' }] }]
  const text = (readsTexts ? PROMPTS : FORM_PROMPTS)[form.step]
  return text ? [{ kind: 'text', spans: [text] }] : []
}
