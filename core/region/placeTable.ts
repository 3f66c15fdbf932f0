// The places Necto knows, read from data/regions.json, found by code, name or other spelling.
import { z } from 'zod'
import regions from '../../data/regions.json' with { type: 'json' }

const place = z.strictObject({
  code: z.string(),
  /** Code of the place around it; continents have none. */
  in: z.string().optional(),
  name: z.string(),
  aliases: z.array(z.string()).default([]),
})
export type Place = z.output<typeof place>

const { places } = z.object({ places: z.array(place) }).parse(regions)

/** All places in the table's order. */
export const knownPlaces: readonly Place[] = places

const byCode = new Map(places.map((row) => [row.code, row]))
// Codes go last, so that they win over another place's name.
const bySpelling = new Map([
  ...places.flatMap((row) => [row.name, ...row.aliases].map((text) => [plain(text), row] as const)),
  ...places.map((row) => [plain(row.code), row] as const),
])

/** Case, accents and the kind of separator do not matter: "São Paulo" and "sao-paulo" are one text. */
function plain(text: string): string {
  const unaccented = text.normalize('NFD').replace(/\p{M}/gu, '')
  return unaccented
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim()
}

/** Everything a place is found by, in lower case and without accents. */
export const placeSpellings: readonly string[] = [
  ...bySpelling.keys(),
  ...places.map(({ code }) => code).filter((code) => code.includes('-')),
]

export const placeOf = (text: string): Place | undefined => bySpelling.get(plain(text))
export const placeByCode = (code: string): Place | undefined => byCode.get(code)
