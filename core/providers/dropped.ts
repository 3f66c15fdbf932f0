// Rows of a provider's reply that became no offer: kept with the reason, told to people as counts.

/** One row left out, and why, in a few words that can follow "left out:". */
export interface DroppedRow {
  readonly row: string
  readonly reason: string
}

/** What a pure parse of a reply gives. */
export interface ParsedOffers<Offers> {
  readonly offers: Offers
  readonly warnings: readonly string[]
  readonly dropped: readonly DroppedRow[]
}

/** One line per reason, the commonest first: "2 rows left out: no price". */
export function dropWarnings(dropped: readonly DroppedRow[]): string[] {
  const counts = new Map<string, number>()
  for (const { reason } of dropped) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([reason, count]) => `${count} ${count === 1 ? 'row' : 'rows'} left out: ${reason}`)
}

/** "3 GPUs unknown to Necto, shown but not routed to: h20, …"; nothing when all are known. */
export function unmappedWarnings(offers: readonly { gpu?: unknown; rawGpu: string }[]): string[] {
  const names = [...new Set(offers.filter((offer) => !offer.gpu).map((offer) => offer.rawGpu))].sort()
  if (names.length === 0) return []
  const shown = names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '')
  return [`${names.length} unknown ${names.length === 1 ? 'GPU' : 'GPUs'}, not routed to: ${shown}`]
}
