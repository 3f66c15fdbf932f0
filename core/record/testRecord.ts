// Inputs of a rich decision for the tests of this folder: several providers, outcomes, price models and reasons.
import type { Evidence } from '../market/provider.ts'
import { perGpuHour } from '../money.ts'
import { defaultPolicy } from '../pricing/policy.ts'
import { nodePrice, nowMs, payee, plainAsk, plainOffer, tokens, usd } from '../pricing/testOffers.ts'
import type { RecordUser } from './record.ts'
import type { SealInput } from './seal.ts'

const evidence = (host: string): Evidence => ({
  url: `https://${host}/v1/gpus`,
  status: 200,
  fetchedAtMs: nowMs - 60_000,
  byteLength: 4096,
  sha256: 'ab'.repeat(32),
})

export const user: RecordUser = {
  member: { pseudonym: 'brave-otter', tag: `0x${'22'.repeat(32)}` },
  team: { pseudonym: 'quiet-harbour', tag: `0x${'33'.repeat(32)}` },
}

const { gpu: _, ...unmapped } = plainOffer({ id: 'ionet:odd', provider: 'ionet', rawGpu: 'H100 Mega', payee })

/** Best is akash:node (8 of 8 GPUs of a node), then necto:1, then akash:2. */
export const sealInput: SealInput = {
  ref: 'K7QF-3M2P',
  sequence: 1,
  createdAtMs: nowMs,
  ask: {
    ...plainAsk,
    gpuCount: 8,
    maxUsdPerGpuHour: usd(2.5),
    regions: ['eu', 'us'],
    excludeModels: ['auction'],
    sort: 'uptime',
  },
  providers: [
    { id: 'necto', outcome: 'answered', evidence: [], ageMs: 0 },
    { id: 'akash', outcome: 'answered', evidence: [evidence('akash.example')], ageMs: 60_000 },
    { id: 'ionet', outcome: 'answered', evidence: [evidence('ionet.example')], ageMs: 5000, partial: 'page 3' },
    { id: 'nosana', outcome: 'failed', reason: 'Nosana could not be read.', evidence: [] },
    { id: 'aws-spot', outcome: 'skipped', reason: 'AWS_ACCESS_KEY_ID is not set', evidence: [] },
    { id: 'render', outcome: 'late', evidence: [] },
  ],
  offers: [
    plainOffer({ id: 'akash:2', price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: usd(2.2) } } }),
    plainOffer({
      id: 'akash:node',
      price: nodePrice(16, 8),
      uptimePercent: { value: 99.5, how: '30 days' },
      minSeconds: 3600,
    }),
    plainOffer({
      id: 'necto:1',
      provider: 'necto',
      payee: `0x${'44'.repeat(32)}`,
      uptimePercent: { value: 97.25, how: '7 days' },
      price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: perGpuHour(2_010_001n) } },
    }),
    plainOffer({
      id: 'ionet:akt',
      provider: 'ionet',
      bookable: { no: 'no key' },
      price: { model: 'token', token: 'AKT', tokensPerHour: '3.25', per: 'gpu', gpus: 1 },
    }),
    plainOffer({
      id: 'ionet:dear',
      provider: 'ionet',
      region: ['na', 'us'],
      price: {
        model: 'auction',
        unit: { per: 'gpu', usdPerHour: usd(4) },
        volatility: { bps: 1200, basis: 'bids of 24 h' },
      },
    }),
    plainOffer({ id: 'akash:a100', gpu: { id: 'a100-80gb', family: 'a100', memoryGib: 80 } }),
    unmapped,
  ],
  tokens,
  policy: defaultPolicy,
  workload: `0x${'55'.repeat(32)}`,
}
