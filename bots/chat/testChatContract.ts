// What every chat adapter must do, over its platform's stand-in and the real inbox, live messages and buttons.
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import { isActionToken, REFUSAL_TEXTS } from './actions.ts'
import type { Inbound, MessageRef } from './inbound.ts'
import { safeName } from './safeText.ts'
import { type ContractBed, type ContractMessage, type ContractWorld, createChatBed } from './testChatBed.ts'
import { hostileCard, hostileText } from './testHostileText.ts'
import { textView } from './view.ts'

const STALE = 'This button is no longer in use. Send the command again.'

/** What a platform may be without; then there is nothing to test, and why is said. */
export type Trait = 'rate limits' | 'other people' | 'forged presses' | 'deleted messages' | 'removal of the bot'

/** Runs the contract against one platform. `cannot`: what it does not have, and why. */
export function describeChat(
  name: string,
  openWorld: () => Promise<ContractWorld>,
  cannot: Readonly<Partial<Record<Trait, string>>> = {},
): void {
  /** A rule about something that not every platform has. */
  function ruleOf(trait: Trait, rule: string, check: () => Promise<void>): void {
    const why = cannot[trait]
    test.runIf(why === undefined)(why === undefined ? rule : `${rule} (no ${trait}: ${why})`, check)
  }

  describe(`${name} as a chat`, () => {
    let bed: ContractBed
    beforeEach(async () => {
      bed = await createChatBed(openWorld)
    })
    afterEach(() => bed.close())

    const replies = (text: string) =>
      bed.on(async ({ place, message }) => void (await bed.live.post(place, textView(text), { replyTo: message })))

    /** A message with one button that only Ann may press, and what the press says. */
    async function withButton(place = bed.world.teamPlace) {
      let acted = 0
      bed.on(async (event) => {
        if (event.kind !== 'action') return
        const taken = await bed.actions.take(event)
        if (taken.ok) acted++
        await bed.chat.notice(event, taken.ok ? 'Cancelled.' : REFUSAL_TEXTS[taken.why])
      })
      const { platform } = place
      const token = await bed.actions.issue({
        action: 'job.cancel',
        subject: 'K7QF-3M2P',
        data: {},
        allowed: { kind: 'user', platform, userId: bed.world.annId },
        place,
        expiresAtMs: systemClock.now() + 60_000,
      })
      const buttons = [[{ label: 'Cancel', token }]]
      const ref = await bed.chat.send(bed.world.teamPlace, { blocks: textView('A job').blocks, buttons })
      return { token, ref, acted: () => acted }
    }

    test('a command comes once, with its words, and the answer stands below it', async () => {
      replies('Scanning')
      bed.world.asks('ann', 'h100 x1 4h')
      expect(await bed.world.sees('Scanning')).toMatchObject({ isAnswer: true })
      expect(bed.received).toMatchObject([
        { kind: 'command', name: 'ask', text: 'h100 x1 4h', principal: { userId: bed.world.annId, kind: 'user' } },
      ])
      expect(bed.received[0]?.place).toEqual(bed.world.teamPlace)
    })

    test('AGENT-03: a job is one message; through a rate limit its last state still arrives, and nothing old is shown', async () => {
      let ref: MessageRef | undefined
      bed.on(async ({ place, message }) => {
        ref = await bed.live.open(place, textView('Scanning…'), { replyTo: message })
        bed.world.limitNext('edit', 0.5)
        for (let i = 1; i <= 50; i++) bed.live.update(ref, textView(`step ${i}`))
        await bed.live.finish(ref, textView('Akash wins'))
      })
      bed.world.asks('ann', 'h100')
      const { messageId } = await bed.world.sees('Akash wins')
      expect(messageId).toBe(ref?.messageId)
      expect(bed.world.states(messageId).filter((text) => text !== '')).toEqual(['Scanning…', 'Akash wins'])
      expect(bed.world.messages().filter(({ text }) => text === 'Akash wins')).toHaveLength(1)
    })

    ruleOf('rate limits', 'a rate limit says for how many seconds', async () => {
      const ref = await bed.chat.send(bed.world.teamPlace, textView('one'))
      bed.world.limitNext('edit', 126)
      const error = await bed.chat.edit(ref, textView('two')).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'chat.busy', retry: 'later' })
      expect(Math.floor(Number(error instanceof NectoError && error.details))).toBe(126)
      expect(await bed.chat.edit(ref, textView('two'))).toBe('edited')
      expect(bed.world.states(ref.messageId)).toEqual(['one', 'two'])
    })

    ruleOf('other people', 'a button is its person’s alone', async () => {
      const { token, ref, acted } = await withButton()
      expect(await bed.world.press('bob', ref, token)).toBe(REFUSAL_TEXTS['not-yours'])
      expect(acted()).toBe(0)
      expect(await bed.world.press('ann', ref, token)).toBe('Cancelled.')
    })

    test('a button works once, however often it is pressed', async () => {
      const { token, ref, acted } = await withButton()
      const told = [await bed.world.press('ann', ref, token), await bed.world.press('ann', ref, token)]
      expect(told).toEqual(['Cancelled.', REFUSAL_TEXTS.used])
      expect(acted()).toBe(1)
      expect(bed.world.messages().map(({ text }) => text)).toEqual(['A job'])
    })

    ruleOf(
      'forged presses',
      'a forged press, one of another chat and one out of use do nothing, and only who pressed is told',
      async () => {
        const { ref, token, acted } = await withButton(bed.world.otherPlace)
        expect(await bed.world.press('ann', ref, token)).toBe(REFUSAL_TEXTS.elsewhere)
        expect(await bed.world.press('ann', ref, `a1:${'A'.repeat(22)}`)).toBe(REFUSAL_TEXTS.unknown)
        expect(await bed.world.press('ann', ref, 'old:button')).toBe(STALE)
        expect(acted()).toBe(0)
        expect(bed.world.messages().map(({ text }) => text)).toEqual(['A job'])
      },
    )

    test('MODE-02: an event that comes again is not handled again, and its document names nobody', async () => {
      let handled = 0
      bed.on(async ({ place, message }) => {
        handled++
        await bed.live.post(place, textView(`answer ${handled}`), { replyTo: message })
      })
      bed.world.asks('ann', 'first')
      await bed.world.sees('answer 1')
      bed.world.redeliver()
      bed.world.asks('ann', 'second')
      await bed.world.sees('answer 2')
      await bed.restart()
      expect(handled).toBe(2)
      expect(new Set(bed.received.map(({ key }) => key)).size).toBe(2)
      for (const { value } of await bed.events.list()) expect(Object.keys(value)).toEqual(['handledAtMs'])
    })

    test('a handler that breaks tells the person where they asked, with a reference', async () => {
      bed.on(async () => {
        throw new TypeError('broken')
      })
      bed.world.asks('ann', 'h100')
      const told = await bed.world.sees(/^Something broke on our side\. \(reference \S+\)$/)
      expect(told.isAnswer).toBe(true)
      replies('better now')
      bed.world.asks('ann', 'h100')
      await bed.world.sees('better now')
    })

    ruleOf(
      'deleted messages',
      'a message that somebody deleted is gone; what it must still say is posted anew',
      async () => {
        const ref = await bed.live.open(bed.world.teamPlace, textView('Scanning…'))
        await bed.world.deleteMessage(ref)
        expect(await bed.chat.edit(ref, textView('x'))).toBe('gone')
        const shown = await bed.live.finish(ref, textView('Akash wins'))
        expect((await bed.world.sees('Akash wins')).messageId).toBe(shown.messageId)
      },
    )

    const never = { code: 'chat.unreachable', retry: 'never' }
    test('who cannot be written to is unreachable for good', async () => {
      await expect(bed.chat.send(bed.world.unreachable, textView('hi'))).rejects.toMatchObject(never)
    })

    ruleOf('removal of the bot', 'where the bot was removed nobody is reached any more', async () => {
      const ref = await bed.chat.send(bed.world.teamPlace, textView('one'))
      bed.world.removeBot()
      await expect(bed.chat.send(bed.world.teamPlace, textView('hi'))).rejects.toMatchObject(never)
      expect(await bed.chat.edit(ref, textView('two'))).toBe('gone')
    })

    test('after a restart in the middle of a job the same message goes on', async () => {
      let ref: MessageRef | undefined
      bed.on(async ({ place, message }) => {
        ref = await bed.live.open(place, textView('Scanning…'), { replyTo: message })
      })
      bed.world.asks('ann', 'h100')
      const { messageId } = await bed.world.sees('Scanning…')
      await bed.restart()
      if (ref) await bed.live.finish(ref, textView('Akash wins'))
      expect((await bed.world.sees('Akash wins')).messageId).toBe(messageId)
    })

    test('a stop loses no command: what it cuts off is done after the start, once', async () => {
      const cutOff = Promise.withResolvers<void>()
      bed.on(async (_, signal) => {
        cutOff.resolve()
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      })
      bed.world.asks('ann', 'h100')
      await cutOff.promise
      replies('done after all')
      // The handler under way keeps waiting; the next attempt finds the new one.
      await bed.restart({ graceMs: 1 })
      await bed.world.sees('done after all')
      bed.world.asks('bob', 'h100')
      await expect.poll(() => bed.world.messages().filter(({ text }) => text === 'done after all').length).toBe(2)
    })

    test('only listed origins become links or buttons', async () => {
      const evil = 'https://evil.example/pay'
      const ref = await bed.chat.send(bed.world.teamPlace, {
        blocks: [
          {
            kind: 'text',
            spans: ['see ', { text: 'this', href: evil }, ' and ', { text: 'ours', href: 'https://necto.example/pay' }],
          },
          { kind: 'text', spans: [`or ${evil} or http://1.2.3.4/x`] },
        ],
        buttons: [
          [
            { label: 'Pay', url: evil },
            { label: 'Pay', url: 'https://necto.example@evil.example/pay' },
            { label: 'Pay', url: 'https://necto.example/pay' },
          ],
        ],
      })
      const message = bed.world.message(ref.messageId)
      expect(message.buttons).toEqual([['https://necto.example/pay']])
      expect(message.structure).toEqual(['link https://necto.example/pay'])
      expect(message.text).toContain('see this and ours')
    })

    test('words in private are told to that person alone, also after the button was answered', async () => {
      const { ref, token } = await withButton()
      bed.on(async (event: Inbound) => bed.chat.notice(event, 'Only you read this.'))
      expect(await bed.world.press('ann', ref, token)).toBe('Only you read this.')
      expect(bed.world.messages().some(({ text }) => text.includes('Only you'))).toBe(false)
    })
  })

  describe(`whispers on ${name}`, () => {
    const NO_WAY = 'We have no private chat yet.'
    let bed: ContractBed
    let went: string[]
    beforeEach(async () => {
      bed = await createChatBed(openWorld)
      went = []
    })
    afterEach(() => bed.close())

    /** Ann presses a button of the team's; `as`: whose press it is made out to be. Answers what she alone is told. */
    async function whispersToAnn(as?: { callbackId: string; userId: string }): Promise<string> {
      const token = `a1:${'W'.repeat(22)}`
      bed.on(async (event) => {
        if (event.kind !== 'action') return
        const { principal } = event
        const to = as ? { ...event, callbackId: as.callbackId, principal: { ...principal, userId: as.userId } } : event
        const where = await bed.chat.whisper(to, textView('For one alone.')).catch((error: unknown) => {
          if (!(error instanceof NectoError)) throw error
          return `${error.code} ${error.retry}`
        })
        went.push(where)
        await bed.chat.notice(event, where.startsWith('chat.') ? NO_WAY : '')
      })
      const view = { blocks: textView('A job').blocks, buttons: [[{ label: 'Secrets', token }]] }
      const told = await bed.world.press('ann', await bed.chat.send(bed.world.teamPlace, view), token)
      await expect.poll(() => went.length).toBe(1)
      return told
    }
    const finds = (who: 'ann' | 'bob', where: 'team' | 'private') =>
      bed.world.reads(who, where).filter((text) => text.includes('For one alone.')).length

    test('are read by who pressed and by nobody else, once, where it says', async () => {
      bed.world.letsWrite()
      await whispersToAnn()
      expect(went).toEqual([finds('ann', 'team') > 0 ? 'here' : 'in private'])
      expect(finds('ann', went[0] === 'here' ? 'team' : 'private')).toBe(1)
      expect([finds('bob', 'team'), finds('bob', 'private')]).toEqual([0, 0])
      expect(bed.world.messages().map(({ text }) => text)).toEqual(['A job'])
    })

    // A press from before a restart can be answered in private alone, on every platform.
    ruleOf('other people', 'where there is no private way it is said, and nobody reads them', async () => {
      const userId = bed.world.unreachable.chatId
      expect(await whispersToAnn({ callbackId: '1', userId })).toBe(NO_WAY)
      expect(went).toEqual(['chat.unreachable never'])
      for (const where of ['team', 'private'] as const)
        expect([finds('ann', where), finds('bob', where)]).toEqual([0, 0])
      expect(bed.world.messages().map(({ text }) => text)).toEqual(['A job'])
    })
  })

  describe(`names on ${name}`, () => {
    let world: ContractWorld
    let chat: Awaited<ReturnType<ContractWorld['connect']>>
    beforeAll(async () => {
      world = await openWorld()
      chat = await world.connect(async () => {})
    })
    afterAll(async () => {
      await chat.stop()
      await world.stop()
    })

    /** Waits like the product where the platform's own pace for all chats is met. */
    async function show(view: ReturnType<typeof hostileCard>): Promise<ContractMessage> {
      try {
        return world.message((await chat.send(world.teamPlace, view)).messageId)
      } catch (error) {
        if (!(error instanceof NectoError) || error.code !== 'chat.busy') throw error
        await systemClock.sleep(Number(error.details) * 1000)
        return show(view)
      }
    }

    test.each([
      ['cleaned by the view', safeName],
      ['raw', (text: string) => text],
    ])('never change the structure, never ping, never hide a button: %s (150 cards)', async (_, clean) => {
      const plain = await show(hostileCard('bob'))
      expect(plain.structure).toContain('link https://necto.example/s')
      const kinds = new Set(plain.structure)
      await fc.assert(
        fc.asyncProperty(hostileText, async (text) => {
          const message = await show(hostileCard(clean(text)))
          // A raw name may be blank or of many lines; a cleaned one leaves every style where it was.
          if (clean === safeName) expect(message.structure).toEqual(plain.structure)
          for (const kind of message.structure) expect(kinds).toContain(kind)
          expect(message.buttons.flat().filter((data) => !isActionToken(data))).toEqual(['https://necto.example/pay/1'])
          expect(message.buttons).toEqual(plain.buttons)
          expect(message.text).not.toMatch(/\p{Bidi_Control}|\u200D|\u2060/u)
        }),
        { numRuns: 150 },
      )
    })
  })
}
