// A payer's careful wallet: opens a pay link as a browser would, checks what it is asked to sign, signs, and waits.
import { createPublicClient, domainSeparator, getAddress, type Hex, http, type LocalAccount, parseAbi } from 'viem'
import { z } from 'zod'
import { address, bytes32, hexBytes, integerText } from '../../../core/codecs.ts'
import { depositOf } from '../../../core/escrow/metering.ts'
import { recoverQuoter } from '../../../core/escrow/quoteSignature.ts'
import { hashTerms, parseTerms } from '../../../core/escrow/terms.ts'

const digits = z.string().regex(/^\d+$/)
const typedDataSchema = z.object({
  domain: z.object({ name: z.string(), version: z.string(), chainId: z.int(), verifyingContract: address }),
  types: z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() }))),
  primaryType: z.literal('ReceiveWithAuthorization'),
  message: z.object({
    from: address,
    to: address,
    value: digits,
    validAfter: digits,
    validBefore: digits,
    nonce: bytes32,
  }),
})
const issuedSchema = z.object({
  ok: z.literal(true),
  jobId: bytes32,
  chainId: z.int(),
  router: address,
  terms: z.unknown(),
  quoteSignature: hexBytes,
  depositMicroUsd: integerText,
  typedData: typedDataSchema,
})
const refusalSchema = z.object({ ok: z.literal(false), code: z.string(), why: z.string() })
const statusSchema = z.object({
  state: z.string(),
  phase: z.enum(['open', 'paying', 'escrow', 'closed']),
  text: z.string(),
  trouble: z.string().optional(),
  txHash: bytes32.optional(),
})
type TypedData = z.output<typeof typedDataSchema>
type Issued = z.output<typeof issuedSchema>

/** What is posted to /authorization. */
export interface SignedBody {
  readonly jobId: Hex
  readonly refundTo: string
  readonly chainId: number
  readonly from: Hex
  readonly value: string
  readonly validAfter: string
  readonly validBefore: string
  readonly signature: Hex
}

export interface Payment {
  /** The furthest step reached: the page, terms, a fault the wallet found in them, the server's answer to the signature, its end. */
  readonly outcome:
    | 'no-page'
    | 'terms-refused'
    | 'distrusted'
    | 'refused'
    | 'in-escrow'
    | 'handed-back'
    | 'closed'
    | 'still-paying'
  readonly pageStatus: number
  /** The refusal's code, or what the wallet found wrong. */
  readonly code?: string
  readonly why?: string
  readonly jobId?: Hex
  readonly body?: SignedBody
  /** Every text of the status page, in order. */
  readonly told: readonly string[]
  readonly txHash?: Hex
}

export interface PayLinkOptions {
  readonly url: string
  readonly account: LocalAccount
  /** The account itself unless given. */
  readonly refundTo?: string
  readonly chainId: number
  /** With it the wallet reads the token's own signing domain and trusts no other. */
  readonly rpcUrl?: string
  /** Who may sign quotes; checked when given. */
  readonly quoter?: Hex
  /** Changes what is signed, after the wallet's checks. */
  readonly tamperTypedData?: (typedData: TypedData) => TypedData
  /** Changes what is posted. */
  readonly tamper?: (body: SignedBody) => SignedBody
  /** How long to wait for the escrow; 0 = do not wait. */
  readonly waitMs?: number
  /** `fetch`, or a hono app's request. */
  readonly send?: (url: string, init?: RequestInit) => Response | Promise<Response>
}

const POLL_MS = 100

