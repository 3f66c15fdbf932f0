// For tests: replies of io.net's routes, written from their shapes.

/** A row of the market snapshot. */
export const snapshotRow = (id: number, name: string, more: Record<string, unknown> = {}) => ({
  id,
  brand_name: 'NVIDIA',
  hardware_name: name,
  price: 1.19,
  caas_price: 2.09,
  vmaas_price: 1.99,
  type: 'GPU',
  total: 512,
  hired: 212,
  idle: 300,
  ...more,
})

export const healthyReply = {
  status: 'succeeded',
  data: [
    snapshotRow(224, 'H100 80GB HBM3'),
    snapshotRow(101, 'GeForce RTX 4090', { price: 0.25, caas_price: null, total: 6, hired: 6, idle: 0 }),
    snapshotRow(230, 'A100-SXM4-80GB', { price: null, caas_price: null }),
    snapshotRow(77, 'CMP 170HX', { price: 0.07, caas_price: 0.09 }),
    snapshotRow(55, 'M2 Ultra', { brand_name: 'Apple', type: 'CPU', price: 0.1 }),
    snapshotRow(56, 'EPYC 9654', { brand_name: 'AMD', type: 'CPU', price: 0.1 }),
  ],
}
export const emptyReply = { status: 'succeeded', data: [] }
/** Rows broken one way each, among good ones. */
export const rowsReply = {
  status: 'succeeded',
  data: [
    snapshotRow(224, 'H100 80GB HBM3'),
    snapshotRow(225, 'H100 PCIe', { caas_price: 0 }),
    snapshotRow(226, 'H200', { caas_price: -1 }),
    snapshotRow(227, 'L40S', { caas_price: '0.75' }),
    snapshotRow(228, 'L4', { idle: -1 }),
    snapshotRow(229, ''),
    null,
    snapshotRow(224, 'H100 80GB HBM3'),
  ],
}

const catalogueRow = (id: number, name: string, brand: string) => ({
  available: 40,
  brand_name: brand,
  busy_percent: 20,
  hardware_name: name,
  icon: 'https://io.example/icon.svg',
  id,
  price: 1.25,
  total: 50,
})
export const catalogueReply = {
  status: 'succeeded',
  data: {
    connectivity_tiers: [{ connectivity_tier: 1, name: 'Low Speed' }],
    durations: [{ duration: 'Hourly', percent: 1 }],
    hardwares: {
      cpu: { Intel: [catalogueRow(15, 'Xeon Platinum 8380', 'Intel')] },
      gpu: { NVIDIA: [catalogueRow(224, 'H100 80GB HBM3', 'NVIDIA'), catalogueRow(140, 'RTX 3060 Mobile', 'NVIDIA')] },
    },
    locations: [{ id: 41, name: 'Canada' }],
  },
}

export const hardwareReply = (
  rows: readonly (readonly [id: number, name: string, most: number])[] = [
    [224, 'H100 80GB HBM3', 8],
    [101, 'GeForce RTX 4090', 4],
  ],
) => ({
  data: {
    hardware: rows.map(([hardware_id, hardware_name, max_gpus_per_container]) => ({
      max_gpus_per_container,
      available: 3,
      hardware_id,
      hardware_name,
      brand_name: 'NVIDIA',
    })),
    total: rows.length,
  },
})

export const placesReply = (
  rows: readonly (readonly [id: number, iso2: string, name: string, containers: number])[] = [
    [1, 'US', 'United States', 2],
    [2, 'IS', 'Iceland', 5],
    [3, 'CA', 'Canada', 0],
  ],
) => ({ data: rows.map(([id, iso2, name, available_replicas]) => ({ id, iso2, name, available_replicas })) })

/** The fees are inside the total. */
export const priceReply = (total_cost_usdc: number, gpus_per_container = 1) => ({
  data: {
    replica_count: 1,
    gpus_per_container,
    available_replica_count: [2],
    discount: 0,
    ionet_fee: 0.05,
    ionet_fee_percent: 2,
    currency_conversion_fee: 0,
    currency_conversion_fee_percent: 0,
    total_cost_usdc,
  },
})
