// What is known of single Nosana markets beyond what its API says of them.

/** Markets of one customer's own hosts, by slug: listed like all others, but not for us. */
export const PRIVATE_MARKETS: ReadonlySet<string> = new Set(['columbia-uni-4090', 'sogni-4090', 'alpha-4090'])

/**
 * The GPU of a market by its address, which outlives a change of slug. From the market maps of two published clients,
 * late 2025; the market of RTX 4000 and A4000 is not here, because it is not one GPU.
 */
export const MARKET_GPUS: Readonly<Record<string, string>> = {
  '47LQHZwT7gfVoBDYnRYhsYv6vKk8a1oW3Y3SdHAp1gTr': 'RTX 4060',
  RXP7JK8MTY4uPJng4UjC9ZJdDDSG6wGr8pvVf3mwgXF: 'RTX 3070',
  '7RepDm4Xt9k6qV5oiSHvi8oBoty4Q2tfBGnCYjFLj6vA': 'RTX 3080',
  EzuHhkrhmV98HWzREsgLenKj2iHdJgrKmzfL8psP8Aso: 'RTX 4070',
  '77wdaAuYVxBW5u2QiqddkAzoBZ5cuKxH9ZCbx5HfFUb2': 'RTX 4080',
  CA5pMpqkYFKtme7K31pNB1s62X2SdhEv1nN9RdxKCpuQ: 'RTX 3090',
  '5eX3kWkrcbwejEc1svbfP4F7NKYjtPDuyU5KnV1hUBKg': 'RTX 5070',
  '4uBye3vJ1FAYukDdrvqQ36MZZZxqW3o8utWu8fyomRuN': 'RTX A5000',
  '97G9NnvBDQ2WpKu6fasoMsAKmfj63C9rhysJnkeWodAf': 'RTX 4090',
  '9HnJacS25TnErsKMYJmKqWeCAMYuwY7gzhz9Eqhp5VE7': 'RTX 5080',
  BLqSzPzcXMX5gseNXE4Ma45f31Eo6tNFVYoRmPG7kxP2: 'A40',
  EjryZ6XEthz3z7nnLfjXBYafyn7VyHgChfbfM47LfAao: 'RTX A6000',
  '6eMivCx49anWFYwNgg8KNJQfSJYB5nBdif8CK6z52dem': 'RTX 6000 Ada',
  F3aGGSMb73XHbJbDXVbcXo7iYM9fyevvAZGQfwgrnWtB: 'A100 40GB',
  '6Xt8hgVLLL2PSHC9NtJP8E8oTdA5ZJc95hZEnHcdqKqb': 'RTX 5090',
  GLJHzqRN9fKGBsvsFzmGnaQGknUtLN1dqaFR8n3YdM22: 'A100 80GB',
  Ekro9NTNqLbnMkN7x7y2rY9AeTkazcHj2PPaTxT1Cogz: 'RTX PRO 6000',
  Crop49jpc7prcgAcS82WbWyGHwbN5GgDym3uFbxxCTZg: 'H100',
  '37VPcEfrA34vLRygFQd7bWiosBwv3a5jPv4hcXdumytC': 'H100',
}
