import type { Board } from '../model/board.js';
import { t } from '../model/messages.js';

/** What a reader calls a board: its maker's name, but the computer in front of them in their own language. */
export const boardName = ({ id, name }: Pick<Board, 'id' | 'name'>): string =>
  id === 'host' ? t`this computer` : name;
