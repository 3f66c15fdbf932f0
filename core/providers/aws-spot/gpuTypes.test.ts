// EC2's instance types: every family with GPUs, as AWS describes it, and what it really holds.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { gpuTypes } from './gpuTypes.ts'

const type = (InstanceType: string, Name: string, Count: number | undefined, SizeInMiB: number, more = {}) => ({
  InstanceType,
  SupportedUsageClasses: ['on-demand', 'spot'],
  ProcessorInfo: { SupportedArchitectures: ['x86_64'] },
  GpuInfo: { Gpus: [{ Name, Manufacturer: 'NVIDIA', Count, MemoryInfo: { SizeInMiB } }] },
  ...more,
})
const made = (Manufacturer: string, row: ReturnType<typeof type>) => ({
  ...row,
  GpuInfo: { Gpus: row.GpuInfo.Gpus.map((device) => ({ ...device, Manufacturer })) },
})
const arm = { ProcessorInfo: { SupportedArchitectures: ['arm64'] } }
const shortened = { ProcessorInfo: undefined }

describe('PROV-03 instance types', () => {
  const read = (row: unknown) => gpuTypes([row])

  test.each([
    [type('p3.2xlarge', 'V100', 1, 16_384), 'v100-16gb-sxm', 1],
    [type('p3.8xlarge', 'V100', 4, 16_384), 'v100-16gb-sxm', 4],
    [type('p3.16xlarge', 'V100', 8, 16_384), 'v100-16gb-sxm', 8],
    [type('p3dn.24xlarge', 'V100', 8, 32_768), 'v100-32gb-sxm', 8],
    [type('p4d.24xlarge', 'A100', 8, 40_960), 'a100-40gb-sxm', 8],
    [type('p4de.24xlarge', 'A100', 8, 81_920), 'a100-80gb-sxm', 8],
    [type('p4de.24xlarge', 'A100', 0, 40_960), 'a100-80gb-sxm', 8],
    [type('p5.48xlarge', 'H100', 8, 81_920), 'h100-80gb-sxm', 8],
    [type('p5.4xlarge', 'H100', 1, 81_920), 'h100-80gb-sxm', 1],
    [type('p5.4xlarge', 'H100', 8, 81_920), 'h100-80gb-sxm', 1],
    [type('p5e.48xlarge', 'H200', 8, 144_384), 'h200-141gb-sxm', 8],
    [type('p5en.48xlarge', 'H200', 8, 144_384), 'h200-141gb-sxm', 8],
    [type('p5en.48xlarge', 'NVIDIA', 8, 144_384), 'h200-141gb-sxm', 8],
    [type('p6-b200.48xlarge', 'B200', 8, 183_296), 'b200-180gb-sxm', 8],
    [type('p6-b300.48xlarge', 'B300', 8, 275_040), 'b300-270gb-sxm', 8],
    [type('g4dn.xlarge', 'T4', 1, 16_384), 't4-16gb-pcie', 1],
    [type('g4dn.12xlarge', 'T4', 4, 16_384), 't4-16gb-pcie', 4],
    [type('g4dn.metal', 'T4', 8, 16_384), 't4-16gb-pcie', 8],
    [made('AMD', type('g4ad.4xlarge', 'Radeon Pro V520', 1, 8_192)), 'v520-8gb-pcie', 1],
    [made('AMD', type('g4ad.16xlarge', 'Radeon Pro V520', 4, 8_192)), 'v520-8gb-pcie', 4],
    [type('g5.24xlarge', 'A10G', 4, 24_576), 'a10g-24gb-pcie', 4],
    [type('g5.48xlarge', 'A10G', 8, 22_888), 'a10g-24gb-pcie', 8],
    [type('g6.12xlarge', 'L4', 4, 22_888), 'l4-24gb-pcie', 4],
    [type('gr6.4xlarge', 'L4', 1, 22_888), 'l4-24gb-pcie', 1],
    [type('g6e.48xlarge', 'L40S', 8, 45_776), 'l40s-48gb-pcie', 8],
    [type('g7.2xlarge', 'RTX PRO 4500', 1, 32_623), 'rtxpro4500-32gb-pcie', 1],
    [type('g7e.48xlarge', 'RTX PRO Server 6000', 8, 98_304), 'rtxpro6000-96gb-pcie', 8],
    [type('g7e.2xlarge', 'RTX PRO 6000 Blackwell', 1, 97_887), 'rtxpro6000-96gb-pcie', 1],
  ])('%o holds %s times %i', (row, id, gpus) => {
    const [found] = read(row).types
    expect(found?.gpu?.id).toBe(id)
    expect(found?.gpus).toBe(gpus)
  })

  test('a GPU of a name not in the table stays, unmapped, with its type', () => {
    expect(read(type('p9.48xlarge', 'R100', 8, 300_000)).types).toEqual([
      { type: 'p9.48xlarge', rawGpu: '8x R100 (p9.48xlarge)', gpus: 8 },
    ])
  })

  const partition = { Name: 'L4', Manufacturer: 'NVIDIA', GpuPartitionSize: 0.125, MemoryInfo: { SizeInMiB: 2_861 } }
  test.each([
    ['an Arm host', type('g5g.xlarge', 'T4g', 1, 16_384, arm)],
    ['an Arm host', type('g5g.metal', 'T4g', 2, 16_384, shortened)],
    ['an Arm host', type('p6e-gb200.36xlarge', 'GB200', 4, 189_471, shortened)],
    ['an Arm host', type('g9.xlarge', 'T4', 1, 16_384, arm)],
    ['a fraction of a GPU', type('g6f.xlarge', 'L4', 1, 5_722)],
    ['a fraction of a GPU', type('g6f.large', 'L4', 0, 2_861)],
    ['a fraction of a GPU', type('gr6f.4xlarge', 'L4', undefined, 11_444)],
    ['a fraction of a GPU', type('g8f.large', 'L4', 0, 2_861, { GpuInfo: { Gpus: [partition] } })],
    ['not rented as spot', type('p5.48xlarge', 'H100', 8, 81_920, { SupportedUsageClasses: ['on-demand'] })],
    ['no number of GPUs', type('g9.xlarge', 'L4', 0, 22_888)],
    ['no number of GPUs', type('g9.xlarge', 'L4', undefined, 22_888)],
    ['not readable', { InstanceType: 'p5.48xlarge', GpuInfo: { Gpus: [{ Name: 'H100' }] } }],
    ['not readable', null],
  ])('%s is left out', (reason, row) => {
    expect(read(row)).toEqual({ types: [], dropped: [{ row: expect.any(String), reason }] })
  })

  test('two kinds of GPU in one instance are not shared out by guessing', () => {
    const [device] = type('x', 'L4', 1, 22_888).GpuInfo.Gpus
    const row = type('g9.xlarge', '', 0, 1, { GpuInfo: { Gpus: [device, { ...device, Name: 'T4' }] } })
    expect(read(row).dropped).toEqual([{ row: 'g9.xlarge', reason: 'several kinds of GPU' }])
  })

  test('accelerators that are no GPUs, and types without any, are passed over', () => {
    const rows = [
      made('Habana', type('dl1.24xlarge', 'Gaudi HL-205', 8, 32_768)),
      made('Qualcomm', type('dl2q.24xlarge', 'AI100', 8, 16_384)),
      made('Amazon', type('g3x.large', 'Something', 1, 8_192)),
      { InstanceType: 'p5k.large' },
    ]
    expect(gpuTypes(rows)).toEqual({ types: [], dropped: [] })
  })
})

// Recordings of the live service are kept outside the project; where they are not at hand this says "skipped".
const samples = ['recorded', 'quirks_SYNTHETIC'].map((name) =>
  resolve(`../shared/samples/aws_describe_instance_types_${name}.json`),
)
test.skipIf(!samples.every((file) => existsSync(file)))('PROV-03 the recorded replies are read whole', () => {
  const rows = samples.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')).InstanceTypes)
  const { types, dropped } = gpuTypes(rows)
  expect(dropped).toEqual([])
  expect(types.map(({ type: name, gpu, gpus }) => `${name}: ${gpus} ${gpu?.id}`)).toEqual([
    'g4dn.8xlarge: 1 t4-16gb-pcie',
    'p3.8xlarge: 4 v100-16gb-sxm',
    'g4ad.16xlarge: 4 v520-8gb-pcie',
    'p4d.24xlarge: 8 a100-40gb-sxm',
    'p5.48xlarge: 8 h100-80gb-sxm',
    'g6.12xlarge: 4 l4-24gb-pcie',
    'p5en.48xlarge: 8 h200-141gb-sxm',
  ])
})
