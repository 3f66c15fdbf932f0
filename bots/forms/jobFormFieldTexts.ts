// The typed fields of the job form as a form shows them.
import type { FormField } from '../chat/form.ts'
import type { Field } from './jobFormFields.ts'

const SHORT = 200

export const FORM_FIELDS: Readonly<Record<Field, Omit<FormField, 'name' | 'isRequired' | 'value'>>> = {
  gpu: { label: 'GPU', placeholder: 'h100-80gb-sxm', lines: 'one', maxLength: SHORT },
  count: { label: 'How many', placeholder: '2', lines: 'one', maxLength: SHORT },
  time: { label: 'How long at most', placeholder: '90m, 4h, 2d', lines: 'one', maxLength: SHORT },
  more: {
    label: 'Limits',
    placeholder: 'max 2.50 germany vram 80 uptime 99% only akash',
    lines: 'one',
    maxLength: 1000,
  },
  image: {
    label: 'Container image',
    help: 'Empty: a plain process on the seller’s machine',
    placeholder: 'pytorch/pytorch:2.4.0',
    lines: 'one',
    maxLength: 300,
  },
  command: {
    label: 'Command',
    help: 'Empty: prices alone. Never a key or a password.',
    placeholder: 'python train.py',
    lines: 'many',
    maxLength: 4000,
  },
}
