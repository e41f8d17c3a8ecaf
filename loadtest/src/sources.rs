//! Addresses of this machine that clients connect from. Each has ports of its own: one address has some 28,000 for each
//! edge, so that more connections need more addresses.

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use anyhow::{Context as _, Result};
use tokio::net::TcpSocket;

/// More than any machine has.
const MOST: u32 = 65_536;

/// One address, or a range of them as `127.0.0.1-127.0.0.8`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sources(Vec<IpAddr>);

impl FromStr for Sources {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("{text:?} is neither an address nor a range such as 127.0.0.1-127.0.0.8");
        let Some((first, last)) = text.split_once('-') else {
            return Ok(Self(vec![text.parse().map_err(|_| wrong())?]));
        };
        let number = |text: &str| text.parse::<Ipv4Addr>().map(u32::from).map_err(|_| wrong());
        let (first, last) = (number(first)?, number(last)?);
        if last < first || last - first >= MOST {
            return Err(wrong());
        }
        Ok(Self((first..=last).map(|number| IpAddr::V4(number.into())).collect()))
    }
}

impl Sources {
    /// Clients take turns at the addresses of all.
    pub(crate) fn joined(all: &[Self]) -> Vec<IpAddr> {
        all.iter().flat_map(|sources| sources.0.iter().copied()).collect()
    }
}

/// Whether this machine has all the addresses.
pub(crate) fn check(addresses: &[IpAddr]) -> Result<()> {
    for address in addresses {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.bind((*address, 0).into()).with_context(|| {
            format!("{address} is no address of this machine: add it with `ip address add`, or leave it out")
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_all_addresses_in_it() {
        let sources: Vec<Sources> =
            ["127.0.0.254-127.0.1.1", "::1"].map(|text| text.parse().expect(text)).into();
        let addresses: Vec<String> = Sources::joined(&sources).iter().map(ToString::to_string).collect();
        assert_eq!(addresses, ["127.0.0.254", "127.0.0.255", "127.0.1.0", "127.0.1.1", "::1"]);
        for wrong in ["", "localhost", "127.0.0.8-127.0.0.1", "0.0.0.0-255.255.255.255", "127.0.0.1-8"] {
            assert!(wrong.parse::<Sources>().is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn addresses_of_others_are_refused() {
        assert!(check(&["127.0.0.9".parse().expect("an address")]).is_ok());
        let refused = check(&["192.0.2.1".parse().expect("an address")]).expect_err("nobody has it");
        assert!(refused.to_string().contains("192.0.2.1"), "{refused}");
    }
}
