import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { isRefusal, readEmail } from '@sallyport/protocol';
import { prompts, readAskedInteraction } from '../src/authorize/asked-interaction.ts';

/** The reason of a refusal, or what was read. */
function read(values: Record<string, string>) {
  try {
    return readAskedInteraction(values);
  } catch (error) {
    assert.ok(isRefusal(error), String(error));
    return error.reason;
  }
}

describe('what a client asks of the person’s presence', () => {
  it('is nothing, when nothing is said', () => {
    assert.deepEqual(read({}), { prompt: [] });
    assert.deepEqual(read({ prompt: '   ' }), { prompt: [] });
  });

  it('is read the same in any order, with words repeated and any blanks, or refused as a whole', () => {
    const word = fc.constantFrom(...prompts, 'create', 'None', 'login\u00a0', '__proto__', 'constructor');
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), fc.constantFrom(' ', '  '), (words, blank) => {
        const answer = read({ prompt: blank + words.join(blank) + blank });
        const known: readonly string[] = prompts;
        if (words.some((one) => !known.includes(one))) assert.equal(answer, 'prompt_unsupported');
        else if (new Set(words).size > 1 && words.includes('none'))
          assert.equal(answer, 'prompt_none_with_others');
        else assert.deepEqual(answer, { prompt: [...new Set(words)] });
      }),
    );
  });

  it('has a max_age of whole seconds or is refused, and never a number that was not sent', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ minLength: 1 }), fc.integer().map(String)), (max_age) => {
        const answer = read({ max_age });
        if (typeof answer === 'string') return assert.equal(answer, 'max_age_malformed');
        assert.equal(String(answer.maxAgeSeconds), max_age.replace(/^0+(?=\d)/, ''));
      }),
    );
    assert.deepEqual(read({ max_age: '0' }), { prompt: [], maxAgeSeconds: 0 });
  });

  it('never fails for a login_hint, and takes only what could be an account’s name', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.emailAddress());
    fc.assert(
      fc.property(text, (login_hint) => {
        const answer = read({ login_hint });
        assert.ok(typeof answer === 'object');
        assert.equal(answer.loginHint, readEmail(login_hint));
      }),
    );
  });
});
