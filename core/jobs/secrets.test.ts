// Environment secrets: what may stand there, who gets them, and that nothing is left of them.
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { findSecret } from '../market/secretInText.ts'
import { createMemoryStore } from '../store/memory.ts'
import { applyRouterEvent } from './applyRouterEvent.ts'
import { createRunnerDesk } from './createRunnerDesk.ts'
import { findByLink } from './issueTerms.ts'
import { envFault, parseSecrets } from './jobEnv.ts'
import { envOf, forgetSecrets, saveSecrets, secretNames } from './secrets.ts'
import { openSecretsLink } from './secretsLink.ts'
import { createTestJobs, fundedEvent, otherRunner, runner, startedEvent, type TestJobs } from './testJobs.ts'
import { getUploaded } from './upload.ts'

const PLANTED = 'planted-value-93f1c7'
const clock = createManualClock(Date.UTC(2026, 10, 23))
let shop: TestJobs
beforeEach(async () => {
  shop = await createTestJobs({ clock, store: createMemoryStore() })
})
/** As whoever asked does it: with the link that the button gives. */
async function save({ ref }: { ref: string }, text: string, clear = false) {
  const opened = await openSecretsLink(shop.context, ref)
  return opened.ok ? saveSecrets({ context: shop.context, secretsToken: opened.secretsToken, text, clear }) : opened
}
const tokenOf = async ({ ref }: { ref: string }) => (await shop.context.sessions.get(ref))?.value.secretsToken ?? '?'
const env = (text: string) => {
  const parsed = parseSecrets(text)
  if (!parsed.ok) throw new Error(parsed.why)
  return parsed.env
}

describe('the lines', () => {
  test('a value goes to the end of its line, as it is; blank lines and comments are none', () => {
    expect(env('\n# mine\nA=1\r\n  B_2 = x = "y" \nEMPTY=\n')).toEqual({ A: '1', B_2: ' x = "y" ', EMPTY: '' })
  })

  test.each([
    ['A', /Line 1 is not written as NAME=value/],
    ['=x', /Line 1/],
    ['A=1\nlower=2', /Line 2: a name has capitals/],
    ['1A=x', /no digit first/],
    ['A-B=x', /a name has capitals/],
    ['NECTO_OUTPUT=/x', /begin with NECTO_/],
    ['A=1\nPATH=/x', /Line 2: PATH is not taken: the machine that runs the job sets this one itself/],
    ['CUDA_VISIBLE_DEVICES=0,1', /sets this one itself/],
    ['LD_PRELOAD=/tmp/x.so', /Line 1: LD_PRELOAD is not taken: it changes how the machine loads every program/],
    ['BASH_ENV=x', /BASH_ENV is not taken: it makes a shell or interpreter run other code/],
    ['DOCKER_HOST=tcp://x', /DOCKER_HOST is not taken: it tells the container engine/],
    ['A=1\nA=2', /A is there twice/],
    [`A=${'ä'.repeat(2049)}`, /longer than 4096 bytes/],
    ['A=a\0b', /NUL/],
    [Array.from({ length: 33 }, (_, i) => `A${i}=x`).join('\n'), /32 secrets at most/],
  ])('%j is refused', (text, why) => {
    const parsed = parseSecrets(text)
    expect(parsed).toMatchObject({ ok: false, why: expect.stringMatching(why) })
  })

  test.each([
    'LD_LIBRARY_PATH',
    'LD_AUDIT',
    'DYLD_INSERT_LIBRARIES',
    'GCONV_PATH',
    'GLIBC_TUNABLES',
    'ENV',
    'SHELLOPTS',
    'NODE_OPTIONS',
    'PYTHONSTARTUP',
    'PYTHONPATH',
    'PERL5OPT',
    'RUBYOPT',
    'JAVA_TOOL_OPTIONS',
    '_JAVA_OPTIONS',
    'DOCKER_CONFIG',
    'CONTAINER_HOST',
    'CONTAINERS_CONF',
    'NVIDIA_VISIBLE_DEVICES',
    'NVIDIA_REQUIRE_CUDA',
    'HOME',
    'NECTO_OUTPUT',
  ])('%s is no job’s to set', (name) => {
    expect(parseSecrets(`${name}=x`)).toMatchObject({ ok: false, why: expect.stringContaining(`${name} is not taken`) })
    expect(envFault({ A: '1', [name]: 'x' })).toContain(name)
  })

  test.each(['HF_TOKEN', 'PIP_INDEX_URL', 'NVIDIA_API_KEY', 'DOCKER_PASSWORD', 'ENVIRONMENT', 'PYTHONUNBUFFERED'])(
    '%s is taken',
    (name) => expect(env(`${name}=x`)).toEqual({ [name]: 'x' }),
  )

  test('what is wrong is never said with a value', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.constantFrom('=', ' ', '')), { maxLength: 5 }), (lines) => {
        const text = lines.map(([name, sign]) => `${name.replaceAll(PLANTED, '')}${sign}${PLANTED}`).join('\n')
        const parsed = parseSecrets(text)
        if (!parsed.ok) expect(parsed.why).not.toContain(PLANTED)
      }),
    )
  })
})

