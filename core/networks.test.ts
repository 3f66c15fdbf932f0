// The chains Necto knows.
import { describe, expect, test } from 'vitest'
import { escrowNetwork, readerRpcUrl, storageExplorer } from './networks.ts'

describe('networks', () => {
  const settings = { ESCROW_CHAIN_ID: 8453, ESCROW_CONFIRMATIONS: undefined, USDC_ADDRESS: undefined }
  test('Base is known, the operator’s word goes before ours', () => {
    expect(escrowNetwork(settings)).toMatchObject({ name: 'Base', chainId: 8453, confirmations: 10 })
    expect(escrowNetwork({ ...settings, ESCROW_CONFIRMATIONS: 3 })).toMatchObject({ confirmations: 3 })
    expect(storageExplorer(16_661)).toContain('{hash}')
    expect(storageExplorer(1)).toBeUndefined()
  })
  test('a stranger is given the public endpoint or one on this machine, never one that may hold a key', () => {
    const keyed = 'https://rpc.example/v2/secret'
    expect(readerRpcUrl(8453, [keyed])).toBe('https://mainnet.base.org')
    expect(readerRpcUrl(31_337, [keyed])).toBeUndefined()
    expect(readerRpcUrl(31_337, [keyed, 'http://127.0.0.1:8545'])).toBe('http://127.0.0.1:8545')
  })
  test('an unknown chain, or one without a USDC, is refused', () => {
    expect(() => escrowNetwork({ ...settings, ESCROW_CHAIN_ID: 1 })).toThrow(/not usable/)
    expect(() => escrowNetwork({ ...settings, ESCROW_CHAIN_ID: 31_337 })).toThrow(/USDC_ADDRESS/)
  })
})
