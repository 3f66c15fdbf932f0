// Provider names to GPUs: the folding rules, and the pairs that must never be taken for one another.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gpuSchema } from './gpu.ts'
import { gpuFamilies } from './gpuTable.ts'
import { parseGpu } from './parseGpu.ts'

const id = (name: string, more: Omit<Parameters<typeof parseGpu>[0], 'name'> = {}) => parseGpu({ name, ...more })?.id

describe('AGENT-01 provider names become one canonical id', () => {
  test.each([
    ['NVIDIA GeForce RTX 4090', {}, 'rtx4090-24gb-pcie'],
    ['RTX_4090', { memoryMib: 24564 }, 'rtx4090-24gb-pcie'],
    ['a100', { memoryGib: 80, interface: 'SXM4' }, 'a100-80gb-sxm'],
    ['NVIDIA A100-SXM4-80GB', {}, 'a100-80gb-sxm'],
    ['A100_80G', {}, 'a100-80gb'],
    ['A100 40Gi PCIe', {}, 'a100-40gb-pcie'],
    ['NVIDIA H100 80GB HBM3', {}, 'h100-80gb-sxm'],
    ['NVIDIA H100 PCIe', {}, 'h100-80gb-pcie'],
    ['H100', {}, 'h100-80gb'],
    ['H100 NVL', {}, 'h100-94gb-nvl'],
    ['h100', { memoryGib: 80, interface: 'something new' }, 'h100-80gb'],
    ['NVIDIA H200', { memoryGib: 141 }, 'h200-141gb-sxm'],
    ['h200nvl', { memoryGib: 141 }, 'h200nvl-141gb-nvl'],
    ['H200', { interface: 'NVL' }, 'h200nvl-141gb-nvl'],
    ['h200nvl', { memoryGib: 141, interface: 'PCIe' }, 'h200nvl-141gb-nvl'],
    ['h100', { memoryGib: 94, interface: 'PCIe' }, 'h100-94gb-nvl'],
    ['B200', { memoryMib: 183_359 }, 'b200-180gb-sxm'],
    ['GB200 NVL72', {}, 'gb200-186gb'],
    ['L4', { memoryMib: 22_888 }, 'l4-24gb-pcie'],
    ['Tesla T4', { memoryMib: 15_360 }, 't4-16gb-pcie'],
    ['Tesla V100-SXM2-16GB', {}, 'v100-16gb-sxm'],
    ['v100', { memoryGib: 32, interface: 'SXM3' }, 'v100-32gb-sxm'],
    ['a5000', { memoryGib: 24 }, 'rtxa5000-24gb-pcie'],
    ['rtx5090m', { memoryGib: 24, interface: 'PCIe' }, 'rtx5090-laptop-24gb-pcie'],
    ['NVIDIA GeForce RTX 5090 Laptop GPU', {}, 'rtx5090-laptop-24gb-pcie'],
    ['RTX PRO 6000 Blackwell Server Edition', {}, 'rtxpro6000-96gb-pcie'],
    ['RTX PRO 6000 Blackwell Max-Q Workstation Edition', {}, 'rtxpro6000-maxq-96gb-pcie'],
    ['NVIDIA GeForce RTX 4070 Ti SUPER', {}, 'rtx4070tisuper-16gb-pcie'],
    ['rtx4080s', { memoryGib: 16 }, 'rtx4080super-16gb-pcie'],
    ['RTX 4060 Ti', { memoryGib: 8 }, 'rtx4060ti-8gb-pcie'],
    ['GeForce RTX 3060', {}, 'rtx3060-12gb-pcie'],
    ['AMD Instinct MI300X', { memoryGib: 192 }, 'mi300x-192gb'],
    ['Radeon Pro V520', {}, 'v520-8gb-pcie'],
  ])('%s %j is %s', (name, more, expected) => {
    expect(id(name, more)).toBe(expected)
  })

  test.each([
    ['a name that is not in the table', 'H20', {}],
    ['a suffix that makes another product', 'RTX 4090 D', {}],
    ['a laptop part without a row of its own', 'RTX 4090 Laptop GPU', {}],
    ['an Arm relative with one more letter', 'T4G', {}],
    ['memory missing where it decides', 'V100', {}],
    ['memory that fits no size', 'a100', { memoryGib: 64 }],
    ['a Turing name with the memory of an Ada one', 'RTX 6000', { memoryGib: 48 }],
    ['memory just over 7 % away', 'L4', { memoryMib: 22_855 }],
    ['text and field that contradict each other', 'H100 PCIe', { interface: 'SXM5' }],
    ['an interface the product is not made with', 'rtx4090', { interface: 'SXM4' }],
    ['a slice of a GPU', 'H100 80GB HBM3 MIG 1g.10gb', {}],
    ['nothing', '', {}],
  ])('%s stays unmapped', (_why, name, more) => {
    expect(id(name, more)).toBeUndefined()
  })
})

test('pairs that are never equal keep different families', () => {
  const families = (names: [string, number?][]) =>
    names.map(([name, memoryGib]) => parseGpu({ name, ...(memoryGib ? { memoryGib } : {}) })?.family)
  for (const group of [
    families([['A10'], ['A10G']]),
    families([['RTX6000'], ['RTX 6000 Ada'], ['RTX A6000'], ['RTX PRO 6000'], ['pro6000mq']]),
    families([['RTX4000'], ['RTX A4000'], ['RTX4000Ada']]),
    families([
      ['A100', 80],
      ['A800', 80],
    ]),
    families([['H100'], ['GH200'], ['H200'], ['H200 NVL']]),
    families([['RTX 5090'], ['rtx5090m']]),
    families([['RTX 4080'], ['RTX 4080 SUPER']]),
    families([['L40'], ['L40S'], ['L4']]),
  ]) {
    expect(group).not.toContain(undefined)
    expect(new Set(group).size).toBe(group.length)
  }
})

test('every id in the table can be read back as itself, whatever the case and separators', () => {
  const products = gpuFamilies.flatMap((row) =>
    row.sizes.flatMap((size) => [undefined, ...size.interfaces].map((board) => ({ row, size, board }))),
  )
  const spelled = fc.tuple(fc.constantFrom(...products), fc.constantFrom(' ', '_', '-'), fc.boolean())
  fc.assert(
    fc.property(spelled, ([{ row, size, board }, separator, upper]) => {
      const text = [row.family, `${size.gib}gb`, ...(board ? [board] : [])].join(separator)
      const gpu = parseGpu({ name: upper ? text.toUpperCase() : text })
      expect(gpuSchema.parse(gpu)).toMatchObject({ family: row.family, memoryGib: size.gib })
      if (board) expect(gpu?.interface).toBe(board)
    }),
  )
})

test('any text gives a GPU or undefined, never a throw', () => {
  fc.assert(
    fc.property(fc.string(), fc.option(fc.double(), { nil: undefined }), (name, memoryMib) => {
      const gpu = parseGpu({ name, memoryMib })
      if (gpu) gpuSchema.parse(gpu)
    }),
  )
})
