// Pictures over the real wire: a photo with its caption and buttons, what a caption has no room for, and edits.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { spendChart } from '../charts/spendChart.ts'
import type { Picture, View } from '../chat/view.ts'
import { textView } from '../chat/view.ts'
import { connectTelegram } from './testTelegram.ts'

let telegram: Awaited<ReturnType<typeof connectTelegram>>
let picture: Picture
beforeEach(async () => {
  telegram = await connectTelegram()
  await telegram.chat.start()
  const spend = { total: { jobs: 0, chargedMicroUsd: 0n }, byMember: [], byProvider: [], byDay: [] }
  picture = await spendChart({ spend, period: 'today' })
})
afterEach(() => telegram.close())

const buttons: View['buttons'] = [
  [{ label: 'Audit', url: 'https://necto.example/audit' }],
  [{ label: 'Mute', token: 'a1:1' }],
]
const long = (letter: string) => `${letter.repeat(40)} `.repeat(20).trim()
const shown = () => telegram.world.messages(telegram.team)

describe('a picture', () => {
  test('is a photo with its caption, its styles and its buttons, quiet and in reply when asked', async () => {
    const { world, people, team, chat, teamPlace } = telegram
    const said = world.command(people.ann, team, '/report')
    const { message } = await telegram.command('report')
    const blocks = [{ kind: 'heading' as const, text: '0.00 USDC spent' }]
    await chat.send(teamPlace, { blocks, picture, buttons }, { silent: true, replyTo: message })
    expect(shown().at(-1)).toMatchObject({
      text: '0.00 USDC spent',
      entities: [{ type: 'bold', offset: 0, length: 15 }],
      replyToId: said.messageId,
      file: { kind: 'photo', name: 'spend.png', bytes: Buffer.from(picture.png), width: 900, height: 500 },
    })
    expect(shown().at(-1)?.buttons.flat()).toHaveLength(2)
    expect(String(world.calls('sendPhoto').at(-1)?.params.disable_notification)).toBe('true')
  })

  test('without words has no caption', async () => {
    await telegram.chat.send(telegram.teamPlace, { blocks: [], picture })
    expect(shown().at(-1)?.text).toBe('')
  })

  test('with more words than a caption holds: the rest follows below it, nothing is lost, the buttons stay at the picture', async () => {
    const { chat, teamPlace } = telegram
    const blocks: View['blocks'] = [
      { kind: 'heading', text: 'Spend' },
      { kind: 'text', spans: [long('a')] },
      { kind: 'heading', text: 'Details' },
      { kind: 'text', spans: [long('b')] },
      { kind: 'text', spans: [long('c')] },
    ]
    const ref = await chat.send(teamPlace, { blocks, picture, buttons }, { silent: true })
    const [photo, rest] = shown().slice(-2)
    expect(ref.messageId).toBe(String(photo?.messageId))
    expect(photo?.text).toBe(`Spend\n${long('a')}`)
    expect(photo?.buttons.flat()).toHaveLength(2)
    expect(rest).toMatchObject({ replyToId: photo?.messageId, file: undefined })
    expect(rest?.text).toBe(`Details\n${long('b')}\n\n${long('c')}`)
  })

  test('in a group that lets us write but send no photos is said in words instead', async () => {
    const { world, team, chat, teamPlace } = telegram
    world.forbidMedia(team)
    await chat.send(teamPlace, { ...textView('Spend'), picture, buttons })
    expect(shown().at(-1)).toMatchObject({ text: `Spend\n\n${picture.alt}`, file: undefined })
    expect(shown().at(-1)?.buttons.flat()).toHaveLength(2)
  })

  test('follows a group that became a supergroup', async () => {
    const { world, people, chat } = telegram
    const group = world.group({ title: 'Small', creator: people.ann })
    world.addBot(group, { by: people.ann })
    const upgraded = world.upgrade(group)
    const place = { platform: 'telegram', chatId: String(group.id), isPrivate: false, title: 'Small' } as const
    await chat.send(place, { ...textView('Spend'), picture })
    expect(world.messages(upgraded).at(-1)).toMatchObject({ text: 'Spend', file: { kind: 'photo' } })
  })

  test('whose connection broke may have arrived', async () => {
    const { world, chat, teamPlace } = telegram
    world.failNext({ method: 'sendPhoto', fault: { kind: 'drop', when: 'after' } })
    const sending = chat.send(teamPlace, { ...textView('Spend'), picture })
    await expect(sending).rejects.toMatchObject({ code: 'chat.failed', retry: 'unknown' })
  })
})

describe('an edit of a picture’s message', () => {
  test('changes its caption and buttons, whether or not the view still has the picture', async () => {
    const { chat, teamPlace } = telegram
    const ref = await chat.send(teamPlace, { ...textView('one'), picture, buttons })
    expect(await chat.edit(ref, { ...textView('two'), picture })).toBe('edited')
    expect(shown().at(-1)).toMatchObject({ text: 'two', buttons: [], file: { kind: 'photo' } })
    expect(await chat.edit(ref, textView('three'))).toBe('edited')
    expect(shown().at(-1)).toMatchObject({ text: 'three', file: { kind: 'photo' } })
  })

  test('too long for a caption is cut at a line', async () => {
    const { chat, teamPlace } = telegram
    const ref = await chat.send(teamPlace, { ...textView('one'), picture })
    expect(await chat.edit(ref, { blocks: [{ kind: 'code', text: 'line\n'.repeat(900) }], picture })).toBe('edited')
    expect(shown().at(-1)?.text).toMatch(/… and \d+ more lines$/)
  })

  test('that was sent as text changes its text', async () => {
    const { chat, teamPlace } = telegram
    const ref = await chat.send(teamPlace, textView('one'))
    expect(await chat.edit(ref, { ...textView('two'), picture })).toBe('edited')
    expect(shown().at(-1)?.text).toBe('two')
  })

  test('that is gone is gone', async () => {
    const { world, team, chat, teamPlace } = telegram
    const ref = await chat.send(teamPlace, { ...textView('one'), picture })
    world.deleteMessage({ chatId: team.id, messageId: Number(ref.messageId) })
    expect(await chat.edit(ref, { ...textView('two'), picture })).toBe('gone')
  })
})
