// The story of the three users, end to end through real processes, in both modes: balances, record, bytes, store, chats.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createPublicClient, type Hex, http, zeroHash } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findFunding } from '../../core/escrow/findFunding.ts'
import { readJob } from '../../core/escrow/jobRecord.ts'
import { depositOf, splitOf } from '../../core/escrow/metering.ts'
import { refKey } from '../../core/escrow/terms.ts'
import { indexStream, readJobIndex } from '../../core/jobs/jobIndex.ts'
import { decryptResult } from '../../core/jobs/resultCipher.ts'
import { providerModules } from '../../core/providers/registry.ts'
import { merkleRoot } from '../../core/record/merkleRoot.ts'
import { type DecisionRecord, recordSchema } from '../../core/record/record.ts'
import { createKvReads } from '../../core/zerog/kvReads.ts'
import { type RunningProcess, startProcess } from '../world/childProcess.ts'
import { startWorld, type World } from '../world/startWorld.ts'
import { createStory, DEMO_COMMAND } from '../world/story.ts'
import { createTelegramChats } from '../world/telegramChats.ts'
import { PATIENT, until } from './stage.ts'

const ASK = `h100 x1 4h max 3 run ${DEMO_COMMAND}`
const SECRET_WORDS = ['step $step', 'result.txt']

const tell = (world: World, dataDir: string) =>
  createStory({ world, chats: createTelegramChats(world.telegram), dataDir })

/** All text of a folder's files, names included. */
async function readAll(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  const texts = await Promise.all(files.map(async (file) => `${file}\n${(await readFile(file)).toString('latin1')}`))
  return texts.join('\n')
}

