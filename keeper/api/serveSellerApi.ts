// Puts the sellers' interface on a port.
import type { Hono } from 'hono'
import { type HttpService, serveHttp } from '../../core/serveHttp.ts'
import type { Authenticated } from './authenticate.ts'

export type SellerApiServer = HttpService

/** Listens on `port` (0 = any). Throws NectoError `http.port` when it is taken. */
export const serveSellerApi = (options: {
  app: Hono<Authenticated>
  port: number
  hostname?: string
}): Promise<SellerApiServer> => {
  const { app, ...where } = options
  return serveHttp({ name: "The sellers' interface", fetch: app.fetch, ...where })
}
