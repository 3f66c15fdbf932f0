// Bad input, end to end: whatever is typed or pressed wrongly is refused with its reason, and nothing is started.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { accounts } from '../world/startWorld.ts'
import { type Buyer, buttonsOf, createBuyer, dataOf } from './buyer.ts'
import { openStage, type Stage } from './stage.ts'

const PLANTED_SECRET = `hf_${'aQ3xZ9bT7wLm2Kd8'}${'Rv5NcYp1Gs4HjU6e'}ab`
const PLANTED_KEY = `0x${'5e'.repeat(31)}a7`
const RUNNABLE = 'h100 x1 4h max 3 run sh -c "sleep 1; echo done"'

let stage: Stage
let people = 7000
const newBuyer = (firstName: string) => createBuyer(stage, { id: people++, firstName })

beforeAll(async () => {
  stage = await openStage({ seed: 'bad-input' })
  await stage.startNecto()
  await stage.openShop()
})
afterAll(() => stage.close())

describe('what is typed', () => {
  test('a command that cannot be read: what was understood, what not, and an example that works', async () => {
    const buyer = newBuyer('Ugo')
    const shown = await buyer.tell('job h100 x1 4h max 3 blorp run echo hi')
    expect(shown.text).toContain('Nothing was started and no money moved')
    expect(shown.text).toContain('Understood: h100, x1, 4h, max 3')
    expect(shown.text).toContain('blorp: Not understood')
    const example = /For example: \/(job .+)$/m.exec(shown.text)?.[1] ?? ''
    expect(example).toContain('h100')
    const worked = await buyer.ask(example.replace(/^job /, ''))
    // Without "run" prices are compared, and the cheapest need not be one that can be booked.
    expect(worked.entry.text).toMatch(/^(?:Cheapest|Recommended): /m)
  })

  test('no arguments at all opens the form; too few: what is missing, and an example', async () => {
    const buyer = newBuyer('Noa')
    expect((await buyer.tell('job')).text).toContain('Tracked or Untracked')
    const shown = await buyer.tell('job run echo hi')
    expect(shown.text).toContain('Which GPU?')
    expect(shown.text).toContain('How long may it run at most?')
    expect(shown.text).toMatch(/For example: \/job h100 .*4h/)
  })

  test('an unknown GPU: named, with the nearest one there is', async () => {
    const shown = await newBuyer('Gil').tell('job h10 x1 4h run echo hi')
    expect(shown.text).toMatch(/h10: Not understood\..* Did you mean h100/)
    expect(shown.text).toContain('Nothing was started')
  })

  test('an unknown command: the nearest one', async () => {
    expect((await newBuyer('Kai').tell('jbo h100')).text).toContain('Did you mean /job?')
  })

  test('nothing can fit: the histogram of reasons, what would help, and no money asked for', async () => {
    const { ref, entry } = await newBuyer('Ivo').ask('h100 x1 4h max 0.01 run echo hi')
    expect(entry.text).toContain('Nothing that fits can be booked. No money was asked for.')
    expect(entry.text).toMatch(/Rejected: \d+ × /)
    expect(entry.text).toContain('over the price limit')
    expect(entry.text).toMatch(/What would help: 1 fits at \$2\.40 per GPU-hour with a higher limit/)
    expect(buttonsOf(entry).filter((text) => text.startsWith('Pay'))).toEqual([])
    expect(await stage.eventsOf(ref)).toEqual([])
  })

  test('without "run" there are prices only, and nothing to pay', async () => {
    const { entry } = await newBuyer('Pia').ask('h100 x1 4h max 3')
    expect(entry.text).toContain('prices only')
    expect(entry.text).toMatch(/^(?:Cheapest|Recommended): /m)
    expect(entry.text).toMatch(/Berlin Rack +\$2\.40 +(?:fits|chosen)/)
    expect(buttonsOf(entry).filter((text) => text.startsWith('Pay'))).toEqual([])
  })

  test('an image job is not offered the seller who runs plain processes only, and says so', async () => {
    const { entry } = await newBuyer('Ima').ask('h100 x1 4h max 3 image ubuntu run echo hi')
    expect(entry.text).toContain('Nothing that fits can be booked')
    expect(entry.text).toMatch(/Berlin Rack\s+\$2\.40\s+no images/)
    expect(entry.text).toContain('cannot run this kind of job')
    expect(buttonsOf(entry).filter((text) => text.startsWith('Pay'))).toEqual([])
  })

  test('a secret is refused, not stored, and deleted where the platform lets us', async () => {
    const { telegram } = stage.world
    const buyer = newBuyer('Sec')
    const inPrivate = await buyer.tell(`job h100 x1 4h max 3 run env HF_TOKEN=${PLANTED_SECRET} python train.py`)
    expect(inPrivate.text).toContain('This looks like a key or a token. Nothing was stored and nothing was started')
    expect(inPrivate.text).toContain('I deleted your message.')
    expect(telegram.messages(buyer.chat).filter(({ text }) => text.includes(PLANTED_SECRET))).toEqual([])
    expect((await buyer.tell(`sell h100 x2 in Berlin at 2 wallet ${PLANTED_KEY}`)).text).toContain('This looks like')
    // Plain words, without any command.
    const after = buyer.seen()
    telegram.say(buyer.user, buyer.chat, `my key is ${PLANTED_KEY}`)
    await buyer.see((entry) => entry.text.includes('This looks like'), { after })

    const { team, creator } = stage.story.cast
    telegram.join(team, buyer.user)
    const inGroup = await buyer.tell(`job h100 x1 4h run env HF_TOKEN=${PLANTED_SECRET} python train.py`, team)
    expect(inGroup.text).toContain('Delete your message: I may not.')
    telegram.setAdmin(team, { by: creator })
    const asAdmin = await buyer.tell(`job h100 x1 4h run env HF_TOKEN=${PLANTED_SECRET} ls`, team)
    expect(asAdmin.text).toContain('I deleted your message.')
    expect(await stage.stored()).not.toContain(PLANTED_SECRET)
  })
})

