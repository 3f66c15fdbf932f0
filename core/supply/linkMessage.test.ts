// The text a wallet signs: nothing in it can be changed, by an edit anywhere or by one plausible field, even when it is signed.
import fc from 'fast-check'
import { privateKeyToAccount } from 'viem/accounts'
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { createTestJobs, payer } from '../jobs/testJobs.ts'
import { linkMessage, readLinkMessage } from './linkMessage.ts'
import { createTestWallets, site } from './testWallets.ts'

const newcomer = { platform: 'discord', userId: '800000000000000001', label: 'Nia' }
let wallets: ReturnType<typeof createTestWallets>
beforeEach(async () => {
  const { context } = await createTestJobs({ clock: createManualClock(Date.UTC(2026, 10, 23)) })
  wallets = createTestWallets(context)
})
const linked = async () => (await wallets.linkOf(newcomer))?.wallet?.address

describe('a message tampered with', () => {
  test('the words of a message cannot be changed anywhere: any edit is refused, even when it is signed', async () => {
    const account = privateKeyToAccount(`0x${'a3'.repeat(32)}`)
    const { id, request } = await wallets.asks(newcomer)
    const asked = await wallets.message({ id, code: request.code, account })
    if (!asked.ok) throw new Error(asked.why)
    const { length } = asked.message
    const edit = fc.record({
      at: fc.nat({ max: length }),
      remove: fc.nat({ max: 12 }),
      put: fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('\n', '0', 'a', 'A', '\n- urn:necto:x', ' ')),
    })
    await fc.assert(
      fc.asyncProperty(edit, async ({ at, remove, put }) => {
        const tamper = (text: string) => `${text.slice(0, at)}${put}${text.slice(at + remove)}`
        if (tamper(asked.message) === asked.message) return
        const answer = await wallets.signs({ id, code: request.code, account, tamper })
        expect(answer).toMatchObject({ ok: false, code: 'altered-message' })
      }),
      { numRuns: 300 },
    )
    expect(await wallets.requestOf(id)).toMatchObject({ state: 'open', wrongCodes: 0 })
    expect(await linked()).toBeUndefined()
  })

  test('each field of the message, changed alone to something plausible, is refused', async () => {
    const { id, request } = await wallets.asks(newcomer)
    const asked = await wallets.message({ id, code: request.code, account: payer })
    const changes: [RegExp, string][] = [
      [/^pages\.test/, 'evil.test'],
      [/^pages\.test/, 'https://pages.test'],
      [new RegExp(payer.address), payer.address.toLowerCase()],
      [/earns to/, 'owns to'],
      [/URI: https:\/\/pages\.test/, 'URI: https://pages.test/elsewhere'],
      [/Version: 1/, 'Version: 2'],
      [/Chain ID: \d+/, 'Chain ID: 1'],
      [/Nonce: \w+/, `Nonce: ${'0'.repeat(32)}`],
      [/Issued At: 2026-11-23T00:00/, 'Issued At: 2026-11-23T00:01'],
      [/Issued At: 2026-11-23/, 'Issued At: 2026-11-22'],
      [/Issued At: .*Z/, 'Issued At: soon'],
      [/Expiration Time: 2026/, 'Expiration Time: 2027'],
      [/\nExpiration Time: .*/, ''],
      [/\nRequest ID:/, '\nNot Before: 2026-11-23T00:00:00.000Z\nRequest ID:'],
      [/Request ID: .*/, 'Request ID: another'],
      [/discord:80/, 'telegram:80'],
      [/purpose:payout/, 'purpose:payout-change'],
      [/\n- urn:necto:purpose:payout/, ''],
      [/$/, '\n- urn:necto:more'],
    ]
    for (const [from, to] of changes) {
      const tamper = (text: string) => text.replace(from, to)
      expect(asked.ok && tamper(asked.message) !== asked.message, String(from)).toBe(true)
      const answer = await wallets.signs({ id, code: request.code, account: payer, tamper })
      expect([String(from), answer]).toEqual([String(from), expect.objectContaining({ code: 'altered-message' })])
    }
    expect(await wallets.signs({ id, code: request.code, account: payer })).toMatchObject({ ok: true })
  })

  test('reading never throws', () => {
    const subject = { person: newcomer, requestId: 'x', nonce: 'a'.repeat(32), fromMs: 0, untilMs: 1e15 }
    fc.assert(
      fc.property(fc.string(), (message) => {
        expect(readLinkMessage({ site, subject, message, nowMs: 1 })).toBeUndefined()
      }),
    )
  })
})

test.each([
  'http://localhost:8080',
  'http://127.0.0.1:8080',
  'http://[::1]:8080',
  'http://necto:8080',
  'https://necto',
  'https://my_host.example',
])('pages at %s: the message names that host, and is accepted for no other', (publicUrl) => {
  const at = { publicUrl, chainId: site.chainId }
  const subject = { person: newcomer, requestId: 'r1', nonce: '0'.repeat(32), fromMs: 0, untilMs: 60_000 }
  const message = linkMessage({ site: at, subject, address: payer.address, issuedAtMs: 1_000 })
  expect(message.split(' wants you to sign in')[0]).toBe(new URL(publicUrl).host)
  expect(readLinkMessage({ site: at, subject, message, nowMs: 2_000 })).toBe(payer.address)
  const elsewhere = { ...at, publicUrl: 'http://elsewhere' }
  expect(readLinkMessage({ site: elsewhere, subject, message, nowMs: 2_000 })).toBeUndefined()
})
