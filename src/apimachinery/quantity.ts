/**
 * Quantities (`100m`, `1Gi`, `1e3`) as exact numbers: an integer count of 10⁻⁹ and the family of suffixes it is written in.
 * Nothing finer is kept: upstream rounds a non-zero rest up, so that whoever asks for some gets some.
 */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

export interface Quantity {
  readonly nanos: bigint
  readonly format: QuantityFormat
}

const formatError = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const suffixError = "unable to parse quantity's suffix"

const giga = 1_000_000_000n
const maximum = (2n ** 63n - 1n) * giga
/** Beyond these powers of ten an amount counts as the maximum, or as less than one nano. */
const largestExponent = 300
const smallestExponent = -60

const decimalExponents: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const decimalSuffixes: ReadonlyMap<number, string> = new Map(Object.entries(decimalExponents).map(([suffix, power]) => [power, suffix]))
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const

const shape = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/

/** Throws an Error with upstream's text where `text` is no quantity. */
export function parseQuantity(text: string): Quantity {
  const match = text === '' ? null : shape.exec(text)
  if (!match) throw new Error(formatError)
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match
  const { base, exponent, format } = parseSuffix(suffix)
  const digits = BigInt(`0${whole}${fraction}`)
  const amount = base === 2 ? scaleByTen(digits << BigInt(exponent), -fraction.length) : scaleByTen(digits, exponent - fraction.length)
  // Only binary amounts have an upper bound.
  const nanos = format === 'BinarySI' && amount > maximum ? maximum : amount
  const asDecimal = format === 'BinarySI' && nanos > 0n && nanos < giga
  return { nanos: sign === '-' ? -nanos : nanos, format: asDecimal ? 'DecimalSI' : format }
}

function parseSuffix(suffix: string): { base: 2 | 10; exponent: number; format: QuantityFormat } {
  const decimal = decimalExponents[suffix]
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' }
  const binary = binarySuffixes.indexOf(suffix as (typeof binarySuffixes)[number])
  if (binary > 0) return { base: 2, exponent: binary * 10, format: 'BinarySI' }
  if (!/^[eE][-+]?[0-9]+$/.test(suffix)) throw new Error(suffixError)
  const exponent = Number(suffix.slice(1))
  if (!Number.isSafeInteger(exponent)) throw new Error(suffixError)
  return { base: 10, exponent, format: 'DecimalExponent' }
}

/** `digits` times ten to `power`, in nanos; what is finer is rounded up. */
function scaleByTen(digits: bigint, power: number): bigint {
  if (digits === 0n) return 0n
  const shift = power + 9
  if (shift >= 0) return power > largestExponent ? maximum : digits * 10n ** BigInt(shift)
  if (shift < smallestExponent && digits < 10n ** BigInt(-smallestExponent - 1)) return 1n
  const divisor = 10n ** BigInt(-shift)
  return (digits + divisor - 1n) / divisor
}

/** The canonical form: no fraction, the largest suffix that leaves an integer. */
export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return '0'
  if (format === 'BinarySI' && isBinaryRepresentable(nanos)) return formatBinary(nanos / giga)
  return formatDecimal(nanos, format === 'DecimalExponent')
}

// Small or fractional amounts are shown in decimal rather than rounded.
const isBinaryRepresentable = (nanos: bigint): boolean => {
  const magnitude = nanos < 0n ? -nanos : nanos
  return magnitude >= 1024n * giga && nanos % giga === 0n
}

function formatBinary(value: bigint): string {
  let rest = value
  let power = 0
  while (power < binarySuffixes.length - 1 && rest % 1024n === 0n) {
    rest /= 1024n
    power++
  }
  return `${rest}${binarySuffixes[power]}`
}

function formatDecimal(nanos: bigint, asExponent: boolean): string {
  let rest = nanos
  let power = -9
  while (rest % 1000n === 0n) {
    rest /= 1000n
    power += 3
  }
  const suffix = asExponent ? undefined : decimalSuffixes.get(power)
  return `${rest}${suffix ?? (power === 0 ? '' : `e${power}`)}`
}