/** Pays one link; never throws for a refusal. */
export async function payLink(options: PayLinkOptions): Promise<Payment> {
  const { url, account, refundTo = account.address, waitMs = 30_000, send = fetch } = options
  const told: string[] = []
  const opened = await send(url, { headers: { Accept: 'text/html' } })
  const shown = { pageStatus: opened.status, told }
  const html = await opened.text()
  if (opened.status !== 200) return { ...shown, outcome: 'no-page' }
  const issued = await post(`${url}/terms`, { refundTo, from: account.address }, issuedSchema)
  if (!issued.ok) return { ...shown, outcome: 'terms-refused', code: issued.code, why: issued.why }
  const fault = await findFault({ issued, html, refundTo, options })
  if (fault) return { ...shown, outcome: 'distrusted', code: fault, jobId: issued.jobId }
  const body = await signBody(issued, options)
  const signed = { ...shown, jobId: issued.jobId, body }
  const accepted = await post(`${url}/authorization`, body, statusSchema.extend({ ok: z.literal(true) }))
  if (!accepted.ok) return { ...signed, outcome: 'refused', code: accepted.code, why: accepted.why }
  return { ...signed, ...(await follow()) }

  async function post<Schema extends z.ZodType>(to: string, json: object, schema: Schema) {
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(json) }
    const reply: unknown = await (await send(to, init)).json()
    return z.union([schema, refusalSchema]).parse(reply) as z.output<Schema> | z.output<typeof refusalSchema>
  }

  async function follow(): Promise<Pick<Payment, 'outcome' | 'txHash' | 'why'>> {
    const end = performance.now() + waitMs
    for (;;) {
      const status = statusSchema.parse(await (await send(`${url}/status`)).json())
      if (told.at(-1) !== status.text) told.push(status.text)
      const { phase, txHash, trouble } = status
      if (phase === 'escrow') return { outcome: 'in-escrow', ...(txHash && { txHash }) }
      if (phase === 'closed') return { outcome: 'closed', why: status.text }
      if (phase === 'open') return { outcome: 'handed-back', ...(trouble !== undefined && { why: trouble }) }
      if (performance.now() >= end) return { outcome: 'still-paying' }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }
}

/** What a careful payer compares before signing: everything the opaque nonce stands for. */
async function findFault(check: {
  issued: Issued
  html: string
  refundTo: string
  options: PayLinkOptions
}): Promise<string | undefined> {
  const { issued, html, refundTo, options } = check
  const { typedData, router } = issued
  const { message, domain } = typedData
  const terms = parseTerms(issued.terms)
  if (!terms) return 'terms unreadable'
  const place = { terms, chainId: options.chainId, router: getAddress(router) }
  const id = hashTerms(place)
  if (issued.jobId !== id || message.nonce !== id) return 'nonce is not the terms'
  if (getAddress(terms.refundTo) !== getAddress(refundTo)) return 'refunds go elsewhere'
  if (message.value !== depositOf(terms).toString()) return 'amount is not the terms'
  if (getAddress(message.to) !== place.router || !showsAddress(html, place.router))
    return 'payee is not the router shown'
  if (getAddress(message.from) !== options.account.address) return 'payer is somebody else'
  if (domain.chainId !== options.chainId || issued.chainId !== options.chainId) return 'another chain'
  if (BigInt(message.validBefore) > BigInt(Math.floor(Date.now() / 1000)) + 3700n) return 'valid for too long'
  if (options.quoter && (await recoverQuoter({ ...place, signature: issued.quoteSignature })) !== options.quoter) {
    return 'terms not signed by the quoter'
  }
  if (options.rpcUrl && (await readSeparator(options.rpcUrl, domain.verifyingContract)) !== separatorOf(typedData)) {
    return 'not the token’s domain'
  }
  return undefined
}

/** The page stresses an address's last digits, so the text is compared without markup. */
const showsAddress = (html: string, router: string): boolean => html.replace(/<[^>]*>/g, '').includes(router)

const separatorOf = ({ domain }: TypedData): Hex => domainSeparator({ domain })

const separatorAbi = parseAbi(['function DOMAIN_SEPARATOR() view returns (bytes32)'])
const readSeparator = (rpcUrl: string, token: Hex): Promise<Hex> =>
  createPublicClient({ transport: http(rpcUrl) }).readContract({
    address: token,
    abi: separatorAbi,
    functionName: 'DOMAIN_SEPARATOR',
  })

async function signBody(issued: Issued, options: PayLinkOptions): Promise<SignedBody> {
  const { tamper = (body: SignedBody) => body, tamperTypedData = (data: TypedData) => data } = options
  const signature = await signTypedDataJson(options.account, tamperTypedData(issued.typedData))
  const { from, value, validAfter, validBefore } = issued.typedData.message
  const { jobId, terms } = issued
  const refundTo = parseTerms(terms)?.refundTo ?? ''
  return tamper({ jobId, refundTo, chainId: options.chainId, from, value, validAfter, validBefore, signature })
}

/** eth_signTypedData_v4: typed data as it stands in JSON. */
export function signTypedDataJson(account: LocalAccount, typedData: unknown): Promise<Hex> {
  const { domain, types, primaryType, message } = typedDataSchema.parse(typedData)
  const { EIP712Domain: _, ...rest } = types
  return account.signTypedData({ domain, types: rest, primaryType, message })
}
