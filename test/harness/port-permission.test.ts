import { expect, it } from 'vitest';
import { mayOpen, permissionMend } from '../../harness/port-permission.js';

/** The command that lets a user open a port, by who owns it: as `stat` and `/etc/group` of those systems say. */

const DEBIAN = 'root:x:0:\ndialout:x:20:grace\nada:x:1000:\n';
const ARCH = 'root:x:0:root\nuucp:x:986:\n';
const MACOS = 'wheel:*:0:root\n';

it.each([
  ['Debian', 0o20_660, 20, DEBIAN, 'ada', /^sudo usermod -a -G dialout \$USER {3}# then log out/],
  ['Debian, since the last login', 0o20_660, 20, DEBIAN, 'grace', /^newgrp dialout {3}# or log out/],
  ['Arch', 0o20_660, 986, ARCH, 'ada', /^sudo usermod -a -G uucp \$USER/],
  [
    'a container, where root alone may',
    0o20_600,
    0,
    DEBIAN,
    'ada',
    /^sudo chmod a\+rw \/dev\/ttyX {3}# until/,
  ],
  ['root and its group', 0o20_660, 0, DEBIAN, 'ada', /^sudo chmod a\+rw/],
  ['a group that may only read', 0o20_640, 20, DEBIAN, 'ada', /^sudo chmod a\+rw/],
  ['a group without a name', 0o20_660, 4711, DEBIAN, 'ada', /^sudo chmod a\+rw/],
  ['macOS', 0o20_600, 0, MACOS, 'ada', /^sudo chmod a\+rw/],
])('%s', (_, mode, gid, groups, user, command) => {
  expect(permissionMend('/dev/ttyX', { mode, gid, groups, user })).toMatch(command);
});

it('asks the port itself', () => {
  expect(mayOpen('/dev/null')).toBe(true);
  expect(mayOpen('/dev/none')).toBe(false);
  expect(permissionMend('/dev/none')).toMatch(/^sudo chmod a\+rw \/dev\/none/);
});
