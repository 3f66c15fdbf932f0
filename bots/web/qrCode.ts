// A QR code as a picture that stands in the page itself: black on white whatever the page's colours, so that cameras read it.
import { toString as toText } from 'qrcode'

/** `data:image/svg+xml…` of a text, with the quiet zone that readers need. */
export async function qrDataUri(text: string): Promise<string> {
  const svg = await toText(text, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 })
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
}
