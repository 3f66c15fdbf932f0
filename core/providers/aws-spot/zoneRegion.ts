// The region of an availability zone, for rows that say no more than the zone.

// "us-east-1a", and local zones such as "us-west-2-lax-1a": the region is all up to its number.
const ZONE_NAME = /^([a-z]{2,3}(?:-[a-z]+)+?-\d+)/
// "use1-az1", "apse2-az3", "usgw1-az1", and of local zones "usw2-lax1-az1": two letters of the country, g for
// government clouds, the direction, the number.
const ZONE_ID = /^([a-z]{2})(g?)(ne|nw|se|sw|n|e|s|w|c)(\d+)-/
const DIRECTIONS: Record<string, string> = {
  n: 'north',
  e: 'east',
  s: 'south',
  w: 'west',
  c: 'central',
  ne: 'northeast',
  nw: 'northwest',
  se: 'southeast',
  sw: 'southwest',
}

/** By the zone's name, else by its id ("use1-az1" → us-east-1); undefined when neither is of AWS's form. */
export function zoneRegion(zone: { name?: string | undefined; id?: string | undefined }): string | undefined {
  const named = ZONE_NAME.exec(zone.name ?? '')?.[1]
  if (named !== undefined) return named
  const [whole, country, government, direction = '', number] = ZONE_ID.exec(zone.id ?? '') ?? []
  if (whole === undefined) return undefined
  return [country, ...(government ? ['gov'] : []), DIRECTIONS[direction], number].join('-')
}
