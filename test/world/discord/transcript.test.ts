// The transcript: every visible state in order and for whom, listeners, waiting without polling.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Channel, User } from './model.ts'
import type { Discord } from './startDiscord.ts'
import { type AnsweredGuild, jobAndShow, startAnsweredGuild } from './testGuild.ts'
import type { ChatEvent } from './transcript.ts'

let discord: Discord
let ann: User
let bob: User
let channel: Channel
let answer: AnsweredGuild['answer']

beforeEach(async () => {
  ;({ discord, ann, bob, channel, answer } = await startAnsweredGuild(jobAndShow))
})
afterEach(() => discord.stop())

describe('the transcript', () => {
  test('shows each person what is for them, and tells listeners until they stop', async () => {
    const seen: ChatEvent[] = []
    const stop = discord.onEvent((event) => seen.push(event))
    void discord.command(bob, channel, 'job', { gpu: 'h100' })
    await answer({ type: 4, data: { content: 'for Bob', flags: 64 } })
    void discord.command(bob, channel, 'show')
    await answer({ type: 4, data: { content: 'for all' } })
    stop()
    void discord.command(bob, channel, 'show')
    expect(seen.map((event) => [event.kind, 'text' in event ? event.text : ''])).toEqual([
      ['used', '/job gpu:h100'],
      ['message', 'for Bob'],
      ['used', '/show'],
      ['message', 'for all'],
    ])
    const texts = (as?: User) => discord.transcript(channel, as ? { as } : {}).map(({ text }) => text)
    expect([texts(), texts(bob), texts(ann)]).toEqual([['for Bob', 'for all'], ['for Bob', 'for all'], ['for all']])
    expect(discord.messages(channel)).toMatchObject([{ command: 'job', fromBot: true }, { command: 'show' }])
  })

  test('waits for what comes, only for what is new when asked, and says what was there instead', async () => {
    const say = async (content: string) => {
      void discord.command(bob, channel, 'show')
      await answer({ type: 4, data: { content } })
    }
    await say('ready 1')
    const ready = (entry: { text: string }) => entry.text.startsWith('ready')
    expect(await discord.waitFor(channel, ready)).toMatchObject({ text: 'ready 1' })
    const next = discord.waitFor(channel, ready, { after: discord.transcript(channel).length })
    await say('ready 2')
    expect(await next).toMatchObject({ text: 'ready 2' })
    await expect(discord.waitFor(channel, () => false, { timeoutMs: 1 })).rejects.toThrow('Necto: ready 2')
  })

  test('reads embeds and the second components as text, with buttons beside sections', async () => {
    void discord.command(bob, channel, 'show')
    const embed = { title: 'Offer', fields: [{ name: 'Price', value: '2 USD' }], footer: { text: 'valid' } }
    await answer({ type: 4, data: { content: 'Job', embeds: [embed] } })
    void discord.command(bob, channel, 'show')
    const accessory = { type: 2, style: 1, label: 'Rent', custom_id: 'r' }
    const section = { type: 9, components: [{ type: 10, content: 'H100' }], accessory }
    await answer({ type: 4, data: { flags: 1 << 15, components: [{ type: 17, components: [section] }] } })
    expect(discord.messages(channel).map(({ text, buttons }) => [text, buttons.flat().map((one) => one.text)])).toEqual(
      [
        ['Job\nOffer\nPrice: 2 USD\nvalid', []],
        ['H100', ['Rent']],
      ],
    )
  })
})
