// USDC's signing domain differs between chains; a wrong one is found before anybody signs.
import { expect, test } from 'vitest'
import { deploy } from '../../contracts/deploy.ts'
import { people, startEscrowChain } from '../../test/world/startEscrowChain.ts'
import { sampleTerms } from '../../test/world/terms.ts'
import { authorizationTypedData } from './authorization.ts'
import { signQuote } from './quoteSignature.ts'
import { tryRouterCall } from './routerCall.ts'
import { readUsdcDomain } from './usdc.ts'

test.each([
  { chainId: 84_532, usdcName: 'USDC', wrongName: 'USD Coin' },
  { chainId: 8453, usdcName: 'USD Coin', wrongName: 'USDC' },
])('$usdcName on chain $chainId: its own name pays, the other one cannot', async ({ chainId, usdcName, wrongName }) => {
  await using chain = await started({ chainId, usdcName })
  const { client, deployed, usdc } = chain
  await chain.listProvider('necto:test')
  await usdc.mint(people.payer.address, 10_000_000n)
  const domain = await readUsdcDomain({ client, usdc: usdc.address, chainId })
  expect(domain).toEqual({ name: usdcName, version: '2', chainId, verifyingContract: usdc.address })

  const terms = sampleTerms({ nowSeconds: await chain.nowSeconds() })
  const quoteSignature = await signQuote({ terms, chainId, router: deployed.router, quoter: people.quoter })
  const window = { from: people.payer.address, validAfter: 0n, validBefore: terms.fundBy }
  const attempt = async (name: string) => {
    const data = authorizationTypedData({ domain: { ...domain, name }, router: deployed.router, terms, ...window })
    const authorization = { ...window, signature: await people.payer.signTypedData(data) }
    const call = { verb: 'fundWithAuthorization', terms, quoteSignature, authorization } as const
    return tryRouterCall({ client, router: deployed.router, call, from: people.relay.address })
  }
  expect(await attempt(usdcName)).toMatchObject({ ok: true })
  expect(await attempt(wrongName)).toMatchObject({ ok: false, args: ['FiatTokenV2: invalid signature'] })

  await expect(readUsdcDomain({ client, usdc: usdc.address, chainId: chainId + 1 })).rejects.toMatchObject({
    code: 'usdc.domain_mismatch',
  })
  const deployment = {
    chainId,
    usdc: usdc.address,
    usdcName,
    feeRecipient: people.feeRecipient.address,
    feeds: [
      {
        symbol: 'USDC',
        source: chain.feeds.USDC.address,
        heartbeatSeconds: 86_400,
        maxDeviationBps: 100,
        minPrice: 98_000_000n,
        maxPrice: 102_000_000n,
      },
    ],
    admin: people.admin.address,
    agents: [],
    quoters: [],
    pausers: [],
    listers: [],
  }
  const again = (change: Partial<typeof deployment>) =>
    deploy({ client, wallet: chain.wallet(people.issuer), deployment: { ...deployment, ...change } })
  await expect(again({ chainId: 1 })).rejects.toMatchObject({ code: 'deploy.wrong_chain' })
  await expect(again({ usdcName: wrongName })).rejects.toMatchObject({ code: 'deploy.wrong_usdc' })
  await expect(again({})).resolves.toMatchObject({ chainId, usdc: usdc.address })
})

async function started(options: { chainId: number; usdcName: string }) {
  const chain = await startEscrowChain(options)
  return { ...chain, [Symbol.asyncDispose]: () => chain.stop() }
}
