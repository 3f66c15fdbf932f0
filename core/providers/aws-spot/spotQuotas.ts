// How many vCPUs of GPU machines the account may have at spot prices, from Service Quotas; new accounts have none.
import type { EC2Client } from '@aws-sdk/client-ec2'
import { z } from 'zod'
import type { Clock } from '../../clock.ts'
import { fetchBytes, jsonOf } from '../../http.ts'
import type { AwsCredentials } from './ec2.ts'

export interface SpotQuota {
  readonly families: string
  readonly vcpus: number
}

/** As AWS names them: "All G and VT Spot Instance Requests" and so on. */
const CODES = [
  ['L-3819A6DF', 'G'],
  ['L-7212CCBC', 'P2 to P4'],
  ['L-C4BD4855', 'P5'],
] as const
const reply = z.object({ Quota: z.object({ Value: z.number().nonnegative() }) })

type Signer = Awaited<ReturnType<EC2Client['config']['signer']>>

export interface QuotaOptions {
  readonly region: string
  readonly credentials: AwsCredentials
  readonly clock: Clock
  readonly signal: AbortSignal
  /** @default AWS's own of the region */
  readonly endpoint?: string | undefined
}

/** Those that can be read: the right to servicequotas:GetServiceQuota is no need of renting. */
export async function readSpotQuotas(options: QuotaOptions): Promise<SpotQuota[]> {
  const { region, credentials, signal } = options
  // EC2's client can sign for other services too, which spares a client for these three questions.
  const sdk = await import('@aws-sdk/client-ec2')
  const client = new sdk.EC2Client({ region, credentials })
  try {
    const signer = await client.config.signer()
    const read = CODES.map(async ([code, families]) => ({
      families,
      vcpus: await readQuota({ ...options, code, signer }),
    }))
    const settled = await Promise.allSettled(read)
    signal.throwIfAborted()
    return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  } finally {
    client.destroy()
  }
}

async function readQuota(options: QuotaOptions & { code: string; signer: Signer }): Promise<number> {
  const { code, signer, region, clock, signal, endpoint = `https://servicequotas.${region}.amazonaws.com` } = options
  const { protocol, host, origin } = new URL(endpoint)
  const request = {
    method: 'POST',
    protocol,
    hostname: host,
    path: '/',
    query: {},
    headers: {
      host,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'ServiceQuotasV20190624.GetServiceQuota',
    },
    body: JSON.stringify({ ServiceCode: 'ec2', QuotaCode: code }),
  }
  const { headers } = await signer.sign(request, { signingService: 'servicequotas', signingRegion: region })
  const { host: _, ...rest } = headers
  const { body } = request
  return reply.parse(
    jsonOf(await fetchBytes({ url: `${origin}/`, method: 'POST', headers: rest, body, clock, signal })),
  ).Quota.Value
}
