// What people can and cannot do, the options they type, the buttons and menus they use.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Channel, Guild, User } from '../model.ts'
import { permission } from '../permissions.ts'
import type { Discord } from '../startDiscord.ts'
import { type AnsweredGuild, startAnsweredGuild } from '../testGuild.ts'

let clock: AnsweredGuild['clock']
let discord: Discord
let ann: User
let bob: User
let guild: Guild
let channel: Channel
let bot: AnsweredGuild['bot']
let answer: AnsweredGuild['answer']

const typed = [
  { type: 3, name: 'gpu', description: 'x', required: true, min_length: 2, max_length: 10 },
  { type: 4, name: 'count', description: 'x', min_value: 1, max_value: 8 },
  { type: 10, name: 'usd', description: 'x' },
  { type: 5, name: 'tracked', description: 'x' },
  { type: 3, name: 'term', description: 'x', choices: [{ name: 'Short', value: 's' }] },
  { type: 6, name: 'who', description: 'x' },
  { type: 7, name: 'where', description: 'x' },
  { type: 8, name: 'role', description: 'x' },
]
const commands = [
  { name: 'job', description: 'x', options: typed },
  {
    name: 'team',
    description: 'x',
    contexts: [0],
    options: [
      { type: 1, name: 'show', description: 'x' },
      {
        type: 2,
        name: 'role',
        description: 'x',
        options: [{ type: 1, name: 'give', description: 'x', options: [{ type: 6, name: 'to', description: 'x' }] }],
      },
    ],
  },
  { name: 'admin', description: 'x', default_member_permissions: String(permission.administrator) },
]

beforeEach(async () => {
  ;({ clock, discord, ann, bob, guild, channel, bot, answer } = await startAnsweredGuild(commands))
})
afterEach(() => discord.stop())

describe('commands', () => {
  test('carry typed options with the objects behind their ids', async () => {
    const role = discord.role(guild, { name: 'Ops' })
    void discord.command(bob, channel, 'job', {
      gpu: 'h100',
      count: 2,
      usd: 1.5,
      tracked: true,
      term: 's',
      who: ann,
      where: channel,
      role,
    })
    const { d } = await bot.next()
    expect(d.data.options).toEqual([
      { name: 'gpu', type: 3, value: 'h100' },
      { name: 'count', type: 4, value: 2 },
      { name: 'usd', type: 10, value: 1.5 },
      { name: 'tracked', type: 5, value: true },
      { name: 'term', type: 3, value: 's' },
      { name: 'who', type: 6, value: ann.id },
      { name: 'where', type: 7, value: channel.id },
      { name: 'role', type: 8, value: role.id },
    ])
    expect(d.data.resolved).toMatchObject({
      users: { [ann.id]: { global_name: 'Ann' } },
      members: { [ann.id]: { roles: [] } },
      channels: { [channel.id]: { name: 'general' } },
      roles: { [role.id]: { name: 'Ops' } },
    })
  })

  test('stand within their subcommands', async () => {
    void discord.command(bob, channel, 'team role give', { to: ann })
    expect((await bot.next()).d.data).toMatchObject({
      name: 'team',
      options: [
        { name: 'role', type: 2, options: [{ name: 'give', type: 1, options: [{ name: 'to', value: ann.id }] }] },
      ],
    })
  })

  test.each<[string, Parameters<Discord['command']>[3], string]>([
    ['job', {}, 'needs the option "gpu"'],
    ['job', { gpu: 'x' }, 'at least 2 characters'],
    ['job', { gpu: 'x'.repeat(11) }, 'at most 10 characters'],
    ['job', { gpu: 5 }, 'takes text'],
    ['job', { gpu: 'h100', count: 0 }, 'at least 1'],
    ['job', { gpu: 'h100', count: 9 }, 'at most 8'],
    ['job', { gpu: 'h100', count: 1.5 }, 'whole number'],
    ['job', { gpu: 'h100', usd: '1' }, 'takes a number'],
    ['job', { gpu: 'h100', tracked: 'yes' }, 'true or false'],
    ['job', { gpu: 'h100', term: 'Short' }, 'takes one of s'],
    ['job', { gpu: 'h100', who: 'ann' }, 'somebody'],
    ['job', { gpu: 'h100', nonsense: 1 }, 'no option "nonsense"'],
    ['nothing', {}, 'no command /nothing'],
    ['team', {}, 'needs one of its subcommands'],
    ['team gone', {}, 'no subcommand "gone"'],
  ])('/%s %j is not sent: %s', async (name, options, why) => {
    await expect(discord.command(bob, channel, name, options)).rejects.toThrow(why)
    expect(bot.payloads).toHaveLength(2)
  })

  test('are offered by place and right, which the owner always has', async () => {
    await expect(discord.command(ann, discord.dm(ann), 'team show')).rejects.toThrow('not offered in DMs')
    await expect(discord.command(bob, channel, 'admin')).rejects.toThrow('Bob may not use /admin')
    void discord.command(ann, channel, 'admin')
    expect((await bot.next()).d.data.name).toBe('admin')
    discord.overwrite(channel, { of: guild, deny: permission.viewChannel })
    await expect(discord.command(bob, channel, 'team show')).rejects.toThrow('Bob does not see #general')
    const eve = discord.user({ name: 'Eve' })
    await expect(discord.command(eve, channel, 'team show')).rejects.toThrow('Eve does not see')
    await expect(discord.command(eve, discord.dm(ann), 'job')).rejects.toThrow('Eve does not see')
    discord.removeBot(guild)
    await expect(discord.command(ann, channel, 'team show')).rejects.toThrow('the bot is not in Acme')
  })

  test('to a bot that is gone fail for the person', async () => {
    bot.close(1000)
    await bot.closed
    const outcome = discord.command(bob, channel, 'team show')
    await clock.tick(3001)
    expect(await outcome).toEqual({ answered: false })
  })
})

