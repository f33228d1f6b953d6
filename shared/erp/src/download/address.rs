//! Which network addresses a file may be fetched from.
//!
//! Pure. An address that somebody else names is gone to only when it is one of
//! the public internet; anything that could lead into a network of ours, or of
//! this machine, is not, in any of its spellings.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Blocks of IPv4 that are not the public internet: address, length of the prefix, what it is.
const CLOSED_V4: [(Ipv4Addr, u32, &str); 16] = [
    (Ipv4Addr::UNSPECIFIED, 8, "this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared by a carrier"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "this machine"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "protocols"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "documentation"),
    (Ipv4Addr::new(192, 31, 196, 0), 24, "AS112"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "6to4 relays"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "benchmarks"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved and broadcast"),
];

/// The one block of IPv6 that is given to hosts of the public internet, 2000::/3; of it, what is not theirs.
const CLOSED_V6: [(Ipv6Addr, u32, &str); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "protocols, Teredo among them"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "documentation"),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "6to4, which holds an address of IPv4"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "documentation"),
];

/// Why an address is not one of the public internet; `None` when it is one.
///
/// IPv6 addresses that hold one of IPv4 (mapped, compatible, translated, 6to4, Teredo) are refused as such, whatever
/// they hold: no host of the internet is reached by them from here.
pub fn closed(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) => CLOSED_V4.iter().find(|(block, length, _)| is_in_v4(v4, *block, *length)).map(|(.., w)| *w),
        IpAddr::V6(v6) if v6.segments()[0] & 0xe000 != 0x2000 => Some("not global unicast"),
        IpAddr::V6(v6) => CLOSED_V6.iter().find(|(block, length, _)| is_in_v6(v6, *block, *length)).map(|(.., w)| *w),
    }
}

fn is_in_v4(address: Ipv4Addr, block: Ipv4Addr, length: u32) -> bool {
    (address.to_bits() ^ block.to_bits()) >> (32 - length) == 0
}

fn is_in_v6(address: Ipv6Addr, block: Ipv6Addr, length: u32) -> bool {
    (address.to_bits() ^ block.to_bits()) >> (128 - length) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: [&str; 24] = [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "93.184.216.34",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "203.0.112.255",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2a00:1450:4001:80b::200e",
        "2001:4860:4860::8888",
        "2003::1",
    ];

    const CLOSED: [&str; 72] = [
        // This machine and this network.
        "0.0.0.0",
        "0.0.0.1",
        "0.255.255.255",
        "127.0.0.1",
        "127.0.0.53",
        "127.1.2.3",
        "127.255.255.255",
        "::1",
        "::",
        // Private.
        "10.0.0.0",
        "10.0.0.1",
        "10.255.255.255",
        "172.16.0.1",
        "172.17.0.2",
        "172.31.255.255",
        "192.168.0.1",
        "192.168.1.254",
        "192.168.255.255",
        "fc00::1",
        "fd00::1",
        "fd00:ec2::254",
        "fdff:ffff::1",
        "fec0::1",
        // Link-local: the address of the cloud's own data among them.
        "169.254.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "169.254.255.255",
        "fe80::1",
        "fe80::a9fe:a9fe",
        "febf::1",
        // A carrier's.
        "100.64.0.0",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        // Protocols, documentation, benchmarks, relays.
        "192.0.0.1",
        "192.0.0.170",
        "192.0.0.192",
        "192.0.2.1",
        "192.31.196.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "2001:db8::1",
        "3fff::1",
        "3fff:fff::1",
        "100::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        // Multicast, reserved, broadcast.
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.254",
        "255.255.255.255",
        "ff02::1",
        "ff0e::1",
        // An address of IPv4 inside one of IPv6: mapped, compatible, translated, 6to4, Teredo, ISATAP.
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::1",
        "2002:a9fe:a9fe::1",
        "2002:808:808::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "fe80::5efe:a00:1",
    ];

    #[test]
    fn only_addresses_of_the_public_internet_are_open() {
        for text in OPEN {
            assert_eq!(closed(text.parse().expect(text)), None, "{text}");
        }
        for text in CLOSED {
            assert!(closed(text.parse().expect(text)).is_some(), "{text}");
        }
    }

    #[test]
    fn every_block_is_closed_from_its_first_address_to_its_last() {
        for (block, length, what) in CLOSED_V4 {
            let (first, span) = (block.to_bits(), u32::MAX >> length);
            assert_eq!(first & span, 0, "{what}: {block}/{length} is no block");
            for bits in [first, first | span, first | (span >> 1)] {
                assert!(closed(IpAddr::V4(Ipv4Addr::from_bits(bits))).is_some(), "{what}");
            }
        }
        for (block, length, what) in CLOSED_V6 {
            let (first, span) = (block.to_bits(), u128::MAX >> length);
            assert_eq!(first & span, 0, "{what}: {block}/{length} is no block");
            assert!(closed(IpAddr::V6(Ipv6Addr::from_bits(first | span))).is_some(), "{what}");
        }
    }
}
