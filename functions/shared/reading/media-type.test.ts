// Content types as clients write them.
import { expect, test } from 'vitest';
import { isUtf8Charset, mediaTypeOf } from './media-type.ts';

test.each([
  'application/json',
  'application/json; version=1',
  'application/json;charset=utf8',
  'application/json; charset="UTF-8"',
  'application/json;',
  'application/json ; ; ',
  'Application/JSON; odata.metadata=minimal; charset=us-ascii',
])('%j is JSON in UTF-8', (contentType) => {
  const type = mediaTypeOf(contentType);
  expect(type && [type.essence, isUtf8Charset(type)]).toEqual(['application/json', true]);
});

test.each(['', 'json', 'application', 'application/', '/json', 'application/json, text/html', 'a b/json'])(
  '%j is no media type',
  (contentType) => {
    const type = mediaTypeOf(contentType);
    expect(type === undefined || type.essence !== 'application/json').toBe(true);
  },
);

test.each(['utf-16', 'iso-8859-1', 'latin1'])('a charset of %j is another', (charset) => {
  const type = mediaTypeOf(`application/json; charset=${charset}`);
  expect(type && isUtf8Charset(type)).toBe(false);
});
