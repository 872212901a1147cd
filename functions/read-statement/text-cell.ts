// Free text in a cell of a CSV file, which somebody else may have written, so that no spreadsheet takes any of it for a formula.

/** Full-width forms included: some spreadsheets read them as the others. */
const formulaSigns = '=+\\-@\\uFF1D\\uFF0B\\uFF0D\\uFF20';
/** Where a cell may begin: with the text, after what readers' spreadsheets separate by, or after an end of line. */
const startOfCell = new RegExp(`(^|[,;|:\\t\\r\\n])([ "]*)([${formulaSigns}])`, 'g');
/** After a space a cell begins only for who chose to separate by it; a sign between spaces is none of a formula. */
const afterSpace = new RegExp(`( "*)([${formulaSigns}])(?=[^ ${formulaSigns}])`, 'g');

/**
 * Spreadsheets run a cell that begins with = + - or @, also behind white space, as a formula; an apostrophe before the sign makes it text
 * (OWASP, "CSV Injection"). And they separate cells by what is usual where their reader is: to one who separates by semicolons, the commas
 * of a file are text and its quotation marks say nothing, so that `"rent;=1+1"` ends in a cell `=1+1`. So the apostrophe stands
 * wherever a cell may begin.
 */
export function textCell(text: string): string {
  const signed = text.replaceAll(startOfCell, "$1$2'$3").replaceAll(afterSpace, "$1'$2");
  // White space before it some programs leave out, and what is behind begins the cell.
  const safe = /^[\t\r\n]/.test(signed) ? `'${signed}` : signed;
  return /[",;\t\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
