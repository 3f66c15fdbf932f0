// Registering commands: what is echoed, what is kept, each limit with its code.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { callApi, faultLines } from '../callApi.ts'
import { type Discord, startDiscord } from '../startDiscord.ts'

let discord: Discord
beforeEach(async () => {
  discord = await startDiscord({ rates: { other: { requests: 1000, perMs: 1000 } } })
})
afterEach(() => discord.stop())

const path = () => `/applications/${discord.applicationId}/commands`
const put = (commands: unknown) => callApi(discord, { call: `PUT ${path()}`, body: commands })
const command = (more: object = {}) => ({ name: 'job', description: 'Rent GPUs', ...more })
const option = (more: object = {}) => ({ type: 3, name: 'gpu', description: 'Which', ...more })
const x = (length: number) => 'x'.repeat(length)

test('are echoed with ids, which a name keeps', async () => {
  const first = (await put([command(), command({ name: 'help' })])).body as unknown as { id: string }[]
  const second = (await put([command({ description: 'new' })])).body as unknown as { id: string }[]
  expect(second).toMatchObject([
    {
      id: first[0]?.id,
      application_id: discord.applicationId,
      type: 1,
      name: 'job',
      description: 'new',
      contexts: [0, 1],
    },
  ])
  expect((await callApi(discord, { call: `GET ${path()}` })).body).toEqual(second)
  expect(discord.commands()).toEqual(second)
})

test('of a guild stand before the global ones, and only where the bot is', async () => {
  const ann = discord.user({ name: 'Ann' })
  const guild = discord.guild({ name: 'Acme', owner: ann })
  const call = `PUT /applications/${discord.applicationId}/guilds/${guild.id}/commands`
  expect(await callApi(discord, { call, body: [command()] })).toMatchObject({ status: 403, code: 50001 })
  discord.addBot(guild)
  expect((await callApi(discord, { call, body: [command()] })).status).toBe(200)
  expect(discord.commands(guild)).toMatchObject([{ guild_id: guild.id }])
  const unknown = { call: `PUT /applications/${discord.applicationId}/guilds/1/commands`, body: [] }
  expect(await callApi(discord, unknown)).toMatchObject({ status: 404, code: 10004 })
  expect(await callApi(discord, { call: 'PUT /applications/1/commands', body: [] })).toMatchObject({ code: 10002 })
})

test('more than a hundred are 30032', async () => {
  const many = (count: number) => Array.from({ length: count }, (_, at) => command({ name: `c${at}` }))
  expect((await put(many(100))).status).toBe(200)
  expect(await put(many(101))).toMatchObject({ status: 400, code: 30032 })
})

test('at its limits a command passes', async () => {
  const choices = Array.from({ length: 25 }, (_, at) => ({ name: `${at}`, value: x(98) + (at + 10) }))
  const options = Array.from({ length: 25 }, (_, at) => option({ name: `o${at}`, ...(at === 0 ? { choices } : {}) }))
  const { status } = await put([
    command({ name: x(32), description: x(100), options }),
    command({ name: 'zahlung-ärger_2', description: 'ж' }),
  ])
  expect(status).toBe(200)
})

describe('refuses', () => {
  test.each<[string, object, string]>([
    ['an upper-case name', { name: 'Job' }, '0.name: APPLICATION_COMMAND_INVALID_NAME'],
    ['a name with a space', { name: 'job now' }, '0.name: APPLICATION_COMMAND_INVALID_NAME'],
    ['a name of 33', { name: x(33) }, '0.name: BASE_TYPE_BAD_LENGTH'],
    ['no name', { name: '' }, '0.name: BASE_TYPE_REQUIRED'],
    ['no description', { description: '' }, '0.description: BASE_TYPE_REQUIRED'],
    ['a description of 101', { description: x(101) }, '0.description: BASE_TYPE_BAD_LENGTH'],
    [
      '26 options',
      { options: Array.from({ length: 26 }, (_, at) => option({ name: `o${at}` })) },
      '0.options: BASE_TYPE_MAX_LENGTH',
    ],
    [
      'an option in upper case',
      { options: [option({ name: 'GPU' })] },
      '0.options.0.name: APPLICATION_COMMAND_INVALID_NAME',
    ],
    ['an unknown type', { options: [option({ type: 99 })] }, '0.options.0.type: BASE_TYPE_CHOICES'],
    [
      'two options of one name',
      { options: [option(), option()] },
      '0.options.1.name: APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS',
    ],
    [
      'required after optional',
      { options: [option(), option({ name: 'b', required: true })] },
      '0.options.1: APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
    ],
    [
      '26 choices',
      { options: [option({ choices: Array.from({ length: 26 }, (_, at) => ({ name: `${at}`, value: `${at}` })) })] },
      '0.options.0.choices: BASE_TYPE_MAX_LENGTH',
    ],
    [
      'a choice of the wrong type',
      { options: [option({ type: 4, choices: [{ name: 'a', value: 'a' }] })] },
      '0.options.0.choices.0.value: NUMBER_TYPE_COERCE',
    ],
    [
      'a choice of 101',
      { options: [option({ choices: [{ name: 'a', value: x(101) }] })] },
      '0.options.0.choices.0.value: BASE_TYPE_BAD_LENGTH',
    ],
    [
      'choices for a switch',
      { options: [option({ type: 5, choices: [{ name: 'a', value: 'a' }] })] },
      '0.options.0: APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID',
    ],
    [
      'choices with autocomplete',
      { options: [option({ autocomplete: true, choices: [{ name: 'a', value: 'a' }] })] },
      '0.options.0: APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID',
    ],
    ['bounds for text', { options: [option({ min_value: 1 })] }, '0.options.0.min_value: NUMBER_TYPE_COERCE'],
    [
      'a subcommand beside an option',
      { options: [option({ type: 1 }), option({ name: 'b' })] },
      '0.options: APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
    ],
    [
      'a subcommand within a subcommand',
      { options: [option({ type: 1, options: [option({ type: 1 })] })] },
      '0.options.0.options.0.type: BASE_TYPE_CHOICES',
    ],
    [
      'more than 8000 characters',
      {
        options: Array.from({ length: 25 }, (_, at) =>
          option({ name: `o${at}`, choices: [1, 2, 3, 4].map((one) => ({ name: x(9), value: x(90) + one })) }),
        ),
      },
      '0: APPLICATION_COMMAND_TOO_LARGE',
    ],
  ])('%s', async (_, more, fault) => {
    const { status, code, errors } = await put([command(more)])
    expect([status, code, faultLines(errors)]).toEqual([400, 50035, [fault]])
  })

  test('two commands of one name', async () => {
    expect(faultLines((await put([command(), command()])).errors)).toEqual(['1: APPLICATION_COMMANDS_DUPLICATE_NAME'])
  })
})
