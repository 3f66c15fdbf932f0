// Puts the pages on a port.
import type { Hono } from 'hono'
import { type HttpService, serveHttp } from '../../core/serveHttp.ts'

/** Listens on `port` (0 = any). Throws NectoError `http.port` when it is taken. */
export const serveWeb = (options: { app: Hono; port: number; hostname?: string }): Promise<HttpService> => {
  const { app, ...where } = options
  return serveHttp({ name: 'The web pages', fetch: app.fetch, ...where })
}