describe.each([
  { mode: 'tracked', untracked: false, ask: ASK },
  { mode: 'untracked', untracked: true, ask: ASK.replace(' run ', ' untracked run ') },
])('a $mode job', ({ untracked, ask }) => {
  let folder: string
  let world: World
  let story: ReturnType<typeof tell>
  const processes: RunningProcess[] = []
  let job: Awaited<ReturnType<typeof story.ask>>
  let payUrl: string
  let before: Awaited<ReturnType<typeof story.balances>>
  let record: DecisionRecord
  let bytes: Uint8Array

  const dataDir = () => path.join(folder, 'data')
  const client = () => createPublicClient({ transport: http(world.escrow.anvil.url) })
  const funding = async () => {
    const { router, fromBlock } = world.escrow.deployed
    const found = await findFunding({ client: client(), router, fromBlock, by: { ref: job.ref } })
    return found[0] ?? expect.unreachable('the job was never paid')
  }
  const stored = async (root: Hex) => {
    const answer = await fetch(`${world.zeroG.url}/file?root=${root}`)
    return new Uint8Array(await answer.arrayBuffer())
  }
  const shown = () =>
    world.telegram.transcript(job.chat).filter((entry) => entry.fromBot && entry.text.startsWith(`Job ${job.ref}`))

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'necto-e2e-'))
    world = await startWorld({ seed: 'e2e', dataDir: dataDir() })
    story = tell(world, dataDir())
    const necto = startProcess({ args: ['main.ts'], env: { ...world.env, ...PATIENT } })
    processes.push(necto)
    await necto.printed(' ready on ')
    await story.meetTheBot()
    await story.fundWallet(1_000n)
  })

  afterAll(async () => {
    const codes = await Promise.all(processes.map((running) => running.stop()))
    await world.stop()
    await rm(folder, { recursive: true, force: true })
    expect(codes).toEqual(codes.map(() => 0))
  })

  test('ONBOARD-02/08/09: a seller lists, an operator approves, /capacity available shows Live', async () => {
    const runner = await story.makeRunnerKey()
    await story.sell({ gpu: 'h100-80gb-sxm', count: 2, usdPerGpuHour: '2.40', name: 'Berlin Rack' }, runner)
    const runnerProcess = story.startRunner()
    processes.push(runnerProcess)
    await runnerProcess.printed('waits for jobs')
    expect(world.telegram.messages(story.cast.sellerChat).at(-1)?.text).toContain('Berlin Rack [● LIVE]')
  })

  test('AGENT-03..05: one message tells the scan, the recommendation with its arithmetic, and why others lost', async () => {
    job = await story.ask(ask, { untracked })
    const states = shown()
    expect(new Set(states.map((entry) => entry.messageId)).size).toBe(1)
    expect(states[0]?.text).toContain('Scanning Akash')
    const offered = states.at(-1)?.text ?? ''
    for (const text of [
      'Scanning Akash… ✓ ',
      'Scanning AWS Spot… ✓ ',
      'Scanning Necto sellers… ✓ 1 offer',
      'Recommended: Berlin Rack',
      '$2.40 per GPU-hour',
      '$9.60',
      'images only',
    ]) {
      expect(offered).toContain(text)
    }
    expect(offered).toMatch(/Scanning AWS Spot… ✓ \d+ offers, \d+\.\d s/)
    expect(offered).toContain(untracked ? 'Mode: Untracked' : 'Mode: Tracked')
    expect(
      states
        .at(-1)
        ?.buttons.flat()
        .map(({ text }) => text),
    ).toContain('Pay up to 9.60 USDC')
    // The command is a member's own business: it is not repeated anywhere.
    expect(offered).not.toContain('sleep')
  })

  test('CHAIN-01..04: one signature puts 9.60 USDC into escrow, and the message shows it', async () => {
    before = await story.balances()
    payUrl = await story.order(job)
    // A link preview fetches the page; nothing may come of it.
    expect((await fetch(payUrl)).status).toBe(200)
    const payment = await story.pay(payUrl)
    expect(payment).toMatchObject({ outcome: 'in-escrow', pageStatus: 200 })
    expect((await funding()).depositMicroUsd).toBe(9_600_000n)
  })

  test('pay for used time: seller, fee and refund to the micro-dollar, nothing left behind', async () => {
    const ended = await story.ended(job)
    const { id, terms } = await funding()
    const onChain = await readJob({ client: client(), router: world.escrow.deployed.router, id })
    expect(onChain).toMatchObject({
      status: 'settled',
      gpuCount: 1,
      pricePerHour: 2_400_000n,
      startedAtMs: expect.any(Number),
    })
    const used = onChain?.usedSeconds ?? 0
    expect(used).toBeGreaterThanOrEqual(3)
    expect(used).toBeLessThan(60)
    const split = splitOf(terms, used)
    const after = await story.balances()
    expect(after.provider - before.provider).toBe(split.toProviderMicroUsd)
    expect(after.fees - before.fees).toBe(split.feeMicroUsd)
    expect(before.payer - after.payer).toBe(depositOf(terms) - split.refundMicroUsd)
    expect(after.escrow).toBe(before.escrow)
    expect(ended.text).toContain(`Used: ${used} s`)
    expect(ended.text).toMatch(/tx 0x[0-9a-f]{4}…[0-9a-f]{4} · Verify decision/)
  })

  test('CHAIN-05..07, ZERO-01..06: the job record points at bytes on 0G that hold the decision and no secret', async () => {
    const { id, terms } = await funding()
    const onChain = await readJob({ client: client(), router: world.escrow.deployed.router, id })
    bytes = await stored(terms.decisionRoot)
    expect(merkleRoot(bytes)).toBe(onChain?.decisionRoot)
    expect(bytes.length).toBe(terms.decisionLength)
    expect(terms.ref).toBe(refKey(job.ref))
    record = recordSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
    expect(record.offers.length).toBeGreaterThan(3)
    const asked = providerModules.map(({ id: provider }) => `${provider} answered`).sort()
    expect(record.providers.map(({ id: provider, outcome }) => `${provider} ${outcome}`)).toEqual(asked)
    expect(record.selection).toMatchObject({
      gpuCount: 1,
      usdPerHour: 2_400_000n,
      maxSeconds: 14_400,
      payee: terms.provider,
    })
    expect(record.verdicts).toHaveLength(record.offers.length)
    const text = new TextDecoder().decode(bytes)
    for (const secret of [...SECRET_WORDS, 'Mia', 'mia_ml', String(story.cast.member.id), 'Acme'])
      expect(text).not.toContain(secret)
    if (untracked) {
      expect(text).not.toContain('"user"')
      expect(terms).toMatchObject({ tracked: false, memberTag: zeroHash })
      expect(onChain?.memberTag).toBeUndefined()
    } else {
      expect(record.user?.member.tag).toBe(terms.memberTag)
      expect(record.user?.member.pseudonym).toMatch(/^M-/)
      expect(onChain?.memberTag).toBe(terms.memberTag)
    }
  })

  test('every state that the chat showed, in order and never back', () => {
    const marks = [
      'Scanning Akash',
      'Recommended:',
      'Waiting for payment',
      'in escrow',
      'Started on chain',
      'exit code 0',
      'Charged',
    ]
    const texts = shown().map((entry) => entry.text)
    const first = marks.map((mark) => texts.findIndex((text) => text.includes(mark)))
    expect(
      first.every((at) => at >= 0),
      `${marks} first seen at ${first} of:\n${texts.join('\n---\n')}`,
    ).toBe(true)
    expect([...first].sort((a, b) => a - b)).toEqual(first)
  })

  test('OUTPUT-01: the submitter alone reads log and output, by /logs and by the link with the key', async () => {
    const link = await story.resultSeen(job, untracked)
    const url = new URL(link.buttons.flat().find((button) => button.url)?.url ?? '')
    const key = `0x${url.hash.replace('#key=', '')}` as Hex
    const { id } = await funding()
    const open = async (kind: 'log' | 'output') => {
      const cipher = new Uint8Array(await (await fetch(`${url.origin}${url.pathname}/${kind}.enc`)).arrayBuffer())
      expect(Buffer.from(cipher).toString('latin1')).not.toContain('step 1')
      return new TextDecoder().decode(await decryptResult({ key, jobId: id, kind, bytes: cipher }))
    }
    expect(await open('log')).toContain('step 3 of 3')
    expect(await open('output')).toContain('loss 0.042')
    if (!untracked) {
      const log = world.telegram
        .messages(story.cast.memberChat)
        .findLast((message) => message.text.startsWith('Log of'))
      expect(log?.text).toContain('step 3 of 3')
    }
    world.telegram.command(story.cast.creator, story.cast.team, `logs ${job.ref}`)
    const refused = await story.see(story.cast.team, (entry) => entry.text.includes('is no job of yours'))
    expect(refused.text).not.toContain('step')
  })

  test('REPORT-01, BUYER-06/07: the team sees the spend of a tracked job and an audit log that names nobody else', async () => {
    const spend = () => world.telegram.messages(story.cast.team).find((message) => message.text.includes(' spent '))
    if (!untracked) await story.see(story.cast.team, (entry) => entry.text.includes(' spent '))
    expect(spend() === undefined).toBe(untracked)
    const link = spend()?.entities.find((entity) => 'url' in entity && String(entity.url).includes('/audit/'))
    if (link && 'url' in link) {
      const page = await (await fetch(String(link.url))).text()
      expect(page).toContain(job.ref)
      expect(page).toContain('Mia')
    }
  })

  test('BUYER-04: necto verify recomputes every step without Necto’s server', async () => {
    const { code, output } = await story.verify([job.ref])
    for (const step of [
      'bytes',
      'length',
      'root',
      'hash',
      'canonical',
      'schema',
      'replay',
      'job-root',
      'terms-id',
      'terms-provider',
      'terms-price',
      'terms-gpus',
      'terms-seconds',
      'terms-fee',
      'terms-mode',
    ]) {
      expect(output).toMatch(new RegExp(`✓ ${step} `))
    }
    expect(output).toContain('Verified: selected necto:')
    expect(code).toBe(0)
    expect((await story.verify([(await funding()).id])).code).toBe(0)
    expect((await story.verify([(await funding()).terms.decisionRoot])).code).toBe(0)
  })

  test.each<[string, (text: string) => string, string]>([
    ['a flipped byte', (text) => text.replace('necto.decision', 'necto.decisioN'), 'root'],
    ['a changed price', (text) => text.replaceAll('"2.400000"', '"2.300000"'), 'root'],
    ['a wrong length', (text) => `${text} `, 'length'],
    [
      'a changed selection',
      (text) =>
        text.replace(
          /"maxSeconds":14400,"minSeconds":0,"offerId":"necto:/,
          '"maxSeconds":14401,"minSeconds":0,"offerId":"necto:',
        ),
      'root',
    ],
  ])('%s fails, saying at which step', async (_, change, step) => {
    const text = new TextDecoder().decode(bytes)
    const changed = change(text)
    expect(changed).not.toBe(text)
    const file = path.join(folder, 'changed.json')
    await writeFile(file, changed)
    const { code, output } = await story.verify([job.ref, '--bytes', file])
    expect(output).toContain(`FAILED at step "${step}"`)
    expect(code).toBe(1)
  })

  test('a record that was never paid is judged by itself: a changed price fails the replay', async () => {
    const text = new TextDecoder().decode(bytes).replace(job.ref, '0000-0000')
    const file = path.join(folder, 'unpaid.json')
    await writeFile(file, text)
    expect(await story.verify([file])).toMatchObject({
      code: 0,
      output: expect.stringContaining('nothing was paid for this decision'),
    })
    await writeFile(
      file,
      text.replaceAll('"2.400000"', '"2.300000"').replace('"usdPerHour":"2.300000"', '"usdPerHour":"2.400000"'),
    )
    const { code, output } = await story.verify([file])
    expect(output).toContain('FAILED at step "replay"')
    expect(code).toBe(1)
  })

  test('MODE-02: nobody is left in the store after an untracked job; the bot token is in no output', async () => {
    // The last notices are sent after the final state is shown.
    await expect
      .poll(async () => (await readAll(path.join(dataDir(), 'sessions'))).includes(job.ref), { timeout: 20_000 })
      .toBe(false)
    const everything = await readAll(dataDir())
    const { member } = story.cast
    if (untracked) {
      for (const trace of [String(member.id), 'mia_ml', 'Mia'])
        expect(everything.includes(trace), `the store still holds ${trace}`).toBe(false)
    } else {
      expect(everything).toContain(String(member.id))
    }
    expect(everything).not.toContain('step 1 of 3')
    for (const running of processes) expect(running.output()).not.toContain(world.telegram.token)
  })

  test('after /capacity offline the same ask no longer offers that seller and says why', async () => {
    await story.capacity('offline', '[○ offline]')
    const again = await story.ask(ask, { untracked })
    expect(again.entry.text).toContain('Nothing that fits can be booked')
    expect(again.entry.text).toContain('Berlin Rack, $2.40: the seller has taken it offline')
    expect(again.entry.buttons.flat().some(({ text }) => text.startsWith('Pay'))).toBe(false)
  })

  // Last, since the keeper writes the index once a minute.
  if (untracked) return
  test('ZERO-04: the index on 0G says where the record and the evidence of the job are', async () => {
    const { value } = createKvReads(world.kv.url)
    const { chainId, router } = world.escrow.deployed
    const zeroG = { kvGet: ({ streamId, key }: { streamId: Hex; key: Uint8Array }) => value({ streamId, key }) }
    const named = (kind: 'record' | 'evidence') =>
      readJobIndex({ zeroG, streamId: indexStream({ chainId, router }), ref: job.ref, kind })
    await until('the index', async () => (await named('record')) && (await named('evidence')))
    const { terms } = await funding()
    expect(await named('record')).toMatchObject({ root: terms.decisionRoot, length: terms.decisionLength })
  })
})
