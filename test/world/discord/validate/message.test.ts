// The limits of messages, each with its code, on the channel's route.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { faultLines } from '../callApi.ts'
import type { Channel } from '../model.ts'
import type { Discord } from '../startDiscord.ts'
import { startTestGuild, type TestGuild, unhurried } from '../testGuild.ts'

let discord: Discord
let channel: Channel
let send: TestGuild['send']
let edit: TestGuild['edit']

beforeEach(async () => {
  ;({ discord, channel, send, edit } = await startTestGuild(unhurried))
})
afterEach(() => discord.stop())

const faults = async (body: unknown) => {
  const { status, code, errors } = await send(body)
  expect([status, code]).toEqual([400, 50035])
  return faultLines(errors)
}
const x = (length: number) => 'x'.repeat(length)
const button = (more: object) => ({ type: 2, style: 1, label: 'Pay', custom_id: 'a', ...more })
const row = (...components: unknown[]) => ({ type: 1, components })
const select = (more: object = {}) => ({ type: 3, custom_id: 's', options: [{ label: 'A', value: 'a' }], ...more })
const V2 = 1 << 15

test('at its limits everything passes', async () => {
  const options = Array.from({ length: 25 }, (_, at) => ({ label: x(100), value: `${at}`, description: x(100) }))
  const buttons = (line: number) =>
    Array.from({ length: 5 }, (_, at) => button({ label: x(80), custom_id: `${line}${at}`.padEnd(100, '.') }))
  const { status } = await send({
    content: x(2000),
    embeds: [
      { title: x(256), description: x(4096), fields: [{ name: x(256), value: x(1024) }], footer: { text: x(368) } },
    ],
    components: [1, 2, 3, 4]
      .map((line) => row(...buttons(line)))
      .concat([row(select({ options, placeholder: x(150) }))]),
  })
  expect(status).toBe(200)
})

test('nothing at all is 50006, also as the rest of an edit', async () => {
  expect(await send({ content: ' \n' })).toMatchObject({ status: 400, code: 50006 })
  expect(await edit(await send({ content: 'x' }), { content: null })).toMatchObject({ code: 50006 })
})

