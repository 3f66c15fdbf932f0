// For tests: a live listing of eight H100s, but for what is given.
import { perGpuHour } from '../../money.ts'
import type { NectoListing } from './offers.ts'

export const testListing = (more: Partial<NectoListing> = {}): NectoListing => ({
  id: 'l1',
  payee: `0x${'ab'.repeat(32)}`,
  sellerName: 'Rack & Co',
  gpu: { id: 'h100-80gb-sxm', family: 'h100', memoryGib: 80, interface: 'sxm' },
  rawGpu: 'H100 SXM',
  gpusPerNode: 8,
  freeGpus: 6,
  usdPerGpuHour: perGpuHour(1_750_000n),
  region: ['eu', 'de', 'berlin'],
  runtimes: ['container'],
  live: true,
  offline: false,
  minSeconds: 60,
  observedAtMs: 1_760_000_000_000,
  ...more,
})
