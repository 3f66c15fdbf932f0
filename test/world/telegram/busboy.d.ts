// The part of busboy used here; the package ships no types.
declare module 'busboy' {
  import type { IncomingHttpHeaders } from 'node:http'
  import type { Readable, Writable } from 'node:stream'

  interface FileInfo {
    filename: string
    mimeType: string
  }
  interface Busboy extends Writable {
    on(event: 'field', listener: (name: string, value: string) => void): this
    on(event: 'file', listener: (name: string, stream: Readable, info: FileInfo) => void): this
    on(event: 'close', listener: () => void): this
    on(event: 'error', listener: (error: Error) => void): this
  }
  function busboy(config: { headers: IncomingHttpHeaders; limits?: { fileSize?: number; fieldSize?: number } }): Busboy
  export = busboy
}
