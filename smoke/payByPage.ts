// Pays a link as a careful wallet would: opens the page, gets the terms, compares them, signs what it made itself.
import { isAddressEqual, type LocalAccount } from 'viem'
import { z } from 'zod'
import { integerText } from '../core/codecs.ts'
import { NectoError } from '../core/errors.ts'
import { authorizationTypedData } from '../core/escrow/authorization.ts'
import { depositOf } from '../core/escrow/metering.ts'
import { parseTerms, type RouterRef } from '../core/escrow/terms.ts'
import type { UsdcDomain } from '../core/escrow/usdc.ts'
import { showUsd } from '../core/money.ts'
import { MOST_MICRO_USD } from './smallJob.ts'

const issuedSchema = z.object({
  ok: z.literal(true),
  jobId: z.string(),
  terms: z.unknown(),
  validAfter: integerText,
  validBefore: integerText,
})
const acceptedSchema = z.object({ ok: z.literal(true) })
const refusedSchema = z.object({ ok: z.literal(false), why: z.string() })

/** Hands the signature in and answers the deposit in micro-USDC. Throws 'smoke.pay' when anything is not as it should be. */
export async function payByPage(options: {
  url: string
  account: LocalAccount
  domain: UsdcDomain
  router: RouterRef
  signal: AbortSignal
}): Promise<bigint> {
  const { url, account, domain, router, signal } = options
  const page = await fetch(url, { headers: { Accept: 'text/html' }, signal })
  if (page.status !== 200) throw payError(`The pay page answers with status ${page.status}.`)
  await page.body?.cancel()
  const issued = await post('terms', { refundTo: account.address, from: account.address }, issuedSchema)
  const terms = parseTerms(issued.terms)
  if (!terms) throw payError('The pay page sent terms that cannot be read.')
  if (!isAddressEqual(terms.refundTo, account.address)) throw payError('The terms refund somebody else.')
  const depositMicroUsd = depositOf(terms)
  if (depositMicroUsd > MOST_MICRO_USD)
    throw payError(`The terms ask for ${showUsd(depositMicroUsd)} USDC, more than ${showUsd(MOST_MICRO_USD)}.`)
  const { validAfter, validBefore } = issued
  const from = account.address
  const typedData = authorizationTypedData({ domain, router: router.router, terms, from, validAfter, validBefore })
  if (issued.jobId !== typedData.message.nonce) throw payError('The terms are not those that the job id stands for.')
  const signature = await account.signTypedData(typedData)
  const body = {
    jobId: issued.jobId,
    refundTo: terms.refundTo,
    chainId: router.chainId,
    from,
    value: depositMicroUsd.toString(),
    validAfter: validAfter.toString(),
    validBefore: validBefore.toString(),
    signature,
  }
  await post('authorization', body, acceptedSchema)
  return depositMicroUsd

  async function post<Schema extends z.ZodType>(what: string, json: object, schema: Schema): Promise<z.output<Schema>> {
    const headers = { 'Content-Type': 'application/json' }
    const reply = await fetch(`${url}/${what}`, { method: 'POST', headers, body: JSON.stringify(json), signal })
    const answer: unknown = await reply.json()
    const refused = refusedSchema.safeParse(answer).data
    if (refused) throw payError(`The pay page refused: ${refused.why}`)
    return schema.parse(answer)
  }
}

const payError = (text: string) => new NectoError('smoke.pay', text)
