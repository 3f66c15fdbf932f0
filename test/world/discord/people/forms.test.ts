// Forms: how people fill them in, and what a bot may put into them.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { faultLines } from '../callApi.ts'
import type { Channel, User } from '../model.ts'
import type { Discord } from '../startDiscord.ts'
import { type AnsweredGuild, jobAndShow, startAnsweredGuild } from '../testGuild.ts'

let discord: Discord
let ann: User
let bob: User
let channel: Channel
let bot: AnsweredGuild['bot']
let answer: AnsweredGuild['answer']

beforeEach(async () => {
  ;({ discord, ann, bob, channel, bot, answer } = await startAnsweredGuild(jobAndShow))
})
afterEach(() => discord.stop())

describe('forms', () => {
  const text = (more: object = {}) => ({ type: 4, custom_id: 'image', style: 1, ...more })
  const label = (component: object, more: object = {}) => ({ type: 18, label: 'Image', component, ...more })
  const form = (components: object[], more: object = {}) => ({
    type: 9,
    data: { title: 'What', custom_id: 'm1', components, ...more },
  })
  const show = async (body: unknown) => {
    void discord.command(bob, channel, 'show')
    return answer(body)
  }

  test('are filled in by label or id, within their bounds, and gone once sent', async () => {
    const options = [
      { label: 'A', value: 'a' },
      { label: 'B', value: 'b' },
    ]
    await show(
      form([
        label(text({ min_length: 2, max_length: 5 })),
        label({ type: 3, custom_id: 'pick', options }, { label: 'Pick' }),
        label({ type: 21, custom_id: 'one', options, required: false }, { label: 'One' }),
        label({ type: 23, custom_id: 'sure', default: true }, { label: 'Sure' }),
      ]),
    )
    const fill = (values: Parameters<Discord['submitModal']>[1]) => discord.submitModal(bob, values)
    await expect(fill({ Pick: ['A'] })).rejects.toThrow('"Image" must be filled in')
    await expect(fill({ Image: 'x', Pick: ['A'] })).rejects.toThrow('at least 2')
    await expect(fill({ Image: 'x'.repeat(6), Pick: ['A'] })).rejects.toThrow('at most 5')
    await expect(fill({ Image: 'xx' })).rejects.toThrow('"Pick" needs a choice')
    await expect(fill({ Image: 'xx', Pick: ['C'] })).rejects.toThrow('no choice "C"')
    await expect(fill({ Nothing: 'x' })).rejects.toThrow('no field "Nothing"; it shows "Image", "Pick", "One", "Sure"')
    void fill({ image: 'xx', Pick: ['B'] })
    expect((await bot.next()).d.data).toEqual({
      custom_id: 'm1',
      components: [
        { type: 18, component: { type: 4, custom_id: 'image', value: 'xx' } },
        { type: 18, component: { type: 3, custom_id: 'pick', values: ['b'] } },
        { type: 18, component: { type: 21, custom_id: 'one', value: null } },
        { type: 18, component: { type: 23, custom_id: 'sure', value: true } },
      ],
    })
    await expect(fill({ image: 'xx' })).rejects.toThrow('Bob has no form')
    await expect(discord.submitModal(ann, {})).rejects.toThrow('Ann has no form')
  })

  test.each<[string, object, string]>([
    ['a title of 46', form([label(text())], { title: 'x'.repeat(46) }), 'data.title: BASE_TYPE_BAD_LENGTH'],
    [
      'a custom_id of 101',
      form([label(text())], { custom_id: 'x'.repeat(101) }),
      'data.custom_id: BASE_TYPE_BAD_LENGTH',
    ],
    ['no field', form([]), 'data.components: BASE_TYPE_BAD_LENGTH'],
    [
      'six fields',
      form([1, 2, 3, 4, 5, 6].map((one) => label(text({ custom_id: `${one}` })))),
      'data.components: BASE_TYPE_BAD_LENGTH',
    ],
    ['two fields of one id', form([label(text()), label(text())]), 'data.components: COMPONENT_CUSTOM_ID_DUPLICATED'],
    [
      'a label of 46',
      form([label(text(), { label: 'x'.repeat(46) })]),
      'data.components.0.label: BASE_TYPE_BAD_LENGTH',
    ],
    [
      'a maximum of 4001',
      form([label(text({ max_length: 4001 }))]),
      'data.components.0.component.max_length: NUMBER_TYPE_MAX',
    ],
    [
      'a value of 4001',
      form([label(text({ value: 'x'.repeat(4001) }))]),
      'data.components.0.component.value: BASE_TYPE_MAX_LENGTH',
    ],
    [
      'a placeholder of 101',
      form([label(text({ placeholder: 'x'.repeat(101) }))]),
      'data.components.0.component.placeholder: BASE_TYPE_MAX_LENGTH',
    ],
    ['a style that is none', form([label(text({ style: 3 }))]), 'data.components.0.component.style: BASE_TYPE_CHOICES'],
    ['a button', form([label({ type: 2, custom_id: 'x' })]), 'data.components.0.component.type: BASE_TYPE_CHOICES'],
    [
      'an input without a label',
      form([{ type: 1, components: [text()] }]),
      'data.components.0.components.0.label: BASE_TYPE_REQUIRED',
    ],
  ])('%s is refused', async (_, body, fault) => {
    const { code, errors } = await show(body)
    expect([code, faultLines(errors)]).toEqual([50035, [fault]])
    expect(discord.form(bob)).toBeUndefined()
  })
})
