// What a member may still choose on the card: another offer, and the mode, which moves the job to a private chat.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordSchema } from '../../core/record/record.ts'
import { runProcess } from '../world/childProcess.ts'
import { openStage, type Stage } from './stage.ts'

const ASK = 'h100 x1 1h max 3 run echo hello'

describe('choices on the card', () => {
  let stage: Stage
  let ref: string

  beforeAll(async () => {
    stage = await openStage({ seed: 'choices' })
    await stage.startNecto()
    const { story } = stage
    await story.meetTheBot()
    const runner = await story.makeRunnerKey()
    await story.sell({ gpu: 'h100-80gb-sxm', count: 1, usdPerGpuHour: '2.40', name: 'Berlin Rack' }, runner)
    await story.sell({ gpu: 'h100-80gb-sxm', count: 1, usdPerGpuHour: '2.55', name: 'Spare Rack' }, runner)
  })
  afterAll(() => stage.close())

  test('BUYER-02: a quote in a terminal shows all six, the live sellers among them', async () => {
    const { code, output } = await runProcess({
      args: ['bots/terminal/main.ts', 'quote', 'h100 x1 1h'],
      env: stage.world.env,
    })
    expect(code).toBe(0)
    for (const name of ['Akash', 'io.net', 'AWS Spot', 'Render', 'Nosana', 'Necto sellers']) {
      expect(output).toMatch(new RegExp(`^Scanning ${name}… ✓ \\d+ offers?, `, 'm'))
      expect(output).toMatch(new RegExp(`^${name} +h100\\S+ +\\$[\\d.]+ `, 'm'))
    }
    expect(output).toMatch(/^Necto sellers +h100-80gb-sxm +\$2\.40 /m)
  })

  test('an ask without a command is told in whole, with prices that cannot be booked and nothing to pay', async () => {
    const { entry } = await stage.story.ask('a100 x1 2h')
    expect(entry.text).toMatch(/Cheapest: .*A price to compare, not to book here/s)
    expect(entry.buttons.flat().some(({ text }) => text.startsWith('Pay'))).toBe(false)
  })

  test('AGENT-05: the alternative says what it lost by', async () => {
    const job = await stage.story.ask(ASK)
    ref = job.ref
    expect(job.entry.text).toContain('Recommended: Berlin Rack')
    expect(job.entry.text).toMatch(/Spare Rack · Berlin, \$2\.55: \$0\.15 dearer \(6\.3 %\)/)
  })

  test('MODE-01: switched to Untracked in a group, the job goes on in private and leaves the group', async () => {
    const { story, world } = stage
    const { cast } = story
    const shown = story.jobMessage(cast.team, ref) ?? expect.unreachable('no message in the group')
    await world.telegram.press(cast.member, shown, 'Tracked ▸ switch to Untracked')
    // Shown at once, then with its buttons.
    const isMoved = (one: { text: string }) => one.text.startsWith(`Job ${ref}`) && one.text.includes('Mode: Untracked')
    await story.see(
      cast.memberChat,
      (one) => isMoved(one) && one.buttons.flat().some(({ text }) => text === 'Untracked ▸ switch to Tracked'),
    )
    await story.see(cast.team, (one) => one.text === 'This job is Untracked now and continues in a private chat.')
    expect(world.telegram.messages(cast.team).at(-1)?.buttons).toEqual([])
  })

  test('another offer is taken instead, sealed as the person’s pick, and priced as shown', async () => {
    const { story, world } = stage
    const { cast } = story
    const shown = story.jobMessage(cast.memberChat, ref) ?? expect.unreachable('no message in private')
    await world.telegram.press(cast.member, shown, 'Spare Rack at $2.55 instead')
    await story.see(
      cast.memberChat,
      (one) =>
        one.text.includes('Your choice: Spare Rack') &&
        one.buttons.flat().some(({ text }) => text === 'Pay up to 2.55 USDC'),
    )
    await story.order({ ref, chat: cast.memberChat })
    await story.see(
      cast.memberChat,
      (one) => one.text.startsWith(`Job ${ref}`) && one.text.includes('✓ Decision on 0G'),
    )
    const root = (await stage.jobOf(ref))?.record?.root ?? '0x'
    const bytes = await (await fetch(`${world.zeroG.url}/file?root=${root}`)).text()
    const record = recordSchema.parse(JSON.parse(bytes))
    expect(record.pick).toBe(record.selection?.offerId)
    expect(record.ranking[0]).not.toBe(record.pick)
    expect(record.selection).toMatchObject({ usdPerHour: 2_550_000n, totalUsd: 2_550_000n })
    expect(bytes).not.toContain('"user"')
  })

  test('once sealed nothing can be switched: the old buttons are gone from the message', async () => {
    const shown = stage.story.jobMessage(stage.story.cast.memberChat, ref)
    expect(shown?.buttons.flat().map(({ text }) => text)).toEqual(['Open the payment page', 'Add secrets', 'Cancel'])
  })
})
