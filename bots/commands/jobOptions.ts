// The typed options of commands about jobs, and the words that each writes into the line.
import type { CommandOption } from '../chat/commandSpec.ts'

/** A job by its reference. */
export const REF_OPTION: CommandOption = {
  name: 'job',
  description: 'The reference at the top of its message, such as K7QF-3M2P',
  kind: 'text',
  isRequired: true,
  suggest: 'job',
  write: (value) => value,
}

/** What an ask is made of, but for the workload; the same words as a typed line. */
export const ASK_OPTIONS: readonly CommandOption[] = [
  { name: 'gpu', description: 'The GPU, such as h100 or a100-40gb', kind: 'text', suggest: 'gpu', write: (v) => v },
  {
    name: 'count',
    description: 'How many GPUs, all on one node; else one',
    kind: 'whole',
    min: 1,
    max: 64,
    write: (v) => `x${v}`,
  },
  { name: 'time', description: 'The longest it may run: 90m, 4h, 2d', kind: 'text', write: (v) => v },
  {
    name: 'max',
    description: 'US dollars for one GPU-hour at most',
    kind: 'number',
    min: 0.01,
    write: (v) => `max ${v}`,
  },
  {
    name: 'region',
    description: 'Where: a continent, country or city',
    kind: 'text',
    suggest: 'region',
    write: (v) => v,
  },
  { name: 'only', description: 'This provider alone', kind: 'text', suggest: 'provider', write: (v) => `only ${v}` },
  {
    name: 'more',
    description: 'Other words of an ask: no-spot, vram 80, uptime 99%, sort uptime',
    kind: 'text',
    write: (v) => v,
  },
]

/** What a job adds to an ask; the command comes last, since it takes the rest of the line. */
export const WORKLOAD_OPTIONS: readonly CommandOption[] = [
  {
    name: 'mode',
    description: 'Tracked: your team sees the spend. Untracked: we forget who asked',
    kind: 'text',
    choices: [
      { name: 'Tracked', value: 'tracked' },
      { name: 'Untracked', value: 'untracked' },
    ],
    write: (v) => v,
  },
  { name: 'image', description: 'The container image to run in', kind: 'text', write: (v) => `image ${v}` },
  { name: 'run', description: 'The command to run', kind: 'text', write: (v) => `run ${v}` },
]
