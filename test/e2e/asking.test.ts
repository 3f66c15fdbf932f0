// Asking about jobs through the real bot: in the group, in private, and as a stranger.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { folderNameOf } from '../../core/store/fileName.ts'
import { buttonsOf, createBuyer } from './buyer.ts'
import { openStage, type Stage } from './stage.ts'

describe('asking about a job', () => {
  let stage: Stage
  let ref: string
  /** Until the bot says this after the command; the job's own message may change meanwhile. */
  const answers = (command: string, where: 'team' | 'memberChat', expected: RegExp) => {
    const { story, world } = stage
    const chat = story.cast[where]
    const after = story.seen(chat)
    world.telegram.command(story.cast.member, chat, command)
    return story.see(chat, ({ text }) => expected.test(text), after)
  }

  beforeAll(async () => {
    stage = await openStage({ seed: 'asking' })
    await stage.startNecto()
    const { story } = stage
    await story.meetTheBot()
    const runner = await story.makeRunnerKey()
    await story.sell({ gpu: 'h100-80gb-sxm', count: 1, usdPerGpuHour: '2.40', name: 'Berlin Rack' }, runner)
    await story.sell({ gpu: 'h100-80gb-sxm', count: 1, usdPerGpuHour: '2.55', name: 'Spare Rack' }, runner)
    const job = await story.ask('h100 x1 1h max 3 run echo hello')
    ref = job.ref
    await story.order(job)
  })
  afterAll(() => stage.close())

  test('AGENT-05: why this one, and why not the others, in the group', async () => {
    await answers(`why ${ref}`, 'team', /^Why, for [\s\S]*Recommended: Berlin Rack[\s\S]*Spare Rack[\s\S]*dearer/)
    await answers(`whynot ${ref} Spare Rack`, 'team', /it fits, ranked 2 of 2; lost by: \$0\.15 dearer/)
    await answers(`whynot ${ref} akash`, 'team', /^Why not Akash[\s\S]*akash:[\s\S]*(cannot be booked|the limit is)/)
    await answers(`whynot ${ref} akahs`, 'team', /Did you mean akash\?/)
  })

  test('BUYER-04: the bytes that /verify links to are the record', async () => {
    const root = (await stage.jobOf(ref))?.record?.root ?? '?'
    await answers(`verify ${ref}`, 'team', new RegExp(`^Verify [\\s\\S]*${root}`))
    const bytes = await (await fetch(`${stage.world.env.PUBLIC_URL}/record/${root}`)).text()
    expect(JSON.parse(bytes)).toMatchObject({ schema: 'necto.decision/1', ref })
  })

  test('a job again by its reference, and in the lists of the group and of who asked', async () => {
    for (const where of ['team', 'memberChat'] as const) {
      const again = new RegExp(`^Job ${ref}[\\s\\S]*Waiting for payment[\\s\\S]*its first message goes on`)
      await answers(`job ${ref.toLowerCase()}`, where, again)
      await answers('jobs', where, new RegExp(`${ref} waiting for payment · h100-80gb-sxm ×1 · Berlin Rack`))
    }
  })

  test('BUYER-01: the form by buttons and texts, in one message, up to the prices', async () => {
    const { telegram } = stage.world
    const buyer = createBuyer(stage, { id: 990_002, firstName: 'Fay' })
    const stranger = createBuyer(stage, { id: 990_003, firstName: 'Mallory' })
    telegram.startBot(buyer.user)
    await buyer.see((entry) => entry.text.includes('Necto'))
    const shows = (text: string | RegExp) => buyer.see(({ text: shown }) => new RegExp(text).test(shown))
    const press = (message: Awaited<ReturnType<typeof shows>>, label: string, who = buyer.user) => {
      const button = buttonsOf(message).find((one) => one.replace(/^[✓●○→] /, '').startsWith(label))
      return telegram.press(who, message, button ?? label)
    }
    const opened = await buyer.tell('job')
    expect(opened.text).toMatch(/^New job[\s\S]*Tracked or Untracked/)
    await press(opened, 'Next')
    const gpus = await shows('Which GPU')
    await Promise.all([press(gpus, 'H100'), press(gpus, 'H100')])
    await press(await shows('How many'), '1')
    await shows('How long')
    telegram.say(buyer.user, buyer.chat, 'one hour')
    await shows(/How long[\s\S]*What you wrote is kept[\s\S]*one/)
    telegram.say(buyer.user, buyer.chat, '1h')
    await press(await shows('Any limits'), '≤ $3')
    await press(await shows(/Any limits[\s\S]*max 3/), 'Next')
    await shows('What is to run')
    telegram.say(buyer.user, buyer.chat, 'echo from the form')
    await press(await shows(/Command: echo/), 'Next')
    const review = await shows(/\/job h100 x1 1h max 3.00 untracked run echo from the form/)
    expect(review.messageId).toBe(opened.messageId)
    await press(review, 'Find the cheapest')
    const card = await shows(/^Job [\s\S]*Recommended: (Berlin|Spare) Rack/)
    expect(buttonsOf(card).some((label) => label.startsWith('Pay up to'))).toBe(true)
    expect(telegram.messages(buyer.chat).some(({ text }) => text.startsWith('New job'))).toBe(false)
    expect((await press(review, 'Cancel', stranger.user).catch(() => ({ text: 'no such message' }))).text).not.toMatch(
      /Closed/,
    )
    expect(await stage.stored(folderNameOf('formDrafts'))).not.toContain('990002')
  })

  test('a stranger hears of this job what everybody hears of none', async () => {
    const stranger = createBuyer(stage, { id: 990_001, firstName: 'Mallory' })
    stage.world.telegram.startBot(stranger.user)
    await stranger.see((entry) => entry.text.includes('Necto'))
    for (const [command, more] of [
      ['job', ''],
      ['why', ''],
      ['whynot', ' akash'],
      ['verify', ''],
    ]) {
      const ofThis = (await stranger.tell(`${command} ${ref}${more}`)).text.replaceAll(ref, 'REF')
      const ofNone = (await stranger.tell(`${command} ZZZZ-ZZZZ${more}`)).text.replaceAll('ZZZZ-ZZZZ', 'REF')
      expect(ofThis).toBe(ofNone)
      expect(ofThis).toContain('There is no job')
    }
  })
})
