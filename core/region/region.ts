// Regions: what people and providers call a place, as codes from the continent down, and whether an offer is in one.
import { type Place, placeByCode, placeOf } from './placeTable.ts'

/**
 * Codes of a place, most general first: "us-east-1" → [na, us, us-east-1], "Berlin" → [eu, de, berlin],
 * "Germany" or "de" → [eu, de]. Of "Berlin, Germany" the last part must be known and no part may contradict it,
 * so that "Paris, TX" is not in France. Empty when the place is not in data/regions.json: unknown.
 */
export function regionPath(text: string): string[] {
  const whole = placeOf(text)
  if (whole) return codesOf(whole)
  const parts = text.split(/[,;/|()]+/).filter((part) => part.trim() !== '')
  if (!placeOf(parts.at(-1) ?? '')) return []
  const paths = parts
    .map((part) => placeOf(part))
    .filter((found) => found !== undefined)
    .map((found) => codesOf(found))
  const [deepest = [], ...others] = paths.sort((a, b) => b.length - a.length)
  return others.every((path) => path.every((code) => deepest.includes(code))) ? deepest : []
}

/** The code an ask carries for what somebody typed ("Germany" → "de"); undefined when unknown. */
export const regionCode = (text: string): string | undefined => regionPath(text).at(-1)

type RegionMatch = 'yes' | 'maybe' | 'no'

/**
 * Whether an offer with a region path is in any of the wanted codes. maybe: the provider does not say where it is,
 * or says it less exactly than was asked ("eu" when "de" was wanted). Wanting nothing is satisfied by everything.
 */
export function regionMatcher(wantedCodes: readonly string[]): (offerRegion: readonly string[]) => RegionMatch {
  const wantedPaths = wantedCodes.map(regionPath)
  return (offerRegion) => {
    if (wantedCodes.length === 0 || wantedCodes.some((code) => offerRegion.includes(code))) return 'yes'
    const around = (path: readonly string[]) => offerRegion.every((part) => path.includes(part))
    return offerRegion.length === 0 || wantedPaths.some(around) ? 'maybe' : 'no'
  }
}

function codesOf(place: Place): string[] {
  const outer = place.in === undefined ? undefined : placeByCode(place.in)
  return [...(outer ? codesOf(outer) : []), place.code]
}
