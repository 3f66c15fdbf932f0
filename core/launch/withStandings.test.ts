// Launchers by what their accounts may rent: refused once the provider says no, again offered when it says yes.
import { expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { NectoError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Offer } from '../market/offer.ts'
import type { Launcher, Standing } from './launcher.ts'
import { withStandings } from './withStandings.ts'

const HOUR_MS = 3_600_000
const offer = {} as Offer

function open(answers: readonly (Standing | NectoError)[]) {
  const clock = createManualClock(0)
  const left = [...answers]
  const warned: unknown[] = []
  const log: Log = { info() {}, warn: (line) => void warned.push(line), error() {}, child: () => log }
  const launcher: Launcher = {
    provider: 'aws-spot',
    priceAssets: ['USD'],
    refuses: (of) => (of === offer ? undefined : 'another one'),
    launch: () => Promise.reject(new Error('not here')),
    status: () => Promise.reject(new Error('not here')),
    stop: () => Promise.reject(new Error('not here')),
    async standing() {
      const answer = left.shift() ?? expect.unreachable('asked too often')
      if (answer instanceof NectoError) throw answer
      return answer
    },
  }
  const { standing: _, ...silent } = launcher
  const standings = withStandings({ launchers: [launcher, { ...silent, provider: 'akash' }], clock, log })
  const stop = new AbortController()
  return {
    clock,
    warned,
    left,
    refuses: (at = 0) => standings.launchers[at]?.refuses(offer),
    stop: () => stop.abort(),
    running: standings.run(stop.signal),
  }
}

const no: Standing = { mayRent: false, text: 'it may only read' }
const yes: Standing = { mayRent: true, text: 'all is well' }

test('what an account may not rent is refused in the provider’s words, said once, and offered again when it may', async () => {
  const at = open([no, no, yes])
  expect(at.refuses()).toBeUndefined()
  await at.clock.tick(0)
  expect([at.refuses(), at.refuses(1)]).toEqual(['it may only read', undefined])
  await at.clock.tick(HOUR_MS)
  expect(at.refuses()).toBe('it may only read')
  await at.clock.tick(HOUR_MS)
  expect(at.refuses()).toBeUndefined()
  expect(at.warned).toEqual([
    { msg: 'a provider lets Necto rent nothing', provider: 'aws-spot', reason: 'it may only read' },
  ])
  at.stop()
  await at.running
})

test('keys that are not known there rent nothing; a provider that is away changes nothing, and is asked again soon', async () => {
  const away = new NectoError('aws-spot.unreachable', 'AWS did not answer as it should.', { retry: 'unknown' })
  const at = open([away, new NectoError('aws-spot.refused', 'AWS refused the credentials.'), away, yes])
  await at.clock.tick(0)
  expect(at.refuses()).toBeUndefined()
  await at.clock.tick(300_000)
  expect(at.refuses()).toBe('AWS refused the credentials')
  await at.clock.tick(HOUR_MS)
  expect(at.refuses()).toBe('AWS refused the credentials')
  await at.clock.tick(300_000)
  expect(at.refuses()).toBeUndefined()
  expect(at.left).toEqual([])
  at.stop()
  await at.running
})
