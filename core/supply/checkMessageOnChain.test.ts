// Linking a smart wallet, on a real chain: by its contract's word, deployed or not yet, and by nobody else's.
import {
  type Address,
  concat,
  createPublicClient,
  encodeDeployData,
  getCreate2Address,
  type Hex,
  http,
  serializeErc6492Signature,
  zeroHash,
} from 'viem'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Anvil, anvilAccount, connect, type LocalChain, startAnvil } from '../../test/world/chain/anvil.ts'
import { deployContractWallet } from '../../test/world/chain/contractWallet.ts'
import { readArtifact } from '../../test/world/chain/usdc.ts'
import { createTestJobs, otherPayer, payer, type TestJobs } from '../jobs/testJobs.ts'
import { checkMessageOnChain } from './checkMessageOnChain.ts'
import { acceptProof, askForProof } from './proveWallet.ts'
import { createTestWallets, site } from './testWallets.ts'

// Deploys what it is called with, on every chain at this address.
const FACTORY: Address = '0x4e59b44847b379578588920cA78FbF26c0B4956C'
const newcomer = { platform: 'discord', userId: '800000000000000001', label: 'Nia' }

let anvil: Anvil
let chain: LocalChain
let shop: TestJobs
beforeAll(async () => {
  anvil = await startAnvil({ chainId: site.chainId })
  chain = connect(anvil)
})
afterAll(() => anvil?.stop())
beforeEach(async () => {
  shop = await createTestJobs()
})

/** Links the wallet at `address`; its signature is what `sign` makes of the text. */
async function links(
  address: Address,
  sign: (message: string) => Promise<Hex>,
  checkSignature = checkMessageOnChain(chain.client),
) {
  const { context } = shop
  const wallets = createTestWallets(context)
  const { id, request } = await wallets.asks(newcomer)
  const step = { context, site, id, code: request.code, purpose: 'link' } as const
  const asked = await askForProof({ ...step, address })
  if (!asked.ok) throw new Error(asked.why)
  const { message } = asked
  const outcome = await acceptProof({ ...step, message, signature: await sign(message), checkSignature })
  return { outcome, linked: (await wallets.linkOf(newcomer))?.wallet?.address }
}
const by = (account: typeof payer) => (message: string) => account.signMessage({ message })

test('a contract wallet is linked by its owner’s signature, and by no other', async () => {
  const address = await deployContractWallet({ ...anvil, deployer: anvilAccount(0), owner: payer.address })
  expect(await links(address, by(otherPayer))).toMatchObject({ outcome: { code: 'bad-signature' }, linked: undefined })
  expect(await links(address, by(payer))).toMatchObject({ outcome: { outcome: 'linked' }, linked: address })
})

test('one that is deployed later is linked too, and stays undeployed', async () => {
  const { abi, bytecode } = readArtifact('test/MockERC1271Wallet.sol/MockERC1271Wallet.json')
  const code = encodeDeployData({ abi, bytecode, args: [payer.address] })
  const address = getCreate2Address({ from: FACTORY, salt: zeroHash, bytecode: code })
  const wrapped = (account: typeof payer) => async (message: string) =>
    serializeErc6492Signature({
      address: FACTORY,
      data: concat([zeroHash, code]),
      signature: await by(account)(message),
    })
  expect(await links(address, wrapped(otherPayer))).toMatchObject({ outcome: { code: 'bad-signature' } })
  expect(await links(address, by(payer))).toMatchObject({ outcome: { code: 'bad-signature' } })
  expect(await links(address, wrapped(payer))).toMatchObject({ outcome: { outcome: 'linked' }, linked: address })
  expect(await chain.client.getCode({ address })).toBeUndefined()
})

test('where the chain cannot be asked, the wallet is not said to have signed wrong', async () => {
  const address = await deployContractWallet({ ...anvil, deployer: anvilAccount(0), owner: payer.address })
  // Nobody listens on the discard port.
  const silent = createPublicClient({ transport: http('http://127.0.0.1:9', { retryCount: 0 }) })
  const { outcome, linked } = await links(address, by(payer), checkMessageOnChain(silent))
  expect(outcome).toMatchObject({
    code: 'chain-silent',
    why: expect.stringContaining('Nothing was changed. Try again'),
  })
  expect(linked).toBeUndefined()
})