describe('sellers and operators', () => {
  let listing: string
  let approval: Awaited<ReturnType<Buyer['see']>>

  test('/sell names every fault at once, with what was understood', async () => {
    const shown = await newBuyer('Rod').tell('sell h100-80gb x99 in Atlantis at free wallet 0x12 runner me runs magic')
    for (const text of [
      'Not listed yet',
      'Understood: GPU h100-80gb',
      'Say x1 to x64',
      '"Atlantis" is no place we know',
      'What does one GPU cost',
      'Who is paid?',
      'Which runner serves it?',
      'How does it run jobs?',
    ])
      expect(shown.text).toContain(text)
  })

  test('/sell in a group goes to the private chat', async () => {
    const { cast } = stage.story
    const buyer = newBuyer('Gro')
    stage.world.telegram.join(cast.team, buyer.user)
    const shown = await buyer.tell('sell h100 x2 in Berlin at 2', cast.team)
    expect(shown.text).toContain('Selling is a private matter')
    expect(buttonsOf(shown)).toContain('Open the private chat')
  })

  test('only an operator approves; a listing that was rejected stays off', async () => {
    const { telegram } = stage.world
    const { cast } = stage.story
    const seller = newBuyer('Sly')
    const stranger = newBuyer('Stu')
    const before = telegram.transcript(cast.adminChat).length
    const { address } = accounts.stranger
    const sent = await seller.tell(`sell rtx4090 x1 in Paris at 0.40 wallet ${address} runner ${address} as "Sly Rack"`)
    listing = /S-[0-9A-Z-]{9}/.exec(sent.text)?.[0] ?? ''
    expect(sent.text).toContain('[waiting for your wallet]')
    // Nobody is asked about money for an address that was only typed.
    expect((await seller.tell(`capacity available ${listing}`)).text).toContain('[waiting for your wallet]')
    expect(telegram.transcript(cast.adminChat).length).toBe(before)
    expect(await stage.story.linkPayout(sent, accounts.payer)).toMatchObject({ code: 'wrong-account' })
    expect(await stage.story.linkPayout(sent, accounts.stranger)).toMatchObject({ outcome: 'linked' })
    expect(await stage.story.linkPayout(sent, accounts.stranger)).toMatchObject({ code: 'used' })
    await seller.see((entry) => entry.text.includes('Your payout wallet is linked'))
    approval = await stage.story.see(cast.adminChat, (entry) => buttonsOf(entry).includes('Approve'), before)

    const own = await stranger.tell('help')
    const approve = dataOf(approval, 'Approve')
    expect(await telegram.pressForged(stranger.user, own, approve)).toMatchObject({
      text: 'This button belongs to another chat.',
    })
    expect(await telegram.pressForged(seller.user, sent, approve)).toMatchObject({
      text: 'This button belongs to another chat.',
    })
    expect(await telegram.pressForged(stranger.user, own, `a1:${'A'.repeat(22)}`)).toMatchObject({
      text: 'This button is no longer in use. Send the command again.',
    })
    expect((await seller.tell(`capacity available ${listing}`)).text).toContain('[waiting for approval]')

    expect(await telegram.press(cast.admin, approval, 'Reject')).toMatchObject({ text: 'Sly Rack is rejected.' })
    await seller.see((entry) => entry.text.includes('Sly Rack [rejected]'))
    expect(await telegram.press(cast.admin, approval, 'Approve')).toMatchObject({ text: 'It was decided already.' })
    expect((await seller.tell(`capacity available ${listing}`)).text).toContain('[rejected]')
  })

  test('/capacity of somebody else’s listing changes nothing', async () => {
    const { cast } = stage.story
    const rack = /S-[0-9A-Z-]{9}/.exec(stage.world.telegram.messages(cast.sellerChat).at(-1)?.text ?? '')?.[0]
    expect(rack).toMatch(/^S-/)
    expect((await newBuyer('Cap').tell(`capacity offline ${rack}`)).text).toContain('You have listed nothing yet')
    const other = newBuyer('Oth')
    const { address } = accounts.stranger
    await other.tell(`sell rtx4090 x1 in Paris at 0.40 wallet ${address} runner ${address} as "Other Rack"`)
    expect((await other.tell(`capacity offline ${rack}`)).text).toContain(`You have no listing ${rack}`)
    const after = stage.world.telegram.transcript(cast.sellerChat).length
    stage.world.telegram.command(cast.seller, cast.sellerChat, 'capacity')
    await stage.story.see(cast.sellerChat, (entry) => entry.text.includes('Berlin Rack [● LIVE]'), after)
  })
})

