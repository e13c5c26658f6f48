import { traversalKeepingSize } from '../function-cost.ts'
import { defineFunction } from '../functions.ts'

export const jsonPatchLibrary = [
  defineFunction('jsonpatch.escapeKey', ['(string) -> string'], ([key]) => (key as string).replaceAll('~', '~0').replaceAll('/', '~1'), {
    cost: traversalKeepingSize(0, 2),
  }),
]
