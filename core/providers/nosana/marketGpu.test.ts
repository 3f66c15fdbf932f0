// Which GPU a Nosana market stands for, and how many its hosts have.
import { expect, test } from 'vitest'
import { parseGpu } from '../../gpu/parseGpu.ts'
import { MARKET_GPUS } from './knownMarkets.ts'
import { gpusOfHost, type MarketNames, marketGpu } from './marketGpu.ts'

const id = (more: Partial<MarketNames>) =>
  marketGpu({ address: '11111111111111111111111111111111', slug: 'nvidia-new', gpuTypes: [], ...more })?.id

test.each([
  ['nvidia-8x-h100', 8],
  ['nvidia-2x-4090-community', 2],
  ['nvidia-h100', 1],
  ['nvidia-4090', 1],
  ['nvidia-6000-ada', 1],
])('PROV-05 a host of %s has %i', (slug, gpus) => {
  expect(gpusOfHost(slug)).toBe(gpus)
})

test.each([
  [['NVIDIA GeForce RTX 4090'], 24, 'rtx4090-24gb-pcie'],
  [['NVIDIA GeForce RTX 4090'], undefined, 'rtx4090-24gb-pcie'],
  [['NVIDIA A100-SXM4-80GB'], 80, 'a100-80gb-sxm'],
  // What is said of the boards differs, so nothing is.
  [['NVIDIA H100 80GB HBM3', 'NVIDIA H100 PCIe'], 80, 'h100-80gb'],
  [['NVIDIA H100 80GB HBM3', 'NVIDIA H100 PCIe'], undefined, 'h100-80gb'],
  // An RTX 3060 Ti does what an RTX 3060 of 8 GB does, and no more can be counted on.
  [['NVIDIA GeForce RTX 3060', 'NVIDIA GeForce RTX 3060 Ti'], 8, 'rtx3060-8gb-pcie'],
  [['NVIDIA GeForce RTX 3060 Ti', 'NVIDIA GeForce RTX 3060'], 8, 'rtx3060-8gb-pcie'],
  // With 12 GB the smallest, the Ti of 8 GB is not there.
  [['NVIDIA GeForce RTX 3060', 'NVIDIA GeForce RTX 3060 Ti'], 12, 'rtx3060-12gb-pcie'],
  [['Quadro RTX 4000', 'NVIDIA RTX A4000'], 8, 'rtx4000-8gb-pcie'],
  [['Quadro RTX 4000', 'NVIDIA RTX A4000'], 16, 'rtxa4000-16gb-pcie'],
  [['NVIDIA GeForce RTX 4080', 'NVIDIA GeForce RTX 4080 SUPER'], 16, 'rtx4080-16gb-pcie'],
])('PROV-05 %j of at least %s GiB is %s', (gpuTypes, lowestVramGib, expected) => {
  expect(id({ gpuTypes, lowestVramGib })).toBe(expected)
})

test.each([
  ['a model that is not in the table', ['NVIDIA GeForce RTX 4090 D', 'NVIDIA GeForce RTX 4090'], 24],
  ['several models and no smallest card', ['NVIDIA GeForce RTX 3060', 'NVIDIA GeForce RTX 3060 Ti'], undefined],
  ['a smallest card that none of them is', ['NVIDIA GeForce RTX 3060', 'NVIDIA GeForce RTX 3060 Ti'], 4],
  ['a smallest card that is not this model', ['NVIDIA GeForce RTX 3060'], 6],
  ['neither of two models being a better version of the other', ['NVIDIA L4', 'NVIDIA RTX A5000'], 24],
  ['memory in the name that is not the smallest', ['NVIDIA A100-SXM4-80GB'], 40],
])('PROV-05 %s: it cannot be told, whatever slug and address say', (_, gpuTypes, lowestVramGib) => {
  const address = '97G9NnvBDQ2WpKu6fasoMsAKmfj63C9rhysJnkeWodAf'
  expect(id({ address, slug: 'nvidia-4090', gpuTypes, lowestVramGib })).toBeUndefined()
})

test.each([
  ['nvidia-a100-80gb', 'a100-80gb'],
  ['nvidia-a100-40gb-community', 'a100-40gb'],
  ['nvidia-4090', 'rtx4090-24gb-pcie'],
  ['nvidia-6000-ada', 'rtx6000ada-48gb-pcie'],
  ['nvidia-pro-6000', 'rtxpro6000-96gb-pcie'],
  ['nvidia-8x-h100', 'h100-80gb'],
])('PROV-05 without GPU types %s is %s by its slug', (slug, expected) => {
  expect(id({ slug })).toBe(expected)
})

test('PROV-05 without GPU types and with an unknown slug it is what is known of its address', () => {
  expect(id({ address: '97G9NnvBDQ2WpKu6fasoMsAKmfj63C9rhysJnkeWodAf' })).toBe('rtx4090-24gb-pcie')
  expect(id({})).toBeUndefined()
  for (const name of Object.values(MARKET_GPUS)) expect(parseGpu({ name })).toBeDefined()
})
