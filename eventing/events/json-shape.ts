// What a JSON text looks like before it is parsed, and whether parsing has lost a field of it.

/** How deep the text is nested, no further than one level too much, and how many fields its objects name until there. */
export function measureJson(text: string, levelsMax: number): { depth: number; fields: number } {
  let [depth, deepest, fields] = [0, 0, 0];
  let inString = false;
  for (let i = 0; i < text.length && deepest <= levelsMax; i++) {
    const character = text.charCodeAt(i);
    if (inString) {
      if (character === 0x5c) i++;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x3a) fields++;
    else if (character === 0x7b || character === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (character === 0x7d || character === 0x5d) depth--;
  }
  return { depth: deepest, fields };
}
