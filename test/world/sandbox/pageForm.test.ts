// A form of the bot, as Discord's modal, is a dialog of the page; what is filled in there is what the bot gets.
import { expect, test } from 'vitest'
import { modalOf } from '../../../bots/discord/forms.ts'
import { fillModal } from '../discord/people/fillModal.ts'
import { readModal } from '../discord/validate/modal.ts'
import { pageForm } from './pageForm.ts'

const form = {
  token: `f1:${'A'.repeat(22)}`,
  title: 'Rent a GPU',
  fields: [
    { name: 'gpu', label: 'GPU', help: 'such as h100', value: 'h100', isRequired: true, lines: 'one', maxLength: 40 },
    { name: 'run', label: 'Command', placeholder: './train.sh', isRequired: false, lines: 'many', maxLength: 900 },
  ],
} as const

test('fields with their words, lengths and what stands in them', () => {
  expect(pageForm(readModal(modalOf(form)))).toEqual({
    title: 'Rent a GPU',
    fields: [
      {
        id: 'gpu',
        label: 'GPU',
        help: 'such as h100',
        kind: 'line',
        value: 'h100',
        placeholder: '',
        isRequired: true,
        maxLength: 40,
        options: [],
      },
      {
        id: 'run',
        label: 'Command',
        help: '',
        kind: 'text',
        value: '',
        placeholder: './train.sh',
        isRequired: false,
        maxLength: 900,
        options: [],
      },
    ],
  })
})

test('filled in by the fields’ ids', () => {
  const modal = readModal(modalOf(form))
  const ids = pageForm(modal).fields.map(({ id }) => id)
  const filled = JSON.stringify(fillModal(modal, Object.fromEntries(ids.map((id) => [id, `${id} it is`]))))
  expect(filled).toContain('gpu it is')
  expect(filled).toContain('run it is')
})

test('menus and switches', () => {
  const options = [
    { label: 'Tracked', value: 'tracked', default: true },
    { label: 'Untracked', value: 'untracked' },
  ]
  const { fields } = pageForm({
    title: 'Mode',
    components: [
      { type: 18, label: 'Mode', component: { type: 21, custom_id: 'mode', options } },
      { type: 18, label: 'Several', component: { type: 3, custom_id: 'many', max_values: 2, options } },
      { type: 18, label: 'Sure', component: { type: 23, custom_id: 'sure', default: true } },
    ],
  })
  expect(fields.map(({ kind }) => kind)).toEqual(['choice', 'choices', 'switch'])
  expect(fields[0]?.options).toEqual([
    { label: 'Tracked', value: 'tracked', isChosen: true },
    { label: 'Untracked', value: 'untracked', isChosen: false },
  ])
  expect(fields[2]?.value).toBe('on')
})
