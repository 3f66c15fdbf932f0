// Recorded replies of io.net, told apart by what they hold and read without the network.
import { NectoError, wrapError } from '../../errors.ts'
import type { Offer } from '../../market/offer.ts'
import { usdFromNumber } from '../../money.ts'
import { type DroppedRow, dropWarnings, type ParsedOffers } from '../dropped.ts'
import type { RecordedReply } from '../module.ts'
import { priceReply } from './caas.ts'
import { catalogueRows, known, type ListRow, listOffers, snapshotRows } from './offers.ts'

/** What a reply gives: rows of a price list, or a number of rows that alone make no offer. */
type Reading = { readonly rows: ListRow[] } | { readonly left: number; readonly reason: string }

/**
 * Snapshots and catalogues become offers. An order's price does not say its GPU or hours, which stood in the request,
 * so that it is left out, as are rows without a price. Throws 'ionet.reply' with the file's name for anything else.
 */
export function replayIonet(replies: readonly RecordedReply[], atMs: number): ParsedOffers<Offer[]> {
  const rows: ListRow[] = []
  const dropped: DroppedRow[] = []
  for (const reply of replies) {
    const reading = readNamed(reply)
    if ('rows' in reading) rows.push(...reading.rows.map(({ at, raw }) => ({ at: `${reply.name}: ${at}`, raw })))
    else
      for (let row = 0; row < reading.left; row++)
        dropped.push({ row: `${reply.name}: ${row}`, reason: reading.reason })
  }
  const listed = listOffers(rows, atMs)
  return {
    offers: listed.offers,
    warnings: [...dropWarnings(dropped), ...listed.warnings],
    dropped: [...dropped, ...listed.dropped],
  }
}

function readNamed({ name, json }: RecordedReply): Reading {
  const message = `${name} holds no reply of io.net that Necto knows.`
  let reading: Reading | undefined
  try {
    reading = read(json)
  } catch (cause) {
    const { details } = wrapError(cause, { code: 'ionet.reply', message })
    throw new NectoError('ionet.reply', message, { details, cause })
  }
  if (!reading) throw new NectoError('ionet.reply', message)
  return reading
}

function read(json: unknown): Reading | undefined {
  const data = has(json, 'data') ? json.data : undefined
  if (Array.isArray(data)) {
    if (data.length === 0 || hold(data, 'hardware_name')) return { rows: snapshotRows(json) }
    if (hold(data, 'quantity_available')) return { left: data.length, reason: 'a supply without a price' }
    if (hold(data, 'available_replicas')) return { left: data.length, reason: 'a place without a price' }
  }
  if (has(data, 'hardwares')) return { rows: catalogueRows(json) }
  if (has(data, 'hardware') && Array.isArray(data.hardware)) {
    const left = data.hardware.length
    if (hold(data.hardware, 'max_gpus_per_container')) return { left, reason: 'a container size without a price' }
    // Whether their price is of a card or of the machine is not documented, and nothing of ours runs in them.
    if (hold(data.hardware, 'num_cards')) return { left, reason: 'a virtual machine, not a container' }
  }
  if (!has(data, 'total_cost_usdc')) return undefined
  const total = usdFromNumber(known(priceReply, json).data.total_cost_usdc)
  return { left: 1, reason: total ? 'a price without its GPU and hours' : 'a price that is none' }
}

const has = <Key extends string>(value: unknown, key: Key): value is Record<Key, unknown> =>
  typeof value === 'object' && value !== null && key in value
const hold = (rows: readonly unknown[], key: string) => rows.some((row) => has(row, key))
