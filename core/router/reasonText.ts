// What every reason code says to people: one table, used on every surface.
import { showUsd } from '../money.ts'
import type { UnpricedReason } from '../pricing/quote.ts'
import type { Alternative, LossReason, Relaxation, SecondarySort } from './explain.ts'
import type { Rejection, RejectionCode } from './rejection.ts'

type Texts = { [Code in RejectionCode]: (rejection: Extract<Rejection, { code: Code }>) => string }

const REJECTION: Texts = {
  'gpu-unmapped': ({ rawGpu }) => `we do not know the GPU "${rawGpu}"`,
  'gpu-mismatch': ({ offered }) => `is another GPU (${offered})`,
  'interface-unknown': ({ wanted }) => `may be ${wanted.toUpperCase()}, the provider does not say`,
  'memory-too-small': ({ memoryGib, wantedGib }) => `has ${memoryGib} GB of memory, ${wantedGib} GB were asked`,
  'not-on-one-node': ({ gpusPerNode, wanted }) => `has ${gpusPerNode} GPUs on one node, ${wanted} were asked`,
  'no-free-capacity': ({ freeGpus, wanted }) => `has ${freeGpus} GPUs free, ${wanted} are needed`,
  'region-mismatch': ({ region }) => `is elsewhere (${region.at(-1) ?? 'unknown'})`,
  'region-unknown': ({ region }) =>
    region.length === 0
      ? 'may be elsewhere, the provider does not say where it is'
      : `may be elsewhere, its region is known only as ${region.at(-1)}`,
  'over-price-cap': ({ price, cap }) => `costs $${showUsd(price)} per GPU-hour, the limit is $${showUsd(cap)}`,
  'model-excluded': ({ model }) => `has a ${model} price, which was excluded`,
  'provider-excluded': ({ provider }) => `is from ${provider}, which was excluded`,
  'provider-not-allowed': ({ provider }) => `is from ${provider}, which was not asked for`,
  'runtime-unsupported': ({ wanted }) =>
    wanted === 'container' ? 'cannot run images: image jobs need a container driver' : 'runs images only',
  'uptime-too-low': ({ percent, wantedPercent }) => `has ${percent} % uptime, ${wantedPercent} % were asked`,
  'uptime-unknown': () => 'has no measured uptime',
  'older-than-asked': ({ ageMs, limitMs }) => `was seen ${seconds(ageMs)} s ago, ${seconds(limitMs)} s were asked`,
  estimated: ({ card }) => `is an estimate from ${card}, nobody offers at it`,
  unpriced: ({ why }) => UNPRICED[why],
  'offer-too-old': ({ ageMs, limitMs }) => `was seen ${minutes(ageMs)} min ago, the limit is ${minutes(limitMs)} min`,
  'not-bookable': ({ why }) => `would fit but cannot be booked through Necto: ${why}`,
}

// What an ask would have to allow.
const RELAXED: Partial<Record<RejectionCode, string>> = {
  'over-price-cap': 'with a higher limit',
  'region-mismatch': 'in another region',
  'region-unknown': 'if the region does not matter',
  'gpu-mismatch': 'with another GPU',
  'interface-unknown': 'if the interface does not matter',
  'memory-too-small': 'with less memory',
  'model-excluded': 'with a price model that was excluded',
  'provider-excluded': 'at a provider that was excluded',
  'provider-not-allowed': 'at a provider that was not asked for',
  'runtime-unsupported': 'if it ran the other way: image or plain process',
  'uptime-too-low': 'with less uptime',
  'uptime-unknown': 'if uptime does not matter',
  'older-than-asked': 'seen longer ago',
}

const UNPRICED: Record<UnpricedReason, string> = {
  'no-token-price': 'there is no price for its token',
  'token-price-too-old': 'the price of its token is too old',
  'token-price-in-future': 'the price of its token is dated in the future',
  'token-price-zero': 'the price of its token is zero',
  'not-on-one-node': 'its node has too few GPUs',
  'price-zero': 'its price is zero',
  'price-out-of-range': 'its price is absurd',
}

