// The log: JSON lines without a secret, however it got in.
import { describe, expect, test } from 'vitest'
import { SETTINGS } from './config.ts'
import { errorText, NectoError } from './errors.ts'
import { createLog, createRedactor } from './log.ts'
import { secretsOf } from './settings.ts'

const KEY = `0x${'9f'.repeat(32)}`
const BOT = '8812345678:AAHq-secretsecretsecretsecretsecret12'

describe('the log', () => {
  const env = {
    TELEGRAM_BOT_TOKEN: BOT,
    AGENT_KEY: KEY,
    ESCROW_RPC_URLS: 'https://base.example/v2/keykeykey, http://127.0.0.1:8545',
    STORAGE_RPC_URL: 'http://user:pw@127.0.0.1:9',
  }

  test('no configured secret gets out, wherever it stands', () => {
    const lines: string[] = []
    const log = createLog({ redact: createRedactor(secretsOf(SETTINGS, env)), write: (line) => lines.push(line) })
    const error = new Error(`POST https://base.example/v2/keykeykey failed for ${KEY}`)
    log.error({
      msg: `sent with ${BOT}`,
      error: errorText(new NectoError('a.b', 'x', { cause: error })),
      deep: { list: [KEY] },
    })
    log
      .child({ url: 'http://user:pw@127.0.0.1:9/rpc' })
      .warn({ msg: '/bot8812345678:AAHq-secretsecretsecretsecret/sendMessage' })
    const text = lines.join('')
    for (const secret of [BOT, KEY, 'keykeykey', 'user:pw', 'AAHq']) expect(text).not.toContain(secret)
    expect(lines.map((line) => JSON.parse(line).level)).toEqual([50, 40])
  })

  test('an address without a key stays readable', () => {
    expect(secretsOf(SETTINGS, env)).not.toContain('http://127.0.0.1:8545')
    expect(createRedactor(secretsOf(SETTINGS, env))('at http://127.0.0.1:8545')).toBe('at http://127.0.0.1:8545')
  })

  test('of two secrets, one inside the other, neither is left half shown', () => {
    expect(createRedactor(['secret-a', 'secret-a-longer'])('x secret-a-longer secret-a')).toBe('x [secret] [secret]')
  })
})
