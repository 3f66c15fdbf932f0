// What the pay page's script is given for a payer: the terms, what the wallet signs, or what it sends itself.
import type { Address } from 'viem'
import { authorizationTypedData, authorizationWindow } from '../../core/escrow/authorization.ts'
import { depositOf } from '../../core/escrow/metering.ts'
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import { type Terms, termsToJson } from '../../core/escrow/terms.ts'
import { encodeApprove, encodeUsdcReads } from '../../core/escrow/usdc.ts'
import type { Job } from '../../core/jobs/job.ts'
import type { DirectPayment, TermsAnswer, TypedDataJson } from './messages.ts'
import type { WebOptions } from './webOptions.ts'

export function createPayAnswers({ context, domain }: Pick<WebOptions, 'context' | 'domain'>) {
  const { clock, escrow } = context

  function typedData(terms: Terms, from: Address): TypedDataJson {
    const window = authorizationWindow(terms, clock.now())
    return typedDataJson(authorizationTypedData({ domain, router: escrow.router, terms, from, ...window }))
  }

  /** undefined while no terms are signed. */
  function direct({ terms, quoteSignature, jobId }: Job, from: Address): DirectPayment | undefined {
    if (!terms || !quoteSignature || !jobId) return undefined
    const { router, usdc } = escrow
    const reads = encodeUsdcReads({ owner: from, spender: router })
    return {
      jobId,
      router,
      approve: { to: usdc, data: encodeApprove({ spender: router, amountMicroUsd: depositOf(terms) }) },
      fund: { to: router, data: encodeRouterCall({ verb: 'fund', terms, quoteSignature }) },
      balance: { to: usdc, data: reads.balance },
      allowance: { to: usdc, data: reads.allowance },
    }
  }

  function terms({ job, terms }: { job: Job; terms: Terms }, from: Address | undefined): TermsAnswer {
    const window = authorizationWindow(terms, clock.now())
    const calls = from && direct(job, from)
    return {
      ok: true,
      jobId: job.jobId ?? '0x',
      chainId: escrow.chainId,
      router: escrow.router,
      terms: termsToJson(terms),
      quoteSignature: job.quoteSignature ?? '0x',
      depositMicroUsd: depositOf(terms).toString(),
      validAfter: window.validAfter.toString(),
      validBefore: window.validBefore.toString(),
      ...(from && { typedData: typedData(terms, from) }),
      ...(calls && { direct: calls }),
    }
  }

  return { typedData, direct, terms }
}

// Wallets want the domain's type too, and numbers as strings.
function typedDataJson({
  domain,
  types,
  primaryType,
  message,
}: ReturnType<typeof authorizationTypedData>): TypedDataJson {
  return {
    domain,
    types: {
      EIP712Domain: [
        { name: 'name', type: 'string' },
        { name: 'version', type: 'string' },
        { name: 'chainId', type: 'uint256' },
        { name: 'verifyingContract', type: 'address' },
      ],
      ...types,
    },
    primaryType,
    message: {
      ...message,
      value: message.value.toString(),
      validAfter: message.validAfter.toString(),
      validBefore: message.validBefore.toString(),
    },
  }
}
