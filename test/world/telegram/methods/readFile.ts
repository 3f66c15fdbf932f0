// Takes a file out of a call: uploaded under its field, attached under another, or known by its file_id.
import { badRequest } from '../apiError.ts'
import type { StoredFile, World } from '../model.ts'
import type { UploadedFile } from '../readCall.ts'
import { imageSize } from './imageSize.ts'

const maxPhotoBytes = 10 * 1024 * 1024
/** Width and height together, and one against the other. */
const maxPhotoSides = 10_000
const maxPhotoRatio = 20

interface FileField {
  readonly kind: StoredFile['kind']
  readonly reference: unknown
  readonly files: ReadonlyMap<string, UploadedFile>
  readonly field?: string
}

/** The file of a call, kept with its bytes. Throws 400 for what Telegram would not take as this kind. */
export function readFile(world: World, { kind, reference, files, field = kind }: FileField): StoredFile {
  const named = typeof reference === 'string' ? reference : ''
  const upload = named.startsWith('attach://') ? files.get(named.slice('attach://'.length)) : files.get(field)
  if (upload) return keep(world, { kind, upload })
  if (named === '') throw badRequest(`there is no ${kind} in the request`)
  if (/^https?:/i.test(named)) throw badRequest('failed to get HTTP URL content')
  const known = world.files.get(named)
  if (!known) throw badRequest('wrong file identifier/HTTP URL specified')
  if (known.kind !== kind) throw badRequest(`can't use file of type ${capital(known.kind)} as ${capital(kind)}`)
  return known
}

function keep(world: World, { kind, upload }: { kind: StoredFile['kind']; upload: UploadedFile }): StoredFile {
  const { bytes, name, contentType } = upload
  if (bytes.length === 0) throw badRequest('file must be non-empty')
  const file = {
    kind,
    fileId: `${kind}${world.files.size + 1}`,
    name,
    contentType,
    bytes,
    ...(kind === 'photo' ? photoSize(bytes) : {}),
  }
  world.files.set(file.fileId, file)
  return file
}

function photoSize(bytes: Buffer) {
  if (bytes.length > maxPhotoBytes) {
    throw badRequest(
      `file of size ${bytes.length} bytes is too big for a photo; the maximum size is ${maxPhotoBytes} bytes`,
    )
  }
  const size = imageSize(bytes)
  if (!size) throw badRequest('IMAGE_PROCESS_FAILED')
  const { width, height } = size
  if (width + height > maxPhotoSides || Math.max(width / height, height / width) > maxPhotoRatio) {
    throw badRequest('PHOTO_INVALID_DIMENSIONS')
  }
  return size
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)