describe('what is pressed', () => {
  test('a button is its asker’s alone, in its chat alone, once', async () => {
    const { telegram } = stage.world
    const { cast, ...story } = stage.story
    const job = await story.ask(RUNNABLE)
    const message = stage.story.jobMessage(job.chat, job.ref) ?? expect.unreachable('no message')
    const pay = buttonsOf(message).find((text) => text.startsWith('Pay up to')) ?? ''
    const data = dataOf(message, 'Pay up to')

    expect(await telegram.press(cast.creator, message, pay)).toMatchObject({
      text: 'This button is not yours to press.',
    })
    const stranger = newBuyer('Far')
    expect(await telegram.pressForged(stranger.user, await stranger.tell('help'), data)).toMatchObject({
      text: 'This button belongs to another chat.',
    })
    expect((await stage.jobOf(job.ref))?.state).toBe('offered')

    const [first, second] = await Promise.all([
      telegram.pressForged(cast.member, message, data),
      telegram.pressForged(cast.member, message, data),
    ])
    expect([first.text, second.text].sort()).toEqual(['Sealed. Open the payment page.', 'This was handled already.'])
    // What else the message showed before is too late now.
    expect(await telegram.pressForged(cast.member, message, dataOf(message, 'Tracked'))).toMatchObject({
      text: expect.stringContaining('Too late'),
    })
    expect(await stage.eventsOf(job.ref)).toEqual([])
  })
})

describe('who may only read', () => {
  beforeAll(async () => {
    await expect(stage.stopNecto()).resolves.toBe(0)
    // Roles come with the team commands; until then an operator writes them down.
    const folder = path.join(stage.dataDir, 'teams')
    for (const name of await readdir(folder)) {
      const file = path.join(folder, name)
      const document = z
        .looseObject({ value: z.looseObject({ roles: z.record(z.string(), z.string()) }) })
        .parse(JSON.parse(await readFile(file, 'utf8')))
      document.value.roles[`telegram:${stage.story.cast.creator.id}`] = 'viewer'
      await writeFile(file, JSON.stringify(document))
    }
    await stage.startNecto()
  })

  test('a viewer may read, not submit', async () => {
    const { creator, team } = stage.story.cast
    const after = stage.world.telegram.transcript(team).length
    stage.world.telegram.command(creator, team, `job ${RUNNABLE}`)
    const shown = await stage.story.see(team, (entry) => entry.text.startsWith('You may read in'), after)
    expect(shown.text).toContain('Nothing was started and no money moved')
  })
})

test('no secret, no token in any output or file, and no money moved', async () => {
  const everything = `${stage.printed()}\n${await stage.stored()}`
  for (const secret of [PLANTED_SECRET, PLANTED_KEY, PLANTED_KEY.slice(2), stage.world.telegram.token])
    expect(everything.includes(secret)).toBe(false)
  expect(await stage.events()).toEqual([])
})