const TITLE: Record<RejectionCode, string> = {
  'gpu-unmapped': 'unknown GPU name',
  'gpu-mismatch': 'another GPU',
  'interface-unknown': 'interface not stated',
  'memory-too-small': 'too little memory',
  'not-on-one-node': 'too few GPUs on one node',
  'no-free-capacity': 'nothing free',
  'region-mismatch': 'another region',
  'region-unknown': 'region not stated',
  'over-price-cap': 'over the price limit',
  'model-excluded': 'excluded price model',
  'provider-excluded': 'excluded provider',
  'provider-not-allowed': 'provider not asked for',
  'runtime-unsupported': 'cannot run this kind of job',
  'uptime-too-low': 'too little uptime',
  'uptime-unknown': 'uptime not measured',
  'older-than-asked': 'seen too long ago',
  estimated: 'an estimate, no offer',
  unpriced: 'could not be priced',
  'offer-too-old': 'not seen recently',
  'not-bookable': 'not bookable through Necto',
}

// For a column of a table on a phone.
const SHORT: Record<RejectionCode, string> = {
  'gpu-unmapped': 'unknown GPU',
  'gpu-mismatch': 'another GPU',
  'interface-unknown': 'unsure board',
  'memory-too-small': 'small memory',
  'not-on-one-node': 'node small',
  'no-free-capacity': 'nothing free',
  'region-mismatch': 'elsewhere',
  'region-unknown': 'region?',
  'over-price-cap': 'over limit',
  'model-excluded': 'excluded',
  'provider-excluded': 'excluded',
  'provider-not-allowed': 'not asked',
  'runtime-unsupported': 'images only',
  'uptime-too-low': 'less uptime',
  'uptime-unknown': 'uptime?',
  'older-than-asked': 'too old',
  estimated: 'estimate',
  unpriced: 'no price',
  'offer-too-old': 'too old',
  'not-bookable': 'not bookable',
}

const LOSS: Record<LossReason, string> = {
  dearer: '',
  slower: 'slower',
  'latency-unknown': 'latency not known',
  'less-uptime': 'less uptime',
  'uptime-unknown': 'uptime not known',
  'same-price': 'same price, later in the alphabet',
  'not-picked': 'ranked higher, but another was picked',
}

/** Why one offer was rejected, to follow its name: "costs $3.40 per GPU-hour, the limit is $2.50". */
export function rejectionText(rejection: Rejection): string {
  const text = REJECTION[rejection.code] as (rejection: Rejection) => string
  return text(rejection)
}

/** Why an offer has no price in dollars. */
export const unpricedText = (why: UnpricedReason): string => UNPRICED[why]

/** A reason without figures, for counts: "over the price limit". */
export const rejectionTitle = (code: RejectionCode): string => TITLE[code]

/** A reason in at most twelve letters. */
export const rejectionShort = (rejection: Rejection): string =>
  rejection.code === 'runtime-unsupported' && rejection.wanted === 'container' ? 'no images' : SHORT[rejection.code]

/** Why an offer that fits lost: "$0.40 dearer (16.0 %)", "less uptime, $0.02 cheaper (0.8 %)". */
export function lossText({ because, dearerUsd, dearerBps }: Alternative): string {
  const [amount, bps] = dearerUsd < 0n ? [-dearerUsd, -dearerBps] : [dearerUsd, dearerBps]
  const difference =
    amount === 0n ? '' : `$${showUsd(amount)} ${dearerUsd < 0n ? 'cheaper' : 'dearer'} (${(bps / 100).toFixed(1)} %)`
  return [LOSS[because], difference].filter((part) => part !== '').join(', ')
}

/** What giving constraints up would bring: "3 fit at $3.40 per GPU-hour with a higher limit". */
export function relaxationText({ codes, count, usdPerGpuHour, gpus }: Relaxation): string {
  const conditions = codes.map((code) => RELAXED[code] ?? 'otherwise').join(' and ')
  const named = gpus ? ` (${gpus.join(', ')})` : ''
  return `${count} ${count === 1 ? 'fits' : 'fit'} at $${showUsd(usdPerGpuHour)} per GPU-hour ${conditions}${named}`
}

/** PRICE-06: what the secondary sort decided, or why it decided nothing. */
export function sortText({ key, withinBps, near, measured }: SecondarySort): string {
  const within = `within ${withinBps / 100} % of the cheapest that fits`
  if (near === 1) return `No other offer is ${within}, so ${key} decided nothing.`
  if (measured === 0) return `None of the ${near} offers ${within} says its ${key}, so price decided.`
  return `Sorted by ${key} among the ${near} offers ${within}.`
}

const seconds = (ms: number) => Math.ceil(ms / 1000)
const minutes = (ms: number) => Math.ceil(ms / 60_000)