describe('refuses', () => {
  test.each<[string, object, string]>([
    ['2001 characters', { content: x(2001) }, 'content: BASE_TYPE_MAX_LENGTH'],
    ['a content that is no text', { content: 5 }, 'content: STRING_TYPE_CONVERT'],
    ['11 embeds', { embeds: Array(11).fill({ title: 'x' }) }, 'embeds: BASE_TYPE_MAX_LENGTH'],
    [
      'embeds of 6001 together',
      { embeds: [{ description: x(4000) }, { description: x(2001) }] },
      'embeds: MAX_EMBED_SIZE_EXCEEDED',
    ],
    ['an embed title of 257', { embeds: [{ title: x(257) }] }, 'embeds.0.title: BASE_TYPE_MAX_LENGTH'],
    [
      'an embed description of 4097',
      { embeds: [{ description: x(4097) }] },
      'embeds.0.description: BASE_TYPE_MAX_LENGTH',
    ],
    [
      '26 fields',
      { embeds: [{ fields: Array(26).fill({ name: 'n', value: 'v' }) }] },
      'embeds.0.fields: BASE_TYPE_MAX_LENGTH',
    ],
    [
      'a field name of 257',
      { embeds: [{ fields: [{ name: x(257), value: 'v' }] }] },
      'embeds.0.fields.0.name: BASE_TYPE_BAD_LENGTH',
    ],
    [
      'a field value of 1025',
      { embeds: [{ fields: [{ name: 'n', value: x(1025) }] }] },
      'embeds.0.fields.0.value: BASE_TYPE_BAD_LENGTH',
    ],
    [
      'an empty field value',
      { embeds: [{ fields: [{ name: 'n', value: '' }] }] },
      'embeds.0.fields.0.value: BASE_TYPE_REQUIRED',
    ],
    ['a footer of 2049', { embeds: [{ footer: { text: x(2049) } }] }, 'embeds.0.footer.text: BASE_TYPE_BAD_LENGTH'],
    ['an author of 257', { embeds: [{ author: { name: x(257) } }] }, 'embeds.0.author.name: BASE_TYPE_BAD_LENGTH'],
    ['an embed with nothing in it', { embeds: [{ color: 1 }] }, 'embeds.0.description: BASE_TYPE_REQUIRED'],
    [
      'an embed link that is none',
      { embeds: [{ title: 'x', url: 'javascript:x' }] },
      'embeds.0.url: URL_TYPE_INVALID_SCHEME',
    ],
    [
      'six rows',
      { components: Array.from({ length: 6 }, (_, at) => row(button({ custom_id: `${at}` }))) },
      'components: BASE_TYPE_MAX_LENGTH',
    ],
    [
      'a row of six',
      { components: [row(...Array.from({ length: 6 }, (_, at) => button({ custom_id: `${at}` })))] },
      'components.0.components: BASE_TYPE_BAD_LENGTH',
    ],
    ['an empty row', { components: [row()] }, 'components.0.components: BASE_TYPE_BAD_LENGTH'],
    ['a button outside a row', { components: [button({})] }, 'components.0.type: UNION_TYPE_CHOICES'],
    [
      'a text input in a message',
      { components: [row({ type: 4, custom_id: 'x' })] },
      'components.0.components.0.type: UNION_TYPE_CHOICES',
    ],
    [
      'a menu beside a button',
      { components: [row(button({}), select())] },
      'components.0: COMPONENT_LAYOUT_WIDTH_EXCEEDED',
    ],
    [
      'a label of 81',
      { components: [row(button({ label: x(81) }))] },
      'components.0.components.0.label: BASE_TYPE_MAX_LENGTH',
    ],
    [
      'a button without words',
      { components: [row(button({ label: '' }))] },
      'components.0.components.0: BUTTON_COMPONENT_MISSING_LABEL_AND_EMOJI',
    ],
    [
      'a custom_id of 101',
      { components: [row(button({ custom_id: x(101) }))] },
      'components.0.components.0.custom_id: BASE_TYPE_BAD_LENGTH',
    ],
    [
      'a button without custom_id',
      { components: [row(button({ custom_id: undefined }))] },
      'components.0.components.0.custom_id: BASE_TYPE_REQUIRED',
    ],
    [
      'a style that is none',
      { components: [row(button({ style: 9 }))] },
      'components.0.components.0.style: BASE_TYPE_CHOICES',
    ],
    [
      'two with one custom_id',
      { components: [row(button({}), button({}))] },
      'components: COMPONENT_CUSTOM_ID_DUPLICATED',
    ],
    [
      'a link button with a custom_id',
      { components: [row(button({ style: 5, url: 'https://a.example' }))] },
      'components.0.components.0: BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE',
    ],
    [
      'a link of 513',
      { components: [row({ type: 2, style: 5, label: 'x', url: `https://a.example/${x(513 - 18)}` })] },
      'components.0.components.0.url: BASE_TYPE_BAD_LENGTH',
    ],
    [
      'a link to localhost',
      { components: [row({ type: 2, style: 5, label: 'x', url: 'http://localhost:1/x' })] },
      'components.0.components.0.url: URL_TYPE_INVALID_URL',
    ],
    [
      '26 choices',
      {
        components: [row(select({ options: Array.from({ length: 26 }, (_, at) => ({ label: 'x', value: `${at}` })) }))],
      },
      'components.0.components.0.options: BASE_TYPE_BAD_LENGTH',
    ],
    [
      'a menu without choices',
      { components: [row(select({ options: [] }))] },
      'components.0.components.0.options: BASE_TYPE_BAD_LENGTH',
    ],
    [
      'equal choices',
      { components: [row(select({ options: Array(2).fill({ label: 'A', value: 'a' }) }))] },
      'components.0.components.0.options.1.value: SELECT_COMPONENT_OPTION_VALUE_DUPLICATED',
    ],
    [
      'more choices than there are',
      { components: [row(select({ max_values: 2 }))] },
      'components.0.components.0.max_values: SELECT_COMPONENT_MAX_VALUES_TOO_LARGE',
    ],
    [
      'content with the second components',
      { content: 'x', flags: V2, components: [{ type: 10, content: 'y' }] },
      'content: MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ],
    [
      'embeds with them',
      { embeds: [{ title: 'x' }], flags: V2, components: [{ type: 10, content: 'y' }] },
      'embeds: MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ],
    [
      'the second components without their flag',
      { components: [{ type: 10, content: 'y' }] },
      'components.0.type: UNION_TYPE_CHOICES',
    ],
    [
      '41 of them, nested ones counted',
      { flags: V2, components: [{ type: 17, components: Array(40).fill({ type: 10, content: 'y' }) }] },
      'components: COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED',
    ],
    [
      '4001 characters in them',
      {
        flags: V2,
        components: [
          { type: 10, content: x(2000) },
          { type: 10, content: x(2001) },
        ],
      },
      'components: COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED',
    ],
    [
      'a section without an accessory',
      { flags: V2, components: [{ type: 9, components: [{ type: 10, content: 'y' }] }] },
      'components.0.accessory: BASE_TYPE_REQUIRED',
    ],
    [
      'mentions both listed and parsed',
      { content: 'x', allowed_mentions: { parse: ['users'], users: ['1'] } },
      'allowed_mentions: MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
    ],
    [
      'an unknown kind of mention',
      { content: 'x', allowed_mentions: { parse: ['all'] } },
      'allowed_mentions.parse.0: BASE_TYPE_CHOICES',
    ],
    [
      'a reply to nothing',
      { content: 'x', message_reference: { message_id: '1' } },
      'message_reference: MESSAGE_REFERENCE_UNKNOWN_MESSAGE',
    ],
    [
      'a described file that did not come',
      { content: 'x', attachments: [{ id: '0', description: 'x' }] },
      'attachments.0.id: ATTACHMENT_NOT_FOUND',
    ],
  ])('%s', async (_, body, fault) => {
    expect(await faults(body)).toEqual([fault])
  })

  test('all faults of a message at once', async () => {
    expect(await faults({ content: x(2001), components: [row(button({ label: x(81), custom_id: '' }))] })).toEqual([
      'content: BASE_TYPE_MAX_LENGTH',
      'components.0.components.0.label: BASE_TYPE_MAX_LENGTH',
      'components.0.components.0.custom_id: BASE_TYPE_REQUIRED',
    ])
  })

  test('a body that is no JSON with 50109', async () => {
    const response = await fetch(`${discord.apiRoot}/v10/channels/${channel.id}/messages`, {
      method: 'POST',
      headers: { authorization: `Bot ${discord.token}`, 'content-type': 'application/json' },
      body: '{',
    })
    expect([response.status, await response.json()]).toMatchObject([400, { code: 50109 }])
  })
})

test('a link to an address of this machine is taken', async () => {
  const link = { type: 2, style: 5, label: 'Pay', url: 'http://127.0.0.1:8080/pay/x' }
  expect((await send({ components: [row(link)] })).status).toBe(200)
  expect(discord.messages(channel)).toMatchObject([{ buttons: [[{ text: 'Pay', url: link.url, style: 'link' }]] }])
})
