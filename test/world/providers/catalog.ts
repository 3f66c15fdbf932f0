// What the stand-in providers have to rent: models and types with usual prices, at levels as of late 2026.

export interface AkashModel {
  readonly vendor: string
  readonly model: string
  readonly ram: string
  readonly interface: string
  readonly total: number
  /** How many providers bid; none means that no price is known. */
  readonly bidders: number
  /** The usual cheapest bid, USD for one GPU-hour. */
  readonly usd: number
  /** Everything is rented out. */
  readonly taken?: boolean
}

const akash = (
  [model, ram, board]: [string, string, string],
  [total, bidders, usd]: [number, number, number],
  more: Partial<AkashModel> = {},
): AkashModel => ({ vendor: 'nvidia', model, ram, interface: board, total, bidders, usd, ...more })

export const AKASH_MODELS: readonly AkashModel[] = [
  akash(['h200', '141Gi', 'SXM5'], [32, 2, 2.35]),
  akash(['h100', '80Gi', 'SXM5'], [96, 4, 1.75]),
  akash(['h100', '80Gi', 'PCIe'], [12, 2, 1.62]),
  akash(['a100', '80Gi', 'SXM4'], [160, 5, 1.1]),
  akash(['a100', '80Gi', 'PCIe'], [16, 3, 0.98]),
  akash(['a100', '40Gi', 'PCIe'], [8, 2, 0.72]),
  akash(['pro6000se', '96Gi', 'PCIe'], [24, 2, 1.05]),
  akash(['l40s', '48Gi', 'PCIe'], [20, 2, 0.62]),
  akash(['rtxa6000', '48Gi', 'PCIe'], [18, 3, 0.41]),
  akash(['rtx5090', '32Gi', 'PCIe'], [14, 3, 0.44]),
  akash(['rtx4090', '24Gi', 'PCIe'], [40, 6, 0.3]),
  akash(['rtx3090', '24Gi', 'PCIe'], [22, 4, 0.17]),
  akash(['v100', '16Gi', 'SXM2'], [8, 1, 0.3]),
  akash(['t4', '16Gi', 'PCIe'], [12, 2, 0.11]),
  akash(['rtx5090m', '24Gi', 'PCIe'], [2, 1, 0.15], { taken: true }),
  akash(['gtx1070ti', '8Gi', 'PCIe'], [3, 1, 0.06]),
  akash(['p40', '24Gi', 'PCIe'], [4, 0, 0], { taken: true }),
]

export interface Ec2Type {
  readonly type: string
  readonly name: string
  readonly gpus: number
  readonly mib: number
  readonly vcpus: number
  readonly hostMib: number
  /** The usual spot price of the whole instance in the cheapest region, USD per hour. */
  readonly usd: number
  readonly regions: readonly string[]
  readonly arm?: boolean
  /** NVIDIA unless another. */
  readonly maker?: string
  /** Each is this share of a whole GPU. */
  readonly share?: number
  /** Offered, but with no spot price: the history is empty. */
  readonly unpriced?: boolean
}

export interface Ec2Region {
  readonly region: string
  readonly zones: readonly { readonly name: string; readonly id: string }[]
  /** On the usual price. */
  readonly factor: number
}

const zones = (region: string, prefix: string, numbers: readonly number[]) =>
  numbers.map((number, index) => ({ name: `${region}${'abc'[index]}`, id: `${prefix}-az${number}` }))

export const EC2_REGIONS: readonly Ec2Region[] = [
  { region: 'us-east-1', zones: zones('us-east-1', 'use1', [1, 4, 6]), factor: 1 },
  { region: 'us-east-2', zones: zones('us-east-2', 'use2', [1, 2, 3]), factor: 1.02 },
  { region: 'us-west-2', zones: zones('us-west-2', 'usw2', [1, 2, 3]), factor: 1.04 },
  { region: 'eu-west-1', zones: zones('eu-west-1', 'euw1', [1, 2, 3]), factor: 1.12 },
]
const EAST = ['us-east-1']
const US = ['us-east-1', 'us-west-2']
const ALL = ['us-east-1', 'us-east-2', 'us-west-2', 'eu-west-1']

const ec2 = (
  type: string,
  [gpus, name, mib]: [number, string, number],
  [vcpus, hostGib, usd]: [number, number, number],
  regions: readonly string[],
  more: Partial<Ec2Type> = {},
): Ec2Type => ({ type, name, gpus, mib, vcpus, hostMib: hostGib * 1024, usd, regions, ...more })

/**
 * With the quirks of the real one: L4 says 22888 MiB, p5en says only "NVIDIA", one type has no spot price, one is AMD's,
 * some hosts are Arm, some hold a part of a GPU, and one accelerator is no GPU.
 */
export const EC2_TYPES: readonly Ec2Type[] = [
  ec2('p6-b200.48xlarge', [8, 'B200', 183_296], [192, 2048, 38.5], EAST),
  ec2('p5.48xlarge', [8, 'H100', 81_920], [192, 2048, 20.6], US),
  ec2('p5.4xlarge', [1, 'H100', 81_920], [16, 256, 2.72], US),
  ec2('p5en.48xlarge', [8, 'NVIDIA', 144_384], [192, 2048, 27.4], EAST),
  ec2('p4d.24xlarge', [8, 'A100', 40_960], [96, 1152, 10.9], ALL),
  ec2('p4de.24xlarge', [8, 'A100', 81_920], [96, 1152, 13.6], US, { unpriced: true }),
  ec2('p3.2xlarge', [1, 'V100', 16_384], [8, 61, 0.94], ALL),
  ec2('g7e.2xlarge', [1, 'RTX PRO Server 6000', 97_887], [8, 64, 1.31], ALL),
  ec2('g7e.48xlarge', [8, 'RTX PRO Server 6000', 97_887], [192, 2048, 11.2], US),
  ec2('g6e.xlarge', [1, 'L40S', 45_776], [4, 32, 0.79], ALL),
  ec2('g6e.12xlarge', [4, 'L40S', 45_776], [48, 384, 4.15], ALL),
  ec2('g6.xlarge', [1, 'L4', 22_888], [4, 16, 0.31], ALL),
  ec2('g6.12xlarge', [4, 'L4', 22_888], [48, 192, 1.72], ALL),
  ec2('gr6.4xlarge', [1, 'L4', 22_888], [16, 128, 0.58], ALL),
  ec2('g5.xlarge', [1, 'A10G', 24_576], [4, 16, 0.43], ALL),
  ec2('g5.12xlarge', [4, 'A10G', 24_576], [48, 192, 2.05], ALL),
  ec2('g4dn.xlarge', [1, 'T4', 16_384], [4, 16, 0.19], ALL),
  ec2('g4dn.metal', [8, 'T4', 16_384], [96, 384, 2.3], US),
  ec2('g4ad.xlarge', [1, 'Radeon Pro V520', 8_192], [4, 16, 0.14], ALL, { maker: 'AMD' }),
  ec2('g4ad.16xlarge', [4, 'Radeon Pro V520', 8_192], [64, 256, 1.21], US, { maker: 'AMD' }),
  ec2('g5g.xlarge', [1, 'T4g', 16_384], [4, 8, 0.15], ALL, { arm: true }),
  ec2('g6f.xlarge', [1, 'L4', 2_861], [4, 16, 0.09], US, { share: 0.125 }),
  ec2('dl1.24xlarge', [8, 'Gaudi HL-205', 32_768], [96, 768, 3.93], EAST, { maker: 'Habana' }),
]
