// A line that people write and others read: a name, a description, a reason. What cannot be seen is not taken. Browsers may import this file.
import * as z from 'zod';

/*
 * Classes of characters, written so that every engine reads them: JSON Schema recommends no `\p{…}` (Core 2020-12, section 6.4), Python has
 * none, and JavaScript only with a flag that JSON Schema does not set. Without that flag half a character is what a class sees, so these have none beyond U+FFFF:
 * findHidden() looks at the others. The properties are those of Unicode 17, DerivedCoreProperties.txt and PropList.txt.
 */
const controls = '\\u0000-\\u001f\\u007f-\\u009f';
/** Separators of lines; what turns or embeds a direction (Bidi_Control); what is drawn as nothing (Default_Ignorable_Code_Point). */
const hidden =
  '\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb';
/** Default-ignorable as well, but written: joiners in Persian and Hindi, and what chooses the form of the character before. */
const joining = '\\u180b-\\u180d\\u180f\\u200c\\u200d\\ufe00-\\ufe0f';
/** Space_Separator, and the empty braille pattern. */
const blank = ' \\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u2800\\u3000';

const visibleFirst = `[${blank}]*[^${controls}${hidden}${joining}${blank}][^${controls}${hidden}]*`;
const visiblePattern = new RegExp(`^${visibleFirst}$`);
const freePattern = new RegExp(`^[${blank}]*([^${controls}${hidden}${joining}${blank}][^${controls}${hidden}]*)?$`);
const anyHidden = new RegExp(`[${controls}${hidden}]`);

/** The same beyond U+FFFF: shorthand and musical format controls, tags, what is reserved to be ignored. */
const hiddenBeyond = /[\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e00ff}\u{e01f0}-\u{e0fff}]/u;
/** The flags of England, Scotland and Wales are a black flag and tags (UTS 51): the one place where tags are seen. */
const tagFlags = /\u{1f3f4}[\u{e0061}-\u{e007a}]{5}\u{e007f}/gu;
const onlyChoices = new RegExp(`^[${blank}]*[\\u{e0100}-\\u{e01ef}]`, 'u');

/**
 * A line in which there is something to see, e.g. a name: refused are control characters, line separators, and what is invisible or
 * changes the direction of others. Kept without spaces around and in NFC, so that one text has one spelling.
 */
export function visibleLine(lengthMax: number): z.ZodString {
  return readable(z.string().max(lengthMax, { abort: true }).min(1, { abort: true }), visiblePattern, lengthMax);
}

/** As visibleLine, but it may be empty, e.g. a description. */
export function freeLine(lengthMax: number): z.ZodString {
  return readable(z.string().max(lengthMax, { abort: true }), freePattern, lengthMax);
}

function readable(text: z.ZodString, pattern: RegExp, lengthMax: number): z.ZodString {
  return (
    text
      .regex(pattern, { error: ({ input }) => explain(String(input)), abort: true })
      .refine((line) => findHidden(line) === undefined && !onlyChoices.test(line), {
        error: ({ input }) => explain(String(input)),
        abort: true,
      })
      .trim()
      .normalize('NFC')
      // A few letters of Hebrew and Hindi have no composed form, and grow.
      .max(lengthMax, { error: `has more than ${lengthMax} characters once its letters are in NFC`, abort: true })
  );
}

/** The first character that nobody would see, as `U+200B`; undefined for a line without any. */
function findHidden(line: string): string | undefined {
  const found = anyHidden.exec(line) ?? hiddenBeyond.exec(line.replace(tagFlags, ''));
  return found ? `U+${(found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}` : undefined;
}

function explain(line: string): string {
  const character = findHidden(line);
  if (character === undefined) return 'has nothing in it that can be seen';
  return `holds ${character}, which is a control character or cannot be seen: leave it out`;
}
