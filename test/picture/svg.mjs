/** What `tmux capture-pane -e` gives, as an SVG: a window with its cells in the colours of a terminal. */

const CELL = { width: 8.43, height: 18 }
const MARGIN = 16
const TITLE = 34
const BACKGROUND = '#16181d'
const FOREGROUND = '#d4d7dd'
/** The sixteen, and gray where the terminal says dim. */
const COLOURS = [
  ...['#3b4048', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#c8ccd4'],
  ...['#6b7280', '#ff7b86', '#b0e08c', '#ffd68a', '#7cc4ff', '#df8cf5', '#6fd3de', '#ffffff'],
]
const PLAIN = { colour: undefined, ground: undefined, isBold: false, isDim: false, isInverse: false }

/** One of the 256 of xterm. */
function indexed(index) {
  if (index < 16) return COLOURS[index]
  const level = (step) => (step === 0 ? 0 : 55 + 40 * step)
  const rgb =
    index > 231
      ? Array(3).fill(8 + 10 * (index - 232))
      : [36, 6, 1].map((unit) => level(Math.floor((index - 16) / unit) % 6))
  return `rgb(${rgb.join(',')})`
}

/** The style after one sequence of SGR. */
function styled(style, parameters) {
  const codes = parameters.split(/[;:]/).map(Number)
  let next = { ...style }
  while (codes.length > 0) {
    const code = codes.shift()
    if (code === 0) next = { ...PLAIN }
    else if (code === 1) next.isBold = true
    else if (code === 2) next.isDim = true
    else if (code === 7) next.isInverse = true
    else if (code === 22) next = { ...next, isBold: false, isDim: false }
    else if (code === 27) next.isInverse = false
    else if (code === 39) next.colour = undefined
    else if (code === 49) next.ground = undefined
    else if (code === 38 || code === 48) {
      const colour = codes.shift() === 5 ? indexed(codes.shift()) : `rgb(${codes.splice(0, 3).join(',')})`
      if (code === 38) next.colour = colour
      else next.ground = colour
    } else if (code >= 30 && code <= 37) next.colour = COLOURS[code - 30]
    else if (code >= 40 && code <= 47) next.ground = COLOURS[code - 40]
    else if (code >= 90 && code <= 97) next.colour = COLOURS[code - 82]
    else if (code >= 100 && code <= 107) next.ground = COLOURS[code - 92]
  }
  return next
}

/** A row as pieces of one style each. */
function piecesOf(row) {
  const pieces = []
  let style = PLAIN
  let column = 0
  for (const part of row.split(/(\x1b\[[\d;:]*m)/)) {
    const sequence = /^\x1b\[([\d;:]*)m$/.exec(part)
    if (sequence) style = styled(style, sequence[1])
    else if (part !== '') {
      const text = [...part]
      pieces.push({ text, column, style })
      column += text.length
    }
  }
  return pieces
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

function drawn({ text, column, style }, row) {
  const [colour, ground] = style.isInverse
    ? [style.ground ?? BACKGROUND, style.colour ?? FOREGROUND]
    : [style.colour ?? FOREGROUND, style.ground]
  const x = (MARGIN + column * CELL.width).toFixed(1)
  const y = TITLE + row * CELL.height
  const width = (text.length * CELL.width).toFixed(1)
  const box = ground
    ? `<rect x="${x}" y="${y}" width="${width}" height="${CELL.height}" fill="${ground}"/>`
    : ''
  if (text.every((letter) => letter === ' ')) return box
  const look = `${style.isBold ? ' font-weight="bold"' : ''}${style.isDim ? ' opacity="0.6"' : ''}`
  return `${box}<text x="${x}" y="${y + 13}" fill="${colour}" textLength="${width}"${look}>${escaped(text.join(''))}</text>`
}

/**
 * @param {string} capture rows, with their sequences
 * @param {string} title of the window
 * @param {number} columns of the terminal
 */
export function toSvg(capture, title, columns) {
  const rows = capture.replace(/\n+$/, '').split('\n')
  const width = Math.round(2 * MARGIN + columns * CELL.width)
  const height = TITLE + rows.length * CELL.height + MARGIN
  const lights = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, at) => `<circle cx="${MARGIN + 6 + 18 * at}" cy="17" r="5.5" fill="${fill}"/>`,
  )
  const cells = rows.flatMap((row, at) => piecesOf(row).map((piece) => drawn(piece, at))).filter(Boolean)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>
${lights.join('')}
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">
<text x="${width / 2}" y="22" text-anchor="middle" fill="#8b919c">${escaped(title)}</text>
${cells.join('\n')}
</g>
</svg>
`
}