describe('buttons', () => {
  const pay = { type: 2, style: 3, label: 'Pay', custom_id: 'a1:pay' }
  const sent = async (components: object[], flags = 0) => {
    void discord.command(bob, channel, 'team show')
    await answer({ type: 4, data: { content: 'x', flags, components: [{ type: 1, components }] } })
    const message = discord.messages(channel).at(-1)
    if (!message) throw new Error('nothing was sent')
    return message
  }

  test('are pressed by anybody who sees them, as they stand now', async () => {
    const message = await sent([pay])
    void discord.press(ann, message, 'Pay')
    expect((await bot.next()).d).toMatchObject({ data: { custom_id: 'a1:pay' }, member: { user: { id: ann.id } } })
    await expect(discord.press(ann, message, 'Cancel')).rejects.toThrow('has no button "Cancel"; it shows "Pay"')
    const eve = discord.user({ name: 'Eve' })
    await expect(discord.press(eve, message, 'Pay')).rejects.toThrow('Eve does not see')
  })

  test('disabled, hidden from this person or gone cannot be pressed; links open by themselves', async () => {
    const off = await sent([
      { ...pay, disabled: true },
      { type: 2, style: 5, label: 'Open', url: 'https://necto.example/pay' },
    ])
    await expect(discord.press(bob, off, 'Pay')).rejects.toThrow('disabled')
    expect(await discord.press(bob, off, 'Open')).toEqual({ answered: false, url: 'https://necto.example/pay' })
    const hidden = await sent([pay], 64)
    await expect(discord.press(ann, hidden, 'Pay')).rejects.toThrow('Ann does not see that message')
    await expect(discord.press(bob, { ...off, messageId: '1' }, 'Pay')).rejects.toThrow('there is no message')
  })

  test('forged, any custom_id comes with a message the person sees', async () => {
    const message = await sent([pay])
    void discord.pressForged(ann, message, 'a1:stolen')
    expect((await bot.next()).d.data.custom_id).toBe('a1:stolen')
    const hidden = await sent([pay], 64)
    await expect(discord.pressForged(ann, hidden, 'a1:pay')).rejects.toThrow('does not see')
  })

  test('a menu takes as many choices as it says', async () => {
    const menu = {
      type: 3,
      custom_id: 'm',
      placeholder: 'Which',
      max_values: 2,
      options: [
        { label: 'A', value: '1' },
        { label: 'B', value: '2' },
      ],
    }
    const message = await sent([menu])
    expect(message.selects).toMatchObject([
      { data: 'm', placeholder: 'Which', options: [{ label: 'A' }, { label: 'B' }] },
    ])
    void discord.select(ann, message, 'Which', ['A', '2'])
    expect((await bot.next()).d.data).toMatchObject({ component_type: 3, values: ['1', '2'] })
    await expect(discord.select(ann, message, 'Which', [])).rejects.toThrow('1 to 2')
    await expect(discord.select(ann, message, 'Which', ['C'])).rejects.toThrow('no choice "C"')
    await expect(discord.select(ann, message, 'Other', ['A'])).rejects.toThrow('no menu')
  })
})

test('nobody takes another’s id', () => {
  expect(() => discord.user({ id: ann.id, name: 'Eve' })).toThrow('already')
})
