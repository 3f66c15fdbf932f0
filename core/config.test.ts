// Settings: every fault at once, no value shown, secrets known.
import { describe, expect, test } from 'vitest'
import { readConfig, requireChat, requireSettings, SETTINGS } from './config.ts'
import { NectoError } from './errors.ts'
import { envExample } from './settings.ts'

const KEY = `0x${'9f'.repeat(32)}`

describe('settings', () => {
  test('without anything set the defaults hold', () => {
    const config = readConfig({})
    expect(config).toMatchObject({ QUOTE_SECONDS: 900, FEE_BPS: 250, NECTO_ADMINS: [] })
    expect(config.AGENT_KEY).toBeUndefined()
    // An empty line in a .env is a setting left out.
    expect(readConfig({ QUOTE_SECONDS: '', AGENT_KEY: '' })).toEqual(config)
  })

  test('every fault is named at once, and no value is shown', () => {
    const faults = {
      AGENT_KEY: '0x1234secret',
      WEB_PORT: '70000',
      FEE_BPS: '1001',
      PUBLIC_URL: 'ftp://x',
      ROUTER_ADDRESS: '0x12',
    }
    const read = () => readConfig(faults)
    expect(read).toThrow(NectoError)
    for (const name of Object.keys(faults)) expect(read).toThrow(name)
    expect(read).not.toThrow(/1234secret|70000|ftp/)
  })

  test.each([
    ['ESCROW_CONFIRMATIONS', '0'],
    ['QUOTE_SECONDS', '0'],
    ['START_SECONDS', '9999999'],
    ['HEARTBEAT_TIMEOUT_SECONDS', '0'],
    ['FEE_BPS', '1001'],
    ['FEE_BPS', '-1'],
    ['WEB_PORT', '8080.5'],
    ['QUOTER_KEY', `${KEY}00`],
    ['LOG_LEVEL', 'loud'],
    ['BROKER_PAYOUT_ADDRESS', '0xdeAdBeeFdeadbEEfdEADBEefDeADbeEfDEADBeEf'],
    // What machines fetch there are secrets.
    ['MACHINES_URL', 'http://sellers.example.com'],
    ['MACHINES_URL', 'http://127.0.0.1.example.com'],
  ])('%s=%s is refused', (name, value) => expect(() => readConfig({ [name]: value })).toThrow(name))

  test('lists are trimmed, and what is missing is named with its meaning', () => {
    const config = readConfig({ NECTO_ADMINS: ' telegram:1, ,telegram:2 ' })
    expect(config.NECTO_ADMINS).toEqual(['telegram:1', 'telegram:2'])
    expect(() => requireSettings(config, ['AGENT_KEY', 'WEB_PORT'])).toThrow(/AGENT_KEY: Starts/)
  })

  test('one chat platform is enough; without any, all of them are named', () => {
    for (const key of ['TELEGRAM_BOT_TOKEN', 'DISCORD_BOT_TOKEN']) requireChat(readConfig({ [key]: 'x' }))
    expect(() => requireChat(readConfig({}))).toThrow(/TELEGRAM_BOT_TOKEN: .*\n +DISCORD_BOT_TOKEN: /)
  })

  test('each key stands once in the table and once in the example', () => {
    const keys = SETTINGS.map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
    for (const key of keys) expect(envExample(SETTINGS).split(`\n${key}=`)).toHaveLength(2)
  })
})
