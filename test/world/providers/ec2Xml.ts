// EC2's XML: replies, items and errors as the query protocol writes them.
import { randomUUID } from 'node:crypto'
import type { Reply } from './standInServer.ts'

/** Text, a list (each entry an `item`), or an object of elements. */
export type Xml = string | number | boolean | readonly Xml[] | { readonly [element: string]: Xml }

const HEADERS = { 'content-type': 'text/xml;charset=UTF-8', server: 'AmazonEC2' }
const XMLNS = 'http://ec2.amazonaws.com/doc/2016-11-15/'

export const ec2Reply = (action: string, content: { readonly [element: string]: Xml }): Reply => ({
  status: 200,
  headers: HEADERS,
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="${XMLNS}">${elements({ requestId: randomUUID(), ...content })}</${action}Response>`,
})

export const ec2Error = (status: number, code: string, message: string): Reply => ({
  status,
  headers: HEADERS,
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors>${elements({ Error: { Code: code, Message: message } })}</Errors>${elements({ RequestID: randomUUID() })}</Response>`,
})

/** EC2's answer to a dry run of what would be let through. */
export const ec2DryRun = (): Reply =>
  ec2Error(412, 'DryRunOperation', 'Request would have succeeded, but DryRun flag is set.')

function elements(content: { readonly [element: string]: Xml }): string {
  return Object.entries(content)
    .map(([name, value]) => `<${name}>${inner(value)}</${name}>`)
    .join('')
}

function inner(value: Xml): string {
  if (Array.isArray(value)) return value.map((item: Xml) => `<item>${inner(item)}</item>`).join('')
  if (typeof value === 'object') return elements(value as { readonly [element: string]: Xml })
  return String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
