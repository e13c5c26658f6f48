/**
 * The Huffman code of RFC 7541 (HPACK), appendix B. It is canonical: among codes of one length, greater symbols have greater
 * codes, and longer codes follow shorter ones. So the lengths say it all; symbol 256 is the end of the string.
 */
const codeLengths: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10,
  12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7,
  7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22,
  23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22,
  23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20,
  24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
]

const endOfString = 256
const longestCode = 30

/**
 * The decoder as a machine that takes four bits at a time (a code has at least five, so at most one symbol ends in them).
 * A state is a node inside the code's tree; 0 is its root. An entry is what follows from a state and four bits:
 * the next state, whether a symbol ended and which, or that no code begins so.
 */
const noSymbol = 0x100
const invalid = 0xffffffff

interface Tree {
  /** The two children of each inner node: another inner node, or minus one minus the symbol. */
  readonly children: (number | undefined)[][]
}

function buildTree(): Tree {
  const children: (number | undefined)[][] = [[]]
  let code = 0
  for (let length = 1; length <= longestCode; length++, code <<= 1) {
    for (const [symbol, own] of codeLengths.entries()) {
      if (own !== length) continue
      let node = 0
      for (let bit = length - 1; bit > 0; bit--) {
        const side = (code >>> bit) & 1
        const next = children[node] as (number | undefined)[]
        next[side] ??= children.push([]) - 1
        node = next[side] as number
      }
      ;(children[node] as (number | undefined)[])[code & 1] = -1 - symbol
      code++
    }
  }
  return { children }
}

function buildMachine({ children }: Tree): Uint32Array {
  const machine = new Uint32Array(children.length * 16)
  for (let state = 0; state < children.length; state++) {
    for (let nibble = 0; nibble < 16; nibble++) machine[state * 16 + nibble] = step(children, state, nibble)
  }
  return machine
}

function step(children: Tree['children'], state: number, nibble: number): number {
  let node = state
  let symbol = noSymbol
  for (let bit = 3; bit >= 0; bit--) {
    const next = children[node]?.[(nibble >>> bit) & 1]
    if (next === undefined || next === -1 - endOfString) return invalid
    if (next < 0) symbol = -1 - next
    node = Math.max(0, next)
  }
  return (node << 9) | symbol
}

/** States in which a string may end: nothing, or at most seven bits of the end-of-string code, which are all ones. */
function buildEndings({ children }: Tree): Uint8Array {
  const endings = new Uint8Array(children.length)
  let node: number | undefined = 0
  for (let bits = 0; bits <= 7 && node !== undefined; bits++) {
    endings[node] = 1
    node = children[node]?.[1]
  }
  return endings
}

const tree = buildTree()
const machine = buildMachine(tree)
const endings = buildEndings(tree)

/** The text that these bytes encode; undefined when they don't follow the code. */
export function decodeHuffman(bytes: Buffer, start: number, end: number): string | undefined {
  const text = Buffer.allocUnsafe(Math.ceil(((end - start) * 8) / 5))
  let length = 0
  let state = 0
  for (let index = start; index < end; index++) {
    const byte = bytes[index] as number
    for (let shift = 4; shift >= 0; shift -= 4) {
      const entry = machine[state * 16 + ((byte >>> shift) & 15)] as number
      if (entry === invalid) return undefined
      const symbol = entry & 0x1ff
      if (symbol < noSymbol) text[length++] = symbol
      state = entry >>> 9
    }
  }
  return endings[state] === 1 ? text.toString('latin1', 0, length) : undefined
}
