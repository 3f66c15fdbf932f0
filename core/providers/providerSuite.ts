// For tests: the rules that every provider of offers is held to, whatever it reads and however.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import type { Ask } from '../market/ask.ts'
import { evidenceSchema, type SynapseProvider } from '../market/provider.ts'
import { type ScanEvent, scan } from '../market/scan.ts'
import { createTestProvider, testAsk, testBatch } from '../market/testMarket.ts'
import { checkGrowth, checkNodeSize, checkOffer, checkUnmapped } from './testOfferRules.ts'

/**
 * How the outside misbehaves. rows: some rows are unreadable; part: some of several requests fail; busy: it says to come
 * back in RETRY_AFTER_SECONDS; page: HTML with status 200; slow: it does not answer.
 */
export type Fault = 'empty' | 'broken' | 'rows' | 'part' | 'busy' | 'page' | 'cut' | 'down' | 'slow'

/** The Retry-After of an outside that is busy. */
export const RETRY_AFTER_SECONDS = 7

/** A provider with its outside in the test's hands. Healthy, it offers an H100 and one GPU not in data/gpus.json. */
export interface ProviderRig {
  readonly provider: SynapseProvider
  readonly ask?: Ask
  setFault(fault: Fault): void
  /** Resolves when a request has reached the outside: then, being slow, it hangs. */
  reached(): Promise<void>
  stop(): Promise<void> | void
}

/** `cannot` names the faults that the way this provider is read does not have, with nothing left to test. */
export function describeProvider(
  name: string,
  options: { start: () => Promise<ProviderRig>; cannot?: readonly Fault[] },
) {
  const can = (fault: Fault) => !options.cannot?.includes(fault)
  describe(`PROV-07 ${name}`, () => {
    let rig: ProviderRig
    beforeEach(async () => {
      rig = await options.start()
    })
    afterEach(async () => rig.stop())
    const read = (signal = new AbortController().signal) => rig.provider.offers(rig.ask ?? testAsk(), signal)

    test('offers are whole: schema, ids, price above zero, units that agree', async () => {
      const { offers, partial } = await read()
      expect(offers.length).toBeGreaterThan(1)
      expect(partial).toBeUndefined()
      expect(new Set(offers.map((offer) => offer.id)).size).toBe(offers.length)
      for (const offer of offers) checkOffer(offer, rig.provider.id)
      expect(offers.some((offer) => offer.gpu?.family === 'h100')).toBe(true)
    })

    test('more GPUs cost more where one is priced, and never less', async () => {
      const { offers } = await read()
      for (const offer of offers) checkGrowth(offer)
    })

    test('a node too small for the ask is refused as that, and never chosen', async () => {
      const { offers } = await read()
      checkNodeSize(offers)
    })

    test('a GPU that Necto does not know stays visible, is counted and never chosen', async () => {
      const { offers, warnings } = await read()
      const unknown = offers.filter((offer) => !offer.gpu)
      expect(unknown.length).toBeGreaterThan(0)
      const said = warnings.join('\n')
      for (const { rawGpu } of unknown) expect(said).toContain(rawGpu)
      const counted = [...said.matchAll(/(\d+) unknown GPUs?\b/g)].reduce((sum, [, count]) => sum + Number(count), 0)
      // A provider of several regions counts in each.
      expect(counted).toBeGreaterThanOrEqual(new Set(unknown.map(({ rawGpu }) => rawGpu)).size)
      for (const offer of unknown) checkUnmapped(offer)
    })

    test('the evidence says where the bytes came from, without a secret', async () => {
      const { evidence } = await read()
      expect(evidence.length).toBeGreaterThan(0)
      for (const piece of evidence) {
        expect(evidenceSchema.parse(piece).byteLength).toBeGreaterThan(0)
        expect(piece.url).not.toMatch(/secret|signature|credential|@/i)
      }
    })

    test.runIf(can('empty'))('an empty market is an answer, not a failure', async () => {
      rig.setFault('empty')
      expect(await read()).toMatchObject({ offers: [] })
    })

    test.runIf(can('rows'))('rows that cannot be read are left out and counted, the others stay', async () => {
      const healthy = await read()
      rig.setFault('rows')
      const { offers, warnings } = await read()
      expect(offers.length).toBeGreaterThan(0)
      expect(offers.length).toBeLessThan(healthy.offers.length)
      expect(warnings.join('\n')).toMatch(/\d+ rows? left out: /)
    })

    test.runIf(can('part'))('an answer with a part missing says which', async () => {
      rig.setFault('part')
      const { offers, partial } = await read()
      expect(offers.length).toBeGreaterThan(0)
      expect(partial).toMatch(/\w/)
    })

    test.runIf(can('busy'))('told to wait, it says so, and for how long', async () => {
      rig.setFault('busy')
      const busy = { name: 'NectoError', code: 'http.busy', retry: 'later', retryAfterMs: RETRY_AFTER_SECONDS * 1000 }
      await expect(read()).rejects.toMatchObject(busy)
    })

    const failures = (['broken', 'page', 'cut', 'down'] as const).filter(can)
    test.each(failures)('%s: a NectoError that may pass later', async (fault) => {
      rig.setFault(fault)
      // What people are shown holds nothing of the page or the reply.
      const message = expect.stringMatching(/^[^<>{}]+$/)
      await expect(read()).rejects.toMatchObject({ name: 'NectoError', retry: 'later', message })
    })

    test.runIf(can('slow'))('ten seconds late, it is named so after six, and the others are answered', async () => {
      rig.setFault('slow')
      const clock = createManualClock(Date.now())
      const answers = [{ afterMs: 10, give: testBatch('quick') }]
      const providers = [rig.provider, createTestProvider({ id: 'quick', clock, answers })]
      const events: ScanEvent[] = []
      const options = { providers, ask: rig.ask ?? testAsk(), clock, deadlineMs: 6_000 }
      const scanned = (async () => {
        for await (const event of scan({ ...options, signal: new AbortController().signal })) events.push(event)
      })()
      await rig.reached()
      await clock.tick(10_000)
      await scanned
      expect(events.at(-1)).toMatchObject({
        kind: 'finished',
        ms: 6_000,
        offers: [{ id: 'quick:one' }],
        answered: [{ provider: 'quick', ms: 10 }],
        absent: [{ kind: 'late', provider: rig.provider.id }],
      })
    })

    test.runIf(can('slow'))('it ends when its signal does, and does not begin when that has ended', async () => {
      rig.setFault('slow')
      const stop = new AbortController()
      const result = read(stop.signal).catch((error) => error)
      await rig.reached()
      stop.abort(new Error('enough'))
      expect(await result).toBeInstanceOf(Error)
      await expect(read(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
    })
  })
}
