// The committed artifacts are what the sources compile to, and speak the selectors of the live Flow contract.
import { toEventHash, toFunctionSelector } from 'viem'
import { expect, test } from 'vitest'
import { automateArtifact, flowArtifact, marketArtifact } from './artifacts.ts'
import { compileContracts } from './compile.ts'

test('artifacts.ts is not stale: run `node test/world/contracts/compile.ts` when this fails', () => {
  expect({ Automate: automateArtifact, Flow: flowArtifact, Market: marketArtifact }).toEqual(compileContracts())
}, 60_000)

test('selectors and topic are those of the live contracts', () => {
  const selectors = [...flowArtifact.abi, ...marketArtifact.abi]
    .filter((item) => item.type === 'function')
    .map((item) => [item.name, toFunctionSelector(item)])
  expect(Object.fromEntries(selectors)).toMatchObject({
    submit: '0xbc8c11f8',
    market: '0x80f55605',
    numSubmissions: '0x77e19824',
    submissionIndex: '0xb8a409ac',
    pricePerSector: '0x61ec5082',
  })
  const event = flowArtifact.abi.find((item) => item.type === 'event')
  expect(event && toEventHash(event)).toBe('0x167ce04d2aa1981994d3a31695da0d785373335b1078cec239a1a3a2c7675555')
})
