// View → Discord message of the second components: one text, a picture, rows of buttons. Pure.
import { type APIMessageTopLevelComponent, ComponentType, MessageFlags, type RawFile } from 'discord.js'
import { oneLine, spanOnOneLine, stepLine } from '../chat/oneLine.ts'
import { clampText, cleanText } from '../chat/safeText.ts'
import { tableLines } from '../chat/table.ts'
import type { Block, Picture, View } from '../chat/view.ts'
import { buttonRowsOf } from './buttonRows.ts'
import { fitPieces, type Piece } from './fit.ts'
import { codeText, escapeInline, type Line, plainLine, spanLines } from './markdown.ts'

/** The body of a message, to send or to edit. */
export interface DiscordBody {
  readonly flags: number
  readonly components: APIMessageTopLevelComponent[]
  readonly allowed_mentions: { readonly parse: readonly never[] }
  readonly attachments?: readonly { readonly id: number; readonly description: string }[]
}

export interface DiscordMessage {
  readonly body: DiscordBody
  readonly files: RawFile[]
  /** Labels of buttons left out because their link or data is not allowed. */
  readonly refusedButtons: readonly string[]
}

// Of all texts of a message together.
const MAX_TEXT = 4000
const MAX_ALT = 1024

/**
 * Renders a view; only links that pass `isAllowedLink` become links or buttons, others stay text. The second components
 * hold twice the text of `content` and, unlike embeds, show also where the bot may not embed.
 */
export function renderDiscord(view: View, isAllowedLink: (url: string) => boolean): DiscordMessage {
  const pieces = view.blocks.map((block) => pieceOf(block, isAllowedLink)).filter(({ lines }) => hasWords(lines))
  const { rows, refused } = buttonRowsOf(view, isAllowedLink)
  // Discord refuses a text without words, and the buttons with it.
  const content = pieces.length > 0 ? fitPieces(pieces, MAX_TEXT) : '…'
  return {
    body: {
      // Previews would fetch payment links, some of which work once.
      flags: MessageFlags.IsComponentsV2 | MessageFlags.SuppressEmbeds,
      components: [
        { type: ComponentType.TextDisplay, content },
        ...(view.picture ? [galleryOf(view.picture)] : []),
        ...rows,
      ],
      allowed_mentions: { parse: [] },
      ...(view.picture && { attachments: [{ id: 0, description: altOf(view.picture) }] }),
    },
    files: view.picture
      ? [
          {
            key: 'files[0]',
            name: view.picture.fileName,
            data: Buffer.from(view.picture.png),
            contentType: 'image/png',
          },
        ]
      : [],
    refusedButtons: refused,
  }
}

function galleryOf(picture: Picture): APIMessageTopLevelComponent {
  const media = { url: `attachment://${picture.fileName}` }
  return { type: ComponentType.MediaGallery, items: [{ media, description: altOf(picture) }] }
}

const altOf = ({ alt }: Picture): string => clampText(cleanText(alt), MAX_ALT)

function pieceOf(block: Block, isAllowedLink: (url: string) => boolean): Piece {
  switch (block.kind) {
    case 'heading':
      // A heading stands right above what it heads.
      return { lines: [prefixed('### ', oneLine(block.text).trim())], gap: '\n' }
    case 'note':
      return {
        lines: cleanText(block.text)
          .split('\n')
          .map((line) => prefixed('-# ', line.trim())),
        gap: '\n\n',
      }
    case 'code':
      return fenced(block.text)
    case 'table':
      return fenced(tableLines(block))
    case 'text':
      return { lines: spanLines(block.spans, isAllowedLink), gap: '\n\n' }
    case 'steps':
      return { lines: block.items.map((item) => plainLine(stepLine(item))), gap: '\n\n' }
    case 'list':
      return {
        lines: block.items.flatMap((item) =>
          spanLines(item.map(spanOnOneLine), isAllowedLink).map(({ marked, plain }) => ({
            marked: `- ${marked}`,
            plain: `• ${plain}`,
          })),
        ),
        gap: '\n\n',
      }
    case 'facts':
      return {
        lines: block.rows.flatMap(({ label, value }) =>
          spanLines([`${oneLine(label)}: `, ...value.map(spanOnOneLine)], isAllowedLink),
        ),
        gap: '\n\n',
      }
  }
}

function prefixed(prefix: '### ' | '-# ', text: string): Line {
  const plain = cleanText(text)
  return plain ? { plain, marked: prefix + escapeInline(plain) } : { plain, marked: plain }
}

function fenced(text: string): Piece {
  const lines = codeText(text).trimEnd().split('\n')
  return { lines: lines.map((line) => ({ marked: line, plain: line })), fence: '```', gap: '\n\n' }
}

const hasWords = (lines: readonly Line[]) => lines.some(({ plain }) => plain.trim() !== '')