/** What Kubernetes writes for a quantity that came as `text`. What is canonical, nearly everything, is seen without arithmetic. */
export function canonicalQuantity(text: string): string {
  if (isPlainlyCanonical(text)) return text
  const quantity = parseQuantity(text)
  return isKeptAsWritten(text) ? text : formatQuantity(quantity)
}

/** Upstream keeps the text of numbers that look canonical by their digits, so `1.250` and `1E3` stay what they are. */
function isKeptAsWritten(text: string): boolean {
  const [, , zeros = '', fraction = '', suffix = ''] = shape.exec(text) ?? []
  const whole = zeros.replace(/^0+/, '') || '0'
  const { base, exponent } = parseSuffix(suffix)
  if (base === 2) {
    const precision = 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1
    return fraction === '' && precision >= 0 && Number(whole) % 8 !== 0
  }
  const digits = whole + fraction
  const scale = exponent - fraction.length
  return digits.length <= 18 && scale >= -9 && scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0')
}

// Up to nine digits without leading zero, then one suffix: canonical unless the number could move to the next suffix.
function isPlainlyCanonical(text: string): boolean {
  const first = text.charCodeAt(0)
  if (first === 48) return text.length === 1
  let value = 0
  let at = 0
  for (; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  if (at === 0 || at > 9) return false
  const suffixLength = text.length - at
  if (suffixLength === 0) return value % 1000 !== 0
  if (suffixLength === 1) return value % 1000 !== 0 && 'mkMGT'.includes(text[at] ?? '')
  return suffixLength === 2 && text[at + 1] === 'i' && 'KMG'.includes(text[at] ?? '') && value % 1024 !== 0
}

export function isValidQuantity(text: string): boolean {
  if (isPlainlyCanonical(text)) return true
  try {
    parseQuantity(text)
    return true
  } catch {
    return false
  }
}

/** Thousandths, rounded away from zero. Exact up to 2⁵³. */
export const quantityMilliValue = (text: string): number => plainValue(text, 1000) ?? roundUp(parseQuantity(text).nanos, 1_000_000n)

/** The value, rounded away from zero to an integer. Exact up to 2⁵³. */
export const quantityValue = (text: string): number => plainValue(text, 1) ?? roundUp(parseQuantity(text).nanos, giga)

function roundUp(nanos: bigint, unit: bigint): number {
  const magnitude = nanos < 0n ? -nanos : nanos
  const rounded = Number((magnitude + unit - 1n) / unit)
  return nanos < 0n ? -rounded : rounded
}

const plainUnits: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

// The usual `2`, `500m`, `128Mi` without big integers: the scheduler reads these for every pod.
function plainValue(text: string, scale: number): number | undefined {
  let value = 0
  let at = 0
  for (; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  if (at === 0 || at > 15) return undefined
  const suffix = text.slice(at)
  if (suffix === 'm') return scale === 1000 ? value : Math.ceil(value / 1000)
  const unit = Object.hasOwn(plainUnits, suffix) ? plainUnits[suffix] : undefined
  const result = unit === undefined ? undefined : value * unit * scale
  return result !== undefined && Number.isSafeInteger(result) ? result : undefined
}

/** Negative, zero or positive, as `a` is less than, equal to or more than `b`. */
export function compareQuantities(a: string, b: string): number {
  if (a === b) return 0
  const left = parseQuantity(a).nanos
  const right = parseQuantity(b).nanos
  return left < right ? -1 : left > right ? 1 : 0
}

/** The sum, written in the family of `a` unless that is zero. */
export const addQuantities = (a: string, b: string): string => combine(a, b, 1n)

/** The difference, written in the family of `a` unless that is zero. */
export const subtractQuantities = (a: string, b: string): string => combine(a, b, -1n)

function combine(a: string, b: string, sign: bigint): string {
  const left = parseQuantity(a)
  const right = parseQuantity(b)
  const format = left.nanos === 0n ? right.format : left.format
  return formatQuantity({ nanos: left.nanos + sign * right.nanos, format })
}
