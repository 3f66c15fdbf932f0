// A process that used storage and never closed it comes to its end, with nothing of the SDK on its console.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const path = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)
const script = `
  const { createZeroG } = await import(${path('./zeroG.ts')})
  const { systemClock } = await import(${path('../clock.ts')})
  const storage = createZeroG({
    rpcUrl: 'http://127.0.0.1:9', indexerUrl: 'http://127.0.0.1:9', chainId: 16602,
    flowAddress: '0x1111111111111111111111111111111111111111', signerKey: '0x' + '01'.repeat(32),
    gasLimit: 1n, maxGasPriceWei: 1n, uploadTimeoutMs: 1000, clock: systemClock,
  })
  await storage.get('0x' + 'ab'.repeat(32)).catch((error) => console.log(error.code))
`

test('a worker that was used and not closed does not keep the process', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 45_000,
  })
  expect({ stdout, stderr }).toEqual({ stdout: 'zerog.unavailable\n', stderr: '' })
})
