// Service Quotas as far as spot machines with GPUs go: AWS's JSON protocol, signed for a service of its own.
import type { IncomingMessage } from 'node:http'
import type { Ec2Machines } from './ec2Machines.ts'
import type { Reply } from './standInServer.ts'

const json = (status: number, value: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(value),
})

/** undefined: the request is another service's. */
export function answerQuotas(request: IncomingMessage, body: string, machines: Ec2Machines): Reply | undefined {
  const target = request.headers['x-amz-target']
  if (target === undefined) return undefined
  const refuse = (type: string) => json(400, { __type: type, Message: type })
  if (target !== 'ServiceQuotasV20190624.GetServiceQuota') return refuse('UnknownOperationException')
  if (!/\/servicequotas\/aws4_request,.*Signature=[0-9a-f]{64}$/.test(request.headers.authorization ?? ''))
    return refuse('InvalidSignatureException')
  if (machines.isDenied('GetServiceQuota')) return refuse('AccessDeniedException')
  const { ServiceCode, QuotaCode } = JSON.parse(body) as { ServiceCode: string; QuotaCode: string }
  const vcpus = ServiceCode === 'ec2' ? machines.quotas.get(QuotaCode) : undefined
  if (vcpus === undefined) return refuse('NoSuchResourceException')
  return json(200, { Quota: { ServiceCode, QuotaCode, Value: vcpus, Unit: 'None', Adjustable: true } })
}
