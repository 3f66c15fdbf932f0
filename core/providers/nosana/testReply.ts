// For tests: replies of Nosana's list of markets, written from its shape.

/** A market's row; the addresses are Solana's, so slug and address need not belong together. */
export const marketRow = (slug: string, more: Record<string, unknown> = {}) => ({
  address: 'Crop49jpc7prcgAcS82WbWyGHwbN5GgDym3uFbxxCTZg',
  slug,
  name: slug,
  sft: 'AdyHDgVzfryraFycA1QyXiCaRAm2wU9qhyDGD3mWtkUc',
  type: 'PREMIUM',
  usd_reward_per_hour: 1.3636,
  nos_reward_per_second: 0.00126,
  nos_job_price_per_second: 0.001386,
  network_fee_percentage: 10,
  premium_community_relation: null,
  gpu_types: [],
  required_images: [],
  required_remote_resources: [],
  nodes: [],
  client: true,
  ...more,
})

const h100 = marketRow('nvidia-h100', { gpu_types: ['NVIDIA H100 80GB HBM3'], lowest_vram: 80 })
const unknown = marketRow('nvidia-4090-community', {
  address: 'Dcwz62TisNbWuto6KJM2EGYGVKnHbdZGVGmgLASzsXy8',
  type: 'COMMUNITY',
  usd_reward_per_hour: 0.218175,
  gpu_types: ['NVIDIA GeForce RTX 4090 D', 'NVIDIA GeForce RTX 4090'],
  lowest_vram: 24,
})
const eight = marketRow('nvidia-8x-h100', {
  address: '37VPcEfrA34vLRygFQd7bWiosBwv3a5jPv4hcXdumytC',
  type: 'OTHER',
  usd_reward_per_hour: 18.2,
  gpu_types: ['NVIDIA H100 80GB HBM3'],
  lowest_vram: 80,
})

export const healthyReply = [
  h100,
  unknown,
  eight,
  marketRow('nvidia-8x-a5000', { type: 'OTHER', usd_reward_per_hour: null }),
  marketRow('nvidia-laptop', { usd_reward_per_hour: 0.08 }),
  marketRow('sogni-4090', { usd_reward_per_hour: 0.1 }),
]
export const emptyReply: unknown[] = []
/** Rows broken one way each, among good ones. */
export const rowsReply = [
  h100,
  { ...eight, usd_reward_per_hour: '18.2' },
  { ...eight, address: 'not an address' },
  { ...eight, network_fee_percentage: undefined },
  { ...eight, usd_reward_per_hour: 0 },
  { ...eight, usd_reward_per_hour: -1 },
  null,
  h100,
]
