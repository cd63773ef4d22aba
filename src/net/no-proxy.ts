import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";

/** Which hosts a list in the manner of `NO_PROXY` names. */
export interface HostList {
  has(url: URL): boolean;
  /** The entries that are neither a name, an address nor a network; their positions, from 1. */
  readonly unreadable: readonly number[];
}

type Rule = (host: string, port: string) => boolean;

/**
 * Reads a list of hosts, separated by commas or blanks: names, which stand for their subdomains too,
 * with or without `.` or `*.` in front; `*`; addresses; networks (CIDR); each but the last perhaps
 * with a port (contract, section 11). A name is not looked up: networks are for addresses.
 */
export function parseHostList(text: string): HostList {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== "");
  const rules = entries.map(parseRule);
  return {
    has(url) {
      const host = hostOf(url);
      const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
      return rules.some((rule) => rule?.(host, port) === true);
    },
    unreadable: rules.flatMap((rule, index) => (rule === undefined ? [index + 1] : [])),
  };
}

/** The host of a URL as a list has it: no brackets around an address, no dot at the end of a name. */
function hostOf(url: URL): string {
  return url.hostname.replaceAll(/^\[|\]$/g, "").replace(/\.$/, "");
}

function parseRule(entry: string): Rule | undefined {
  if (entry === "*") return () => true;
  const [, network, prefix] = /^([0-9a-f:.]+)\/(\d{1,3})$/i.exec(entry) ?? [];
  if (network !== undefined) return networkRule(network, Number(prefix));
  if (isIP(entry) !== 0) return networkRule(entry);
  const [, bracketed, named, port] =
    /^(?:\[([^\]]+)\]|([^:/[\]]+))(?::(\d{1,5}))?$/.exec(entry) ?? [];
  if (bracketed !== undefined && isIP(bracketed) === 0) return undefined;
  const rule = hostRule(bracketed ?? named ?? "");
  if (rule === undefined || port === undefined) return rule;
  return (host, actual) => actual === port && rule(host, actual);
}

function hostRule(text: string): Rule | undefined {
  if (isIP(text) !== 0) return networkRule(text);
  const name = domainToASCII(text.replace(/^\*?\./, "").replace(/\.$/, ""));
  if (name === "") return undefined;
  return (host) => host === name || host.endsWith(`.${name}`);
}

/** @returns undefined for a prefix that is longer than the address. */
function networkRule(address: string, prefix?: number): Rule | undefined {
  const family = isIP(address);
  const bits = family === 6 ? 128 : 32;
  if (family === 0 || (prefix ?? bits) > bits) return undefined;
  const block = new BlockList();
  block.addSubnet(address, prefix ?? bits, family === 6 ? "ipv6" : "ipv4");
  return (host) => {
    const version = isIP(host);
    return version !== 0 && block.check(host, version === 6 ? "ipv6" : "ipv4");
  };
}
