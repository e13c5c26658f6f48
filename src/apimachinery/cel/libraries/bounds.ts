import { CelFailure } from '../values.ts'

/** No text may grow beyond this: a few calls could otherwise fill the memory before their cost is counted. */
export const longestText = 16 * 1024 * 1024

export const tooMuch = (): CelFailure => new CelFailure('operation cancelled: actual cost limit exceeded', true)
