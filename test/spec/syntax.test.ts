import fc from 'fast-check';
import { child, formatField, isWithin, parseField, type Step } from '../../src/spec/fields';
import { didYouMean, nearestNames } from '../../src/spec/nearest';
import { imageReferenceFault } from '../../src/spec/syntax/image-reference';
import { inputUrlFault } from '../../src/spec/syntax/input-url';
import { isDnsLabel, isDnsSubdomain, isLabelKey, isLabelValue } from '../../src/spec/syntax/kubernetes-names';

describe('a field path', () => {
  it('can be taken apart and put together again', () => {
    const step: fc.Arbitrary<Step> = fc.oneof(fc.string(), fc.nat(20));
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        expect(parseField(formatField(steps))).toEqual(steps);
      }),
    );
  });

  it('lies within itself and its parents only', () => {
    expect(isWithin('a.b[0]["c"]', 'a.b')).toBe(true);
    expect(isWithin('a.b', 'a.b')).toBe(true);
    expect(isWithin('a.bc', 'a.b')).toBe(false);
    expect(isWithin('a', '')).toBe(true);
    expect(child(child('a', 'x/y'), 2)).toBe('a["x/y"][2]');
  });
});

describe('an image reference', () => {
  it.each([
    'a',
    'a/b',
    'a:1',
    'registry.example.com/a/b:1.0-rc.1_x',
    'registry.example.com:5000/a',
    'localhost/a',
    'mcr.microsoft.com/aks/kaito/kaito-base:0.5.0',
    `a/b@sha256:${'0'.repeat(64)}`,
    `a/b:1@sha256:${'0'.repeat(64)}`,
    'a__b/c---d',
    // A first part with capitals is a registry host, as Docker reads it.
    'A/b',
  ])('%s is one', (reference) => {
    expect(imageReferenceFault(reference)).toBeUndefined();
  });

  it.each([
    ['', 'has an empty part in its name'],
    ['a/B:1', 'has upper case letters in "B"'],
    ['a//b', 'has an empty part in its name'],
    ['a b', 'has a malformed part "a b" in its name'],
    ['a:b:c', 'has a malformed part "a:b" in its name'],
    ['a:', 'has a malformed tag ""'],
    ['a@sha256:12', 'has a malformed digest "sha256:12"'],
    ['a@b@c', 'has more than one @'],
    ['-x.example.com/a', 'has a malformed registry host "-x.example.com"'],
    ['ACR_REPO_HERE.azurecr.io/ADAPTER_HERE:0.0.1', 'is a placeholder'],
    ['<your-registry>/a', 'is a placeholder'],
    ['${REGISTRY}/a', 'is a placeholder'],
    [`${'a'.repeat(256)}:1`, 'has a name of 256 characters; at most 255 are allowed'],
  ])('%s is none: %s', (reference, fault) => {
    expect(imageReferenceFault(reference)).toBe(fault);
  });
});

describe('an address of tuning data', () => {
  it.each(['https://data.example.com/a?b=c', 'http://8.8.8.8/a', 'https://[2606:4700::1111]/'])(
    '%s is one',
    (url) => {
      expect(inputUrlFault(url)).toBeUndefined();
    },
  );

  it.each([
    'http://localhost/a',
    'http://x.localhost./a',
    'http://127.0.0.1/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://10.1.2.3/',
    'http://172.31.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest',
    'http://[::1]/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://metadata.google.internal/',
    'http://instance-data.ec2.internal/',
    'https://user:secret@data.example.com/',
    'file:///etc/passwd',
    'data.example.com/a',
    '',
  ])('%s is none', (url) => {
    expect(inputUrlFault(url)).toEqual(expect.any(String));
  });
});

describe('names of Kubernetes', () => {
  it('follow its rules', () => {
    expect(['a', 'a-1', '1a', 'a'.repeat(63)].every(isDnsLabel)).toBe(true);
    expect(['', 'A', 'a.b', '-a', 'a-', 'a'.repeat(64)].some(isDnsLabel)).toBe(false);
    expect(['a.b', 'a'.repeat(253)].every(isDnsSubdomain)).toBe(true);
    expect(['a..b', '.a', 'a_b', 'a'.repeat(254)].some(isDnsSubdomain)).toBe(false);
    expect(['a', 'A.b_c-1', 'x.y/z'].every(isLabelKey)).toBe(true);
    expect(['', '/a', 'a/', 'a/b/c', 'X.y/z', 'a'.repeat(64)].some(isLabelKey)).toBe(false);
    expect(['', 'a', 'A_b.c'].every(isLabelValue)).toBe(true);
    expect(['-a', 'a b', 'a'.repeat(64)].some(isLabelValue)).toBe(false);
  });
});

describe('nearest names', () => {
  it('are those within a slip of the hand, best first', () => {
    expect(nearestNames('instanceTyp', ['count', 'instanceType', 'instanceTypes'])).toEqual([
      'instanceType',
      'instanceTypes',
    ]);
    expect(nearestNames('standard_nc24ads_a100_v4', ['Standard_NC24ads_A100_v4'])).toEqual([
      'Standard_NC24ads_A100_v4',
    ]);
    expect(nearestNames('xyz', ['count', 'resource'])).toEqual([]);
    expect(nearestNames('NC24ads_A100', ['Standard_NC48ads_A100_v4', 'Standard_NC24ads_A100_v4'])).toEqual([
      'Standard_NC24ads_A100_v4',
    ]);
    expect(nearestNames('Phi4-mini', ['phi-4', 'phi-4-mini-instruct'])).toEqual(['phi-4-mini-instruct']);
    expect(nearestNames('deepseek-r1', ['deepseek-v3', 'deepseek-r1-0528'])[0]).toBe('deepseek-r1-0528');
    expect(didYouMean('xyz', ['count'])).toBeUndefined();
  });

  it('do not depend on the order of the candidates', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string({ maxLength: 4 })), (name, candidates) => {
        expect(nearestNames(name, candidates.toReversed())).toEqual(nearestNames(name, candidates));
      }),
    );
  });
});
