// For tests: the rules that every provider of offers is held to, whatever it reads and however.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Ask } from '../market/ask.ts'
import { type Offer, offerSchema } from '../market/offer.ts'
import { evidenceSchema, type SynapseProvider } from '../market/provider.ts'
import { testAsk } from '../market/testMarket.ts'

/** How the outside misbehaves. rows: some rows are unreadable; part: some of several requests fail. */
export type Fault = 'empty' | 'broken' | 'rows' | 'part' | 'busy' | 'page' | 'cut' | 'down' | 'slow'

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
      for (const offer of offers) checkOffer(offer, rig.provider)
      expect(offers.some((offer) => offer.gpu?.family === 'h100')).toBe(true)
    })

    test('a GPU that Necto does not know stays visible and is counted', async () => {
      const { offers, warnings } = await read()
      const unknown = offers.filter((offer) => !offer.gpu)
      expect(unknown.length).toBeGreaterThan(0)
      for (const { rawGpu } of unknown) expect(warnings.join('\n')).toContain(rawGpu)
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

    test.runIf(can('busy'))('told to wait, it says so', async () => {
      rig.setFault('busy')
      await expect(read()).rejects.toMatchObject({ name: 'NectoError', code: 'http.busy', retry: 'later' })
    })

    const failures = (['broken', 'page', 'cut', 'down'] as const).filter(can)
    test.each(failures)('%s: a NectoError that may pass later', async (fault) => {
      rig.setFault(fault)
      await expect(read()).rejects.toMatchObject({ name: 'NectoError', retry: 'later', code: expect.any(String) })
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

function checkOffer(offer: Offer, provider: SynapseProvider) {
  expect(z.decode(offerSchema, z.encode(offerSchema, offer))).toEqual(offer)
  expect(offer.provider).toBe(provider.id)
  expect(offer.id.startsWith(`${provider.id}:`)).toBe(true)
  // What nobody can book, an estimate, need not run anything.
  if (offer.estimated === undefined) expect(offer.runtimes.length).toBeGreaterThan(0)
  for (const code of offer.region) expect(code).toBe(code.toLowerCase())
  const { price } = offer
  if (price.model === 'token') {
    expect(price.tokensPerHour).toMatch(/^\d+(\.\d+)?$/)
    expect(Number(price.tokensPerHour)).toBeGreaterThan(0)
    return
  }
  expect(price.unit.usdPerHour > 0n).toBe(true)
  // A node's price is of all its GPUs: one that names fewer than the node has would be read as cheaper than it is.
  if (price.unit.per === 'node') expect(price.unit.gpus).toBe(offer.gpusPerNode)
}
