import { createHash } from 'node:crypto'
import type { Container } from '../../apis/core/container.ts'

/** Changes when a running container has to be replaced: of a pod's containers only the image can change. */
export const containerHash = ({ name, image }: Container): string =>
  createHash('sha256')
    .update(JSON.stringify([name, image]))
    .digest('hex')
    .slice(0, 8)
