/**
 * The types of a serialport binding. Its package declares them for `require` alone, hence the one place that
 * names it.
 */
export type {
  BindingInterface,
  BindingPortInterface,
  OpenOptions,
} from '@serialport/bindings-interface' with { 'resolution-mode': 'require' };
