// A form that a platform pops up, as a dialog.
import type { PageField, PageForm } from '../protocol.ts'
import { el } from './dom.ts'

type Values = Record<string, string | string[] | boolean>

/** Opens it; `send` answers what was wrong, or undefined when the form was taken. */
export function openForm(form: PageForm, send: (values: Values) => Promise<string | undefined>): void {
  const wrong = el('p', { class: 'wrong', role: 'alert' })
  const title = el('h2', { id: 'form-title' }, form.title)
  const body = el(
    'form',
    {
      onsubmit: async (event) => {
        event.preventDefault()
        const why = await send(valuesOf(form, body))
        if (why === undefined) dialog.close()
        else wrong.textContent = why
      },
    },
    title,
    ...form.fields.map(fieldNode),
    wrong,
    el(
      'div',
      { class: 'ends' },
      el('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'),
      el('button', { type: 'submit', class: 'primary' }, 'Submit'),
    ),
  )
  const dialog = el('dialog', { class: 'form', 'aria-labelledby': 'form-title', onclose: () => dialog.remove() }, body)
  document.body.append(dialog)
  dialog.showModal()
}

function fieldNode(field: PageField, index: number): HTMLElement {
  const { id: name, label, help, kind, value, placeholder, isRequired, maxLength, options } = field
  const id = `field-${index}`
  const shared = { id, name, required: isRequired, 'aria-describedby': help ? `${id}-help` : undefined }
  const words = el('label', { for: id }, label, isRequired && el('span', { class: 'needed' }, ' (needed)'))
  const hint = help !== '' && el('small', { id: `${id}-help` }, help)
  if (kind === 'switch')
    return el('p', {}, el('input', { ...shared, type: 'checkbox', checked: value === 'on' }), words, hint)
  const typed = { ...shared, placeholder, maxlength: maxLength }
  const input =
    kind === 'line'
      ? el('input', { ...typed, value, autocomplete: 'off' })
      : kind === 'text'
        ? el('textarea', { ...typed, rows: 3 }, value)
        : el(
            'select',
            { ...shared, multiple: kind === 'choices' },
            ...(kind === 'choice' && !isRequired ? [el('option', { value: '' }, '—')] : []),
            ...options.map((one) => el('option', { value: one.value, selected: one.isChosen }, one.label)),
          )
  return el('p', {}, words, hint, input)
}

function valuesOf({ fields }: PageForm, body: HTMLFormElement): Values {
  const data = new FormData(body)
  return Object.fromEntries(
    fields.map(({ id, kind }) => {
      if (kind === 'switch') return [id, data.has(id)]
      if (kind === 'choices') return [id, data.getAll(id).map(String)]
      return [id, String(data.get(id) ?? '')]
    }),
  )
}
