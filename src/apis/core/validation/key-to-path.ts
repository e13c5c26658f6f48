import type { FieldError } from '../../../apimachinery/field-error.ts'
import type { KeyToPath } from '../volume.ts'
import { validateLocalNonReservedPath } from './paths.ts'
import { fileMode, required } from './rules.ts'

export const validateKeyToPath = ({ key, path: target = '', mode }: KeyToPath, path: string): FieldError[] => [
  ...required(key, `${path}.key`),
  ...required(target, `${path}.path`),
  ...validateLocalNonReservedPath(target, `${path}.path`),
  ...fileMode(mode, `${path}.mode`),
]
