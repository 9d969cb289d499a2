import { EXIT, type ExitCode } from '../exit-code';
import type { FaultClass } from './fault';

/** The exit code that a fault of `faultClass` leads to, once it is final. */
export function exitCodeOf(faultClass: FaultClass): ExitCode {
  switch (faultClass) {
    case 'quota':
    case 'sku':
    case 'capacity':
    case 'zone':
      return EXIT.unavailable;
    case 'busy':
      return EXIT.busy;
    case 'auth':
      return EXIT.unauthorized;
    case 'spec':
    case 'network-config':
    case 'not-found':
      return EXIT.invalid;
    case 'timeout':
      return EXIT.notReady;
    case 'etag':
    case 'throttled':
    case 'wrapper':
    case 'transient':
      return EXIT.internal;
  }
}

/** What a person does about a fault of `faultClass`. */
export function adviceFor(faultClass: FaultClass): string {
  switch (faultClass) {
    case 'quota':
      return 'ask for quota of that family in the region, or list another machine type';
    case 'sku':
      return 'list a machine type that the region offers to the subscription';
    case 'capacity':
      return 'Azure has no such machines free: run again later, or list another machine type';
    case 'zone':
      return 'leave the zones out, or list another machine type';
    case 'busy':
      return 'another operation of the cluster did not end: look at it, then run again';
    case 'auth':
      return 'check the identity, its federated credential and its role (docs/provisioner.md, setup)';
    case 'not-found':
      return 'check subscription, resource group and cluster name';
    case 'network-config':
      return "check the subnet's free addresses and the identity's right to join it";
    case 'spec':
      return 'Azure does not accept the request: correct the pool';
    case 'timeout':
      return 'look at the operation in the Azure portal, then run again: it continues where this run stopped';
    case 'etag':
      return 'something else keeps changing the pool: find it, then run again';
    case 'throttled':
    case 'wrapper':
    case 'transient':
      return 'run again; if it stays, open a support request with the request id';
  }
}
