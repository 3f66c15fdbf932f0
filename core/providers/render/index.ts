// Render as a provider: its rate card, an estimate in RENDER, and what its compute network Dispersed offers.
import { readFile } from 'node:fs/promises'
import type { Clock } from '../../clock.ts'
import { errorText, NectoError, wrapError } from '../../errors.ts'
import { evidenceOf, jsonOf } from '../../http.ts'
import type { Offer } from '../../market/offer.ts'
import type { Batch, SynapseProvider } from '../../market/provider.ts'
import { optional, setting, text, url } from '../../settings.ts'
import type { ParsedOffers } from '../dropped.ts'
import { defineProvider, type RecordedReply } from '../module.ts'
import { cardOffers } from './cardOffers.ts'
import { dispersedOffers, dispersedPage } from './dispersedOffers.ts'
import { createDispersedLauncher } from './launch.ts'
import { readDispersed } from './readDispersed.ts'

const CARD = new URL('../../../data/render-rates.json', import.meta.url)

/**
 * Without both keys the card stands alone, and a warning says what is missing. Dispersed gets five seconds at most, so
 * that an answer of the card is not late because of it; when it cannot be read the answer is partial.
 */
export function createRenderProvider(deps: {
  baseUrl: string
  publicKey: string | undefined
  secretKey: string | undefined
  clock: Clock
  timeoutMs?: number
}): SynapseProvider {
  const { baseUrl, publicKey, secretKey, clock, timeoutMs = 5_000 } = deps

  async function dispersed(signal: AbortSignal): Promise<Batch> {
    if (publicKey !== undefined && secretKey !== undefined) {
      const keys = { publicKey, secretKey }
      return readDispersed({ baseUrl, keys, clock, timeoutMs }, signal).catch((error: unknown) => {
        signal.throwIfAborted()
        if (!(error instanceof NectoError)) throw error
        return { offers: [], evidence: [], warnings: [], partial: `Dispersed is missing: ${error.message}` }
      })
    }
    const unset = [
      ...(publicKey === undefined ? ['DISPERSED_PUBLIC_KEY'] : []),
      ...(secretKey === undefined ? ['DISPERSED_SECRET_KEY'] : []),
    ]
    return { offers: [], evidence: [], warnings: [`Dispersed left out: ${unset.join(' and ')} not set`] }
  }

  return {
    id: 'render',
    name: 'Render',
    // Every GPU is read, whatever was asked.
    cacheKey: () => 'all',
    async offers(_ask, signal) {
      signal.throwIfAborted()
      const [card, live] = await Promise.all([readCard(clock), dispersed(signal)])
      return {
        ...live,
        offers: [...card.offers, ...live.offers],
        evidence: [...card.evidence, ...live.evidence],
        // Some views have room for the first alone, and that Dispersed was left out matters more.
        warnings: [...live.warnings, ...card.warnings],
      }
    },
  }
}

/** The card with evidence of the file's own bytes, so that anybody can compare them with the repository's. */
async function readCard(clock: Clock): Promise<Batch> {
  const bytes = await readFile(CARD).catch((error: unknown) => {
    throw wrapError(error, { code: 'render.card', message: "Render's rate card could not be read." })
  })
  const fetchedAtMs = clock.now()
  const evidence = evidenceOf({ url: 'data:render-rates', status: 200, bytes, fetchedAtMs })
  const parsed = cardOffers(jsonOf({ bytes, evidence }), fetchedAtMs)
  if (!parsed) throw new NectoError('render.card', "Render's rate card is not in a form Necto knows.")
  return { offers: parsed.offers, evidence: [evidence], warnings: parsed.warnings }
}

/** Each reply is the card or a page of Dispersed's offers. */
function replay(replies: readonly RecordedReply[], atMs: number): ParsedOffers<Offer[]> {
  const pages: { rows: readonly unknown[]; observedAtMs: number }[] = []
  const cards = replies.flatMap(({ name, json }) => {
    const card = cardOffers(json, atMs)
    if (card) return [card]
    try {
      pages.push({ ...dispersedPage(json), observedAtMs: atMs })
      return []
    } catch (cause) {
      const message = `${name} is neither Render's rate card nor a list of Dispersed's offers.`
      throw new NectoError('render.reply', message, { details: errorText(cause), cause })
    }
  })
  const all = [...cards, dispersedOffers(pages)]
  return {
    offers: all.flatMap(({ offers }) => offers),
    warnings: all.flatMap(({ warnings }) => warnings),
    dropped: all.flatMap(({ dropped }) => dropped),
  }
}

const off = 'offers of Dispersed, the compute side of Render, and jobs there'

export const provider = defineProvider({
  id: 'render',
  settings: [
    setting('DISPERSED_API_URL', url, 'API of Dispersed, the compute side of Render', 'https://api.dispersed.com'),
    optional(
      'DISPERSED_PUBLIC_KEY',
      text,
      'Public key for Dispersed, whose account pays for jobs there; without both keys only the rate card is shown',
      {
        off,
      },
    ),
    optional('DISPERSED_SECRET_KEY', text, 'Secret key for Dispersed', { secret: true, off }),
  ],
  create: ({ clock, settings }) =>
    createRenderProvider({
      baseUrl: settings.DISPERSED_API_URL,
      publicKey: settings.DISPERSED_PUBLIC_KEY,
      secretKey: settings.DISPERSED_SECRET_KEY,
      clock,
    }),
  launcher({ clock, settings }) {
    const { DISPERSED_API_URL: baseUrl, DISPERSED_PUBLIC_KEY: publicKey, DISPERSED_SECRET_KEY: secretKey } = settings
    if (publicKey === undefined || secretKey === undefined) return undefined
    return createDispersedLauncher({ baseUrl, keys: { publicKey, secretKey }, clock, timeoutMs: 20_000 })
  },
  replay,
})
