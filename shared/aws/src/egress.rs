//! Which addresses may be called, whatever a name resolves to. A name that a customer's file or a vendor's answer carries can
//! be made to resolve to the machine itself or to the service that hands out the machine's credentials.
//!
//! Private networks are open, because an Acumatica may stand in the customer's own: to be reached there, the operator has put
//! the functions into that network, and the host must prove its name with a certificate of a public authority.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use connector::Stage;

/// Metadata services outside the link-local networks: Alibaba's, Oracle's, and Azure's.
const METADATA_V4: [Ipv4Addr; 3] = [
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(168, 63, 129, 16),
];
/// The same in IPv6, each a whole network of /32: AWS's own services on a machine, Google's and Oracle's.
const METADATA_V6: [[u16; 2]; 3] = [[0xfd00, 0x0ec2], [0xfd20, 0x00ce], [0xfd00, 0x00c1]];
/// Beginning of a network's own translation to IPv4, `64:ff9b:1::/48`: where in it the address stands is that network's choice.
const LOCAL_TRANSLATION: [u16; 3] = [0x64, 0xff9b, 1];

/// Whether an address may be called.
pub(crate) fn is_open(address: IpAddr, stage: Stage) -> bool {
    match address {
        IpAddr::V4(address) => is_open_v4(address, stage),
        IpAddr::V6(address) => is_open_v6(address, stage),
    }
}

fn is_open_v4(address: Ipv4Addr, stage: Stage) -> bool {
    if address.is_loopback() {
        return stage == Stage::Local;
    }
    let [first, ..] = address.octets();
    // `0.0.0.0/8` is this machine on many systems; from 240 on nothing is assigned.
    let is_reserved = first == 0 || first >= 240;
    !(is_reserved
        || address.is_link_local()
        || address.is_multicast()
        || METADATA_V4.contains(&address))
}

fn is_open_v6(address: Ipv6Addr, stage: Stage) -> bool {
    if address.is_loopback() {
        return stage == Stage::Local;
    }
    if address.is_unspecified() {
        return false;
    }
    if let Some(inner) = inner(address) {
        return is_open_v4(inner, stage);
    }
    let [first, second, third, ..] = address.segments();
    // `fec0::/10` is the link-local network's old sibling.
    let is_local = matches!(first & 0xffc0, 0xfe80 | 0xfec0);
    !(is_local
        || address.is_multicast()
        || METADATA_V6.contains(&[first, second])
        || [first, second, third] == LOCAL_TRANSLATION)
}

/// The IPv4 address inside one of the forms that lead to it: mapped, compatible, translated (`64:ff9b::/96`, `::ffff:0:0/96`)
/// and 6to4 (`2002::/16`).
fn inner(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff | 0, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(address: &str, stage: Stage) -> bool {
        is_open(address.parse().unwrap(), stage)
    }

    #[test]
    fn this_machine_its_neighbours_and_metadata_are_closed() {
        for address in [
            "169.254.169.254",
            "169.254.170.2",
            "169.254.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "fd00:ec2::254",
            "fd00:ec2::253",
            "fd20:ce::254",
            "fd00:c1::a9fe:a9fe",
            "64:ff9b:1::a9fe:a9fe",
            "64:ff9b:1:a9fe:a9:fe00::",
            "::ffff:0:169.254.169.254",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "64:ff9b::169.254.169.254",
            "2002:a9fe:a9fe::1",
            "::ffff:0.0.0.0",
        ] {
            for stage in [Stage::Production, Stage::Local] {
                assert!(!open(address, stage), "{address}");
            }
        }
    }

    #[test]
    fn loopback_is_for_the_local_stage() {
        for address in ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"] {
            assert!(!open(address, Stage::Production), "{address}");
            assert!(open(address, Stage::Local), "{address}");
        }
    }

    #[test]
    fn the_rest_of_the_world_is_open() {
        for address in [
            "52.94.5.5",
            "10.1.2.3",
            "172.16.0.9",
            "192.168.0.9",
            "100.64.0.1",
            "2600:1f18::1",
            "fd12:3456::1",
            "64:ff9b::8.8.8.8",
        ] {
            assert!(open(address, Stage::Production), "{address}");
        }
    }
}
