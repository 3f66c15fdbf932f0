// The components of a message: five rows in the first version, a tree of forty in the second.
import type { Form } from '../form.ts'
import { isObject, type Json, objects, textOf } from '../json.ts'
import { allComponents } from '../messageView.ts'
import { checkButton, checkRow } from './controls.ts'
import { checkLength, checkList, checkText, checkUrl } from './fields.ts'

const MAX_ROWS = 5
const MAX_V2_COMPONENTS = 40
const MAX_V2_TEXT = 4000

const type = {
  row: 1,
  button: 2,
  section: 9,
  text: 10,
  thumbnail: 11,
  gallery: 12,
  file: 13,
  separator: 14,
  container: 17,
}
const inContainer = [type.row, type.section, type.text, type.gallery, type.file, type.separator]

/** The components of a message, numbered as Discord does; faults go into the form. */
export function checkComponents(form: Form, value: unknown, { isV2 }: { isV2: boolean }): Json[] {
  const list = checkList(form, value, { max: isV2 ? MAX_V2_COMPONENTS : MAX_ROWS })
  for (const [index, component] of list.entries())
    checkTopLevel(form.at(index), component, isV2 ? [...inContainer, type.container] : [type.row])
  const components = number(list.filter(isObject), { next: 1 })
  const all = allComponents(components)
  checkCustomIds(form, all)
  if (!isV2) return components
  if (all.length > MAX_V2_COMPONENTS)
    form.fail('COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED', `The total number of components exceeds ${MAX_V2_COMPONENTS}`)
  const textLength = all.reduce((sum, one) => sum + (one.type === type.text ? textOf(one.content).length : 0), 0)
  if (textLength > MAX_V2_TEXT)
    form.fail('COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED', `Total displayable text size exceeds ${MAX_V2_TEXT}`)
  return components
}

function checkTopLevel(form: Form, component: unknown, allowed: readonly number[]) {
  if (!isObject(component) || typeof component.type !== 'number' || !allowed.includes(component.type)) {
    form.at('type').fail('UNION_TYPE_CHOICES', `Value of field "type" must be one of (${allowed.join(', ')}).`)
    return
  }
  if (component.type === type.row) checkRow(form, component)
  if (component.type === type.text) checkText(form.at('content'), component.content, { max: MAX_V2_TEXT })
  if (component.type === type.section) checkSection(form, component)
  if (component.type === type.gallery) checkGallery(form, component)
  if (component.type === type.container) {
    const children = checkList(form.at('components'), component.components, { min: 1, max: MAX_V2_COMPONENTS })
    for (const [index, child] of children.entries()) checkTopLevel(form.at('components', index), child, inContainer)
  }
}

function checkSection(form: Form, { components, accessory }: Json) {
  const texts = objects(components)
  checkLength(form.at('components'), texts.length, { min: 1, max: 3 })
  for (const [index, text] of texts.entries()) checkTopLevel(form.at('components', index), text, [type.text])
  if (isObject(accessory) && accessory.type === type.button) checkButton(form.at('accessory'), accessory)
  else if (!isObject(accessory) || accessory.type !== type.thumbnail)
    form.at('accessory').fail('BASE_TYPE_REQUIRED', 'This field is required')
}

function checkGallery(form: Form, { items }: Json) {
  const media = objects(items)
  checkLength(form.at('items'), media.length, { min: 1, max: 10 })
  for (const [index, item] of media.entries()) {
    const url = isObject(item.media) ? item.media.url : undefined
    if (!textOf(url).startsWith('attachment://')) checkUrl(form.at('items', index, 'media', 'url'), url)
  }
}

function checkCustomIds(form: Form, all: readonly Json[]) {
  const ids = all.map(({ custom_id }) => custom_id).filter((id) => typeof id === 'string')
  if (new Set(ids).size < ids.length)
    form.fail('COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated')
}

function number(components: readonly Json[], counter: { next: number }): Json[] {
  return components.map((component) => {
    const id = component.id || counter.next++
    const children = Array.isArray(component.components)
      ? { components: number(objects(component.components), counter) }
      : {}
    const accessory = isObject(component.accessory) ? { accessory: number([component.accessory], counter)[0] } : {}
    return { ...component, id, ...children, ...accessory }
  })
}
