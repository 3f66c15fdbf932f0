// Reads width and height out of the first bytes of a PNG or JPEG.

/** The picture's size in pixels, or undefined when the bytes are neither. */
export function imageSize(bytes: Buffer): { width: number; height: number } | undefined {
  return pngSize(bytes) ?? jpegSize(bytes)
}

const pngStart = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

function pngSize(bytes: Buffer) {
  if (bytes.length < 24 || !bytes.subarray(0, 8).equals(pngStart)) return undefined
  return positive({ width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) })
}

/** Walks the segments to the first frame header (SOF0..SOF15 without DHT, JPG and DAC). */
function jpegSize(bytes: Buffer) {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return undefined
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes.readUInt8(at + 1)
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return positive({ height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) })
    at += 2 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}

const positive = (size: { width: number; height: number }) => (size.width > 0 && size.height > 0 ? size : undefined)
