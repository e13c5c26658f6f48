/** Replaces `$(NAME)` by what `lookup` knows; `$$` stands for one dollar, and unknown names stay as they are written. */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  return text.replace(/\$(\$|\(([^()]*)\))/g, (whole, rest: string, name: string | undefined) => {
    if (rest === '$') return '$'
    return lookup(name ?? '') ?? whole
  })
}
