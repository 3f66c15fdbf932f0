// The step for machines at other providers: each key shown to the stand-in it belongs to, kept when right, hidden always.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../core/clock.ts'
import { providerModules } from '../core/providers/registry.ts'
import { AKASH_KEY } from '../test/world/providers/akashConsole.ts'
import { startProviders, type WorldProviders } from '../test/world/providers/startProviders.ts'
import { openAnswers } from './answers.ts'
import { createDialog, type Mode } from './dialog.ts'
import { askProviders } from './providers.ts'

const PAYOUT = '0x976EA74026E726554dB657fA54763abd0C3a0aa9'
const MACHINES = 'https://machines.example'
let market: WorldProviders
let folder: string

beforeAll(async () => {
  market = await startProviders({ seed: 'setup', delayMs: [0, 1] })
  folder = await mkdtemp(path.join(tmpdir(), 'necto-setup-'))
})
afterAll(async () => {
  await market.stop()
  await rm(folder, { recursive: true })
})
beforeEach(() => market.machines.deny())

let files = 0
/** The answers in order of the prompts that hold the words; what has none gets Enter. */
async function play(
  script: readonly (readonly [words: string, answer: string])[],
  more: { file?: string; mode?: Mode } = {},
) {
  const { AWS_ENDPOINT_URL_EC2, AKASH_API_URL } = market.env
  const { file = path.join(folder, `${++files}.env`), mode = 'ask' } = more
  const lines: string[] = []
  const left = [...script]
  const answers = await openAnswers({ file, env: { AWS_ENDPOINT_URL_EC2, AKASH_API_URL } })
  const dialog = createDialog({
    mode,
    agrees: false,
    answers,
    clock: systemClock,
    signal: new AbortController().signal,
    async ask(prompt, { hidden }) {
      const at = left.findIndex(([words]) => prompt.includes(words))
      const [entry] = at < 0 ? [] : left.splice(at, 1)
      lines.push(prompt + (hidden ? '' : (entry?.[1] ?? '')))
      return entry?.[1] ?? ''
    },
    print: (text) => void lines.push(text),
  })
  await askProviders(dialog, providerModules)
  const text = await readFile(file, 'utf8').catch(() => '')
  return { file, text, printed: lines.join('\n'), unused: left.map(([words]) => words), faults: dialog.faults }
}

const ALL = [
  ['Wallet that is paid', PAYOUT],
  ['Address where rented', MACHINES],
  ['AKASH_CONSOLE_API_KEY', AKASH_KEY],
  ['AWS_ACCESS_KEY_ID', 'AKIASTANDIN'],
  ['AWS_SECRET_ACCESS_KEY', 'not-a-secret'],
] as const

test('each key is shown to its provider, kept, and offered the next time without being seen', async () => {
  const played = await play(ALL)
  expect(played.unused).toEqual([])
  for (const line of [
    `BROKER_PAYOUT_ADDRESS=${PAYOUT}`,
    `MACHINES_URL=${MACHINES}`,
    `AKASH_CONSOLE_API_KEY=${AKASH_KEY}`,
    'AWS_ACCESS_KEY_ID=AKIASTANDIN',
    'AWS_SECRET_ACCESS_KEY=not-a-secret',
  ])
    expect(played.text).toContain(line)
  expect(played.printed).toContain('✓ Akash: Akash’s Console knows the key')
  expect(played.printed).toContain('✓ AWS Spot: AWS lets Necto’s account rent and return machines')
  expect(played.printed).toContain('– Nosana: NOSANA_API_KEY: no machines at Nosana')
  expect(market.machines.all()).toEqual([])
  const again = await play([], { file: played.file })
  expect(again.text).toBe(played.text)
  for (const secret of [AKASH_KEY, 'AKIASTANDIN', 'not-a-secret'])
    expect(played.printed + again.printed).not.toContain(secret)
  expect((await play([], { file: played.file, mode: 'check' })).faults).toEqual([])
})

test('a wrong key is asked for again; keys that may only read are kept for prices, and that is said', async () => {
  market.machines.deny('RunInstances')
  const played = await play([...ALL.slice(0, 2), ['AKASH_CONSOLE_API_KEY', 'wrong'], ...ALL.slice(2)])
  expect(played.unused).toEqual([])
  expect(played.printed).toContain('✗ Necto’s account at Akash may rent nothing there.')
  expect(played.text).toContain(`AKASH_CONSOLE_API_KEY=${AKASH_KEY}`)
  expect(played.text).toContain('AWS_SECRET_ACCESS_KEY=not-a-secret')
  expect(played.printed).toContain(
    '– Necto’s account at AWS lacks the right to ec2:RunInstances; AWS Spot is priced only until it may.',
  )
})

test('nothing at all: one Enter, no file, and no provider is asked for its key', async () => {
  const played = await play([])
  expect(played.text).toBe('')
  expect(played.printed).toContain('no machines at other providers, only their prices')
  expect(played.printed).not.toContain('AKASH')
})

test('what cannot be a wallet or is no https is refused on the spot', async () => {
  const played = await play([
    ['Wallet that is paid', PAYOUT.replace('EA', 'Ea')],
    ['Address where rented', 'http://machines.example'],
    ...ALL.slice(0, 2),
  ])
  expect(played.printed).toContain('an address as a wallet shows it')
  expect(played.printed).toContain('an https address')
  expect(played.text).toContain(`BROKER_PAYOUT_ADDRESS=${PAYOUT}`)
})
