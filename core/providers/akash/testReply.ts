// For tests: a reply of the Console's GPU price table, written from its shape.

const row = (model: string, ram: string, board: string, more: { available?: number; price?: unknown } = {}) => ({
  vendor: 'nvidia',
  model,
  ram,
  interface: board,
  availability: { total: 12, available: more.available ?? 5 },
  providerAvailability: { total: 3, available: 2 },
  price:
    'price' in more ? more.price : { currency: 'USD', min: 1.2, max: 1.8, avg: 1.5, weightedAverage: 1.6, med: 1.5 },
  priceUakt: null,
})

export const healthyReply = {
  availability: { total: 60, available: 20 },
  models: [
    row('h100', '80Gi', 'SXM5'),
    row('a100', '80Gi', 'PCIe', { available: 0 }),
    row('rtx4090', '24Gi', 'PCIe'),
    row('h20', '96Gi', 'SXM5'),
    row('p40', '24Gi', 'PCIe', { price: null }),
  ],
}
export const emptyReply = { availability: { total: 0, available: 0 }, models: [] }
/** Rows broken one way each, among good ones. */
export const rowsReply = {
  ...healthyReply,
  models: [
    row('h100', '80Gi', 'SXM5'),
    row('h20', '96Gi', 'SXM5', { price: { currency: 'USD', min: 0, max: 0, avg: 0, weightedAverage: 0, med: 0 } }),
    row('t4', '16Gi', 'PCIe', { price: { currency: 'EUR', min: 1, max: 1, avg: 1, weightedAverage: 1, med: 1 } }),
    row('l4', '24Gi', 'PCIe', { price: { currency: 'USD', min: '0.4' } }),
    { vendor: 'nvidia' },
    null,
    row('h100', '80Gi', 'SXM5'),
  ],
}