describe('a job that waits for payment', () => {
  test('takes them, adds by name, and forgets them when told to; only names come back', async () => {
    const job = await shop.orders(await shop.scans(await shop.asks()))
    expect(await save(job, `HF_TOKEN=${PLANTED}\nA=1`)).toEqual({ ok: true, names: ['A', 'HF_TOKEN'] })
    expect(await save(job, 'A=2\nB=3')).toEqual({ ok: true, names: ['A', 'B', 'HF_TOKEN'] })
    expect(await envOf(shop.context, job.ref)).toEqual({ A: '2', B: '3', HF_TOKEN: PLANTED })
    expect(await save(job, 'C=4', true)).toEqual({ ok: true, names: ['C'] })
    expect(await secretNames(shop.context, job.ref)).toEqual(['C'])
  })

  test('32 in all, not 32 each time', async () => {
    const job = await shop.signed()
    const lines = (letter: string, many: number) => Array.from({ length: many }, (_, i) => `${letter}${i}=x`).join('\n')
    await save(job, lines('A', 30))
    expect(await save(job, lines('B', 3))).toMatchObject({ ok: false, code: 'bad-secrets' })
    expect(await secretNames(shop.context, job.ref)).toHaveLength(30)
  })

  test('is not open to whoever has no link, before it is ordered, once it is paid, or when the quote has run out', async () => {
    const guessed = await saveSecrets({ context: shop.context, secretsToken: 'guess', text: 'A=1' })
    expect(guessed).toMatchObject({ ok: false, code: 'unknown-link' })
    const offered = await shop.scans(await shop.asks())
    expect(await save(offered, 'A=1')).toMatchObject({ ok: false, code: 'not-payable' })
    const paid = await shop.signed()
    await openSecretsLink(shop.context, paid.ref)
    await shop.pays(paid)
    const late = await shop.signed()
    await openSecretsLink(shop.context, late.ref)
    await clock.tick(16 * 60_000)
    for (const [job, code] of [
      [paid, 'already-paid'],
      [late, 'expired'],
    ] as const) {
      expect(await save(job, 'A=1')).toMatchObject({ ok: false, code })
      // With the link that was given while it was open, too.
      const again = await saveSecrets({ context: shop.context, secretsToken: await tokenOf(job), text: 'A=1' })
      expect(again).toMatchObject({ ok: false, code })
    }
    for (const { ref } of [offered, paid, late]) expect(await envOf(shop.context, ref)).toBeUndefined()
  })

  test('its link is its own: 256 bits, the same each time, none that opens anything else, and none of that opens it', async () => {
    const [job, other] = [await shop.signed(), await shop.signed()]
    for (const { ref } of [job, other]) await openSecretsLink(shop.context, ref)
    const token = await tokenOf(job)
    expect(token).toMatch(/^[0-9a-f]{64}$/)
    expect(await openSecretsLink(shop.context, job.ref)).toEqual({ ok: true, secretsToken: token })
    const wrong = [job.linkToken, job.ref, job.jobId, '', 'undefined', `0x${token}`]
    for (const secretsToken of wrong) {
      const saved = await saveSecrets({ context: shop.context, secretsToken: secretsToken ?? '', text: 'A=1' })
      expect(saved).toMatchObject({ ok: false, code: 'unknown-link' })
    }
    await saveSecrets({ context: shop.context, secretsToken: await tokenOf(other), text: 'A=other' })
    expect(await envOf(shop.context, job.ref)).toBeUndefined()
    expect(await findByLink(shop.context, token)).toBeUndefined()
    // Pasted into a chat it is taken for the key that it is.
    expect(findSecret(`https://necto.example/secrets/${token}`)).toBeDefined()
  })

  test('the job, which outlives the session, does not know the link', async () => {
    const job = await shop.signed()
    await save(job, 'A=1')
    const text = JSON.stringify(await shop.context.jobs.list(), (_, v) => (typeof v === 'bigint' ? String(v) : v))
    expect(text).toContain(job.linkToken)
    expect(text).not.toContain(await tokenOf(job))
  })

  test('one that ends while they are being saved keeps none', async () => {
    const job = await shop.signed()
    const { secrets } = shop.context
    const racing = {
      ...secrets,
      async insert(...args: Parameters<typeof secrets.insert>) {
        await shop.change(job.ref, (now) => ({ ...now, state: 'cancelled' }))
        await forgetSecrets(shop.context, job.ref)
        return secrets.insert(...args)
      },
    }
    await openSecretsLink(shop.context, job.ref)
    const secretsToken = await tokenOf(job)
    await saveSecrets({ context: { ...shop.context, secrets: racing }, secretsToken, text: 'A=1' })
    expect(await envOf(shop.context, job.ref)).toBeUndefined()
  })
})

test('the job’s own runner gets them with its acceptance, and nobody before or else', async () => {
  const desk = createRunnerDesk(shop.context)
  const job = await shop.signed()
  await save(job, `HF_TOKEN=${PLANTED}`)
  await applyRouterEvent(shop.context, fundedEvent(job.terms))
  await applyRouterEvent(shop.context, startedEvent(job.jobId, clock.now()))
  expect(JSON.stringify(await desk.next(runner.address))).not.toContain(PLANTED)
  expect(JSON.stringify(await desk.accept(otherRunner.address, job.jobId))).not.toContain(PLANTED)
  // Again after a lost answer, too.
  for (let i = 0; i < 2; i++)
    expect(await desk.accept(runner.address, job.jobId)).toMatchObject({
      ok: true,
      value: { env: { HF_TOKEN: PLANTED } },
    })
  expect(JSON.stringify(await desk.next(runner.address))).not.toContain(PLANTED)
})

test('the job, its record and its listing do not know them', async () => {
  const job = await shop.signed()
  await save(job, `HF_TOKEN=${PLANTED}`)
  const all = await Promise.all([
    shop.context.jobs.list(),
    shop.context.sessions.list(),
    shop.context.listings.list(),
    shop.context.uploads.list(),
  ])
  const text = JSON.stringify(all, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  expect(text).toContain(job.ref)
  expect(text).not.toContain(PLANTED)
  const root = (await shop.jobOf(job.ref)).record?.root ?? '0x'
  const record = new TextDecoder().decode(await getUploaded({ ...shop.context, root }))
  expect(record).toContain(job.ref)
  expect(record).not.toContain(PLANTED)
})
