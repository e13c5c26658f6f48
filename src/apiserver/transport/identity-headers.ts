/**
 * Headers that say who a request is for: each line of them is one value. Joined with commas, as others are, a group whose
 * name holds a comma would become two.
 */
export const isIdentityHeader = (name: string): boolean => name.startsWith('x-remote-') || name.startsWith('impersonate-')
