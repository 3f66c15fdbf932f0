// The words of an ask with what each says, for every help text; a test reads each of them back.

/** A whole ask that shows most of them. */
export const ASK_EXAMPLE = 'h100 x2 4h max 2.50 eu no-spot only akash sort uptime within 5%'

/** In the order in which `printAsk` writes them. */
export const ASK_WORDS: readonly { readonly word: string; readonly meaning: string }[] = [
  { word: 'h100', meaning: 'the GPU, with memory or board where they matter: a100-40gb, h100-80gb-sxm' },
  { word: 'x2', meaning: 'how many, all on one node; else one' },
  { word: '4h', meaning: 'the longest it may run: 90m, 4h, 1h30m, 2d' },
  { word: 'max 2.50', meaning: 'US dollars for one GPU-hour at most' },
  { word: 'eu', meaning: 'where: a continent, country, city or cloud region; several are any of them' },
  { word: 'no-spot', meaning: 'leaves out a price model: fixed, spot, auction, dynamic, token' },
  { word: 'only akash,aws-spot', meaning: 'these providers alone' },
  { word: 'not aws-spot', meaning: 'without these providers' },
  { word: 'vram 80', meaning: 'GB of memory on one GPU at least' },
  { word: 'uptime 99%', meaning: 'measured uptime of at least this' },
  { word: 'fresh 5m', meaning: 'only offers seen this recently' },
  { word: 'bookable', meaning: 'only what Necto can start a job on; always so with run' },
  { word: 'sort uptime', meaning: 'among nearly equal prices the best uptime first; or sort latency' },
  { word: 'within 5%', meaning: 'how near the cheapest counts as equal for sort; else 2 %' },
  { word: 'untracked', meaning: 'nobody is named in the record; or tracked' },
  { word: 'container', meaning: 'on machines that run images; or process' },
  { word: 'image pytorch/pytorch', meaning: 'the container image to run in' },
  { word: 'run python train.py', meaning: 'the command, always last' },
]
