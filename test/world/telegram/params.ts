// Reads one parameter of a call as what it should be, whether it came as JSON or as text.
import { badRequest } from './apiError.ts'

type Params = Readonly<Record<string, unknown>>

/** Text, or undefined when absent or empty. */
export function textParam(params: Params, name: string): string | undefined {
  const value = params[name]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw badRequest(`field "${name}" must be of type String`)
}

/** A whole number, or undefined when absent. */
export function numberParam(params: Params, name: string): number | undefined {
  const text = textParam(params, name)
  if (text === undefined) return undefined
  if (!/^-?\d+$/.test(text)) throw badRequest(`field "${name}" must be a valid Number`)
  return Number(text)
}

/** True for the ways Telegram spells it. */
export function flagParam(params: Params, name: string): boolean {
  return ['true', 'yes', '1'].includes(String(params[name] ?? '').toLowerCase())
}

/** A JSON value, which in forms and query strings comes as text; undefined when absent. */
export function jsonParam(params: Params, name: string): unknown {
  const value = params[name]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    throw badRequest(`can't parse ${name.replaceAll('_', ' ')} JSON object`)
  }
}

/** A JSON object, or undefined when absent. */
export function objectParam(params: Params, name: string): Record<string, unknown> | undefined {
  const value = jsonParam(params, name)
  if (value === undefined) return undefined
  if (!isObject(value)) throw badRequest(`object expected as ${name.replaceAll('_', ' ')}`)
  return value
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
