//! Where calls may go, and the way they go.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use reqwest::{Request, Response};
use url::{Host, Url};

use crate::carrier::{Carrier, Unanswered};

/// The domain all of Concur's data centres live under (base URIs, as published 2025-10-14).
const CONCUR_DOMAIN: &str = "concursolutions.com";

/// The way to Concur, the HTTP client of the process as a rule. Cheap to clone; connections are shared.
///
/// The builder of the HTTP client must set a connect time-out, follow no redirects and bundle its root certificates;
/// the time-out of an answer is set per request.
#[derive(Clone)]
pub struct Transport(Arc<dyn Carrier>);

impl Transport {
    /// Wraps the one HTTP client of the process.
    #[must_use]
    pub fn new(client: reqwest::Client) -> Self {
        Self::over(Arc::new(client))
    }

    /// Goes another way than over the network.
    #[must_use]
    pub fn over(carrier: Arc<dyn Carrier>) -> Self {
        Self(carrier)
    }

    pub(crate) async fn carry(&self, request: Request) -> Result<Response, Unanswered> {
        self.0.carry(request).await
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transport")
    }
}

/// The hosts a token may be sent to.
///
/// A token answer names the host of all later calls, so a forged or mistaken answer could lead every secret away;
/// nothing but a [`Geolocation`] that passed this policy is ever called.
#[derive(Clone, Debug)]
pub struct Hosts {
    loopback: Loopback,
    test_host: Option<Geolocation>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loopback {
    Refused,
    Accepted,
}

impl Hosts {
    /// Only `https` under Concur's own domain.
    #[must_use]
    pub fn concur() -> Self {
        Self {
            loopback: Loopback::Refused,
            test_host: None,
        }
    }

    /// Additionally loopback addresses, plain `http` included: for the stage `local` alone.
    #[must_use]
    pub fn local() -> Self {
        Self {
            loopback: Loopback::Accepted,
            test_host: None,
        }
    }

    /// Additionally one `https` host outside Concur's domain: the configured test host, for example a recording proxy.
    ///
    /// # Errors
    /// When the address is not plain `https` with a host.
    pub fn with_test_host(self, address: &str) -> Result<Self, HostRefused> {
        let url = parse(address)?;
        if url.scheme() != "https" {
            return Err(HostRefused::new(address, "only https is accepted here"));
        }
        Ok(Self {
            test_host: Some(Geolocation::of(&url)),
            ..self
        })
    }

    /// Reads an address, keeps scheme, host and port (a published sample carries a path), and checks it.
    ///
    /// # Errors
    /// When the address is no URL, carries a user name, or lies outside this policy.
    pub fn geolocation(&self, address: &str) -> Result<Geolocation, HostRefused> {
        let url = parse(address)?;
        let geolocation = Geolocation::of(&url);
        if self.test_host.as_ref() == Some(&geolocation)
            || (self.loopback == Loopback::Accepted && is_loopback(&url))
        {
            return Ok(geolocation);
        }
        if url.scheme() != "https" {
            return Err(HostRefused::new(address, "only https is accepted here"));
        }
        if !url.domain().is_some_and(is_concur) {
            return Err(HostRefused::new(address, "the host is not one of Concur's"));
        }
        if url.port().is_some() {
            return Err(HostRefused::new(address, "Concur uses the default port"));
        }
        Ok(geolocation)
    }
}

fn parse(address: &str) -> Result<Url, HostRefused> {
    let url =
        Url::parse(address.trim()).map_err(|_| HostRefused::new(address, "not an address"))?;
    if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
        return Err(HostRefused::new(address, "not a web address"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        // The address would carry a credential, and people misread what stands before the `@` as the host.
        return Err(HostRefused::new(
            "(withheld)",
            "an address with a user name is not accepted",
        ));
    }
    Ok(url)
}

fn is_concur(host: &str) -> bool {
    host.strip_suffix(CONCUR_DOMAIN)
        .is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}

/// A checked base address, `https://us2.api.concursolutions.com`: scheme, host and a port that is not the default one.
///
/// Only [`Hosts::geolocation`] makes one, so whoever holds it may send secrets there. Stored as text and read back
/// through the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Geolocation(Box<str>);

impl Geolocation {
    fn of(url: &Url) -> Self {
        Self(url.origin().ascii_serialization().into())
    }

    /// The address without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Geolocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address that no call may go to.
#[derive(Debug, thiserror::Error)]
#[error("address {address} is refused: {why}")]
pub struct HostRefused {
    address: Box<str>,
    why: &'static str,
}

impl HostRefused {
    fn new(address: &str, why: &'static str) -> Self {
        /// Longer than any host name, so that an answer cannot flood a log line.
        const ADDRESS_CHARS_MAX: usize = 300;
        // A query could carry a token.
        let bare = address.split(['?', '#']).next().unwrap_or_default();
        Self {
            address: bare.chars().take(ADDRESS_CHARS_MAX).collect(),
            why,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concur_hosts_are_normalised() {
        for (given, kept) in [
            (
                "https://us2.api.concursolutions.com",
                "https://us2.api.concursolutions.com",
            ),
            (
                "https://US2.api.concursolutions.com/oauth2/v0/token",
                "https://us2.api.concursolutions.com",
            ),
            (
                "https://us-impl.api.concursolutions.com:443/?a=b",
                "https://us-impl.api.concursolutions.com",
            ),
            (
                " https://www-eu2.api.concursolutions.com/ ",
                "https://www-eu2.api.concursolutions.com",
            ),
        ] {
            assert_eq!(
                Hosts::concur().geolocation(given).unwrap().as_str(),
                kept,
                "{given}"
            );
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for given in [
            "",
            "us2.api.concursolutions.com",
            "http://us2.api.concursolutions.com",
            "https://us2.api.concursolutions.com.evil.example",
            "https://evilconcursolutions.com",
            "https://us2.api.concursolutions.com@evil.example",
            "https://user:pw@us2.api.concursolutions.com",
            "https://us2.api.concursolutions.com:8443",
            "https://127.0.0.1",
            "https://169.254.169.254",
            "https://2852039166",
            "https://0xa9fea9fe",
            "https://0251.0376.0251.0376",
            "https://[fe80::1]",
            "https://[fd00:ec2::254]",
            "https://[::ffff:169.254.169.254]",
            "https://us2.api.concursolutions.com.",
            "http://127.0.0.1:8080",
            "http://localhost",
            "file:///etc/passwd",
            "ftp://us2.api.concursolutions.com",
        ] {
            assert!(Hosts::concur().geolocation(given).is_err(), "{given}");
        }
    }

    #[test]
    fn local_adds_loopback_and_nothing_more() {
        let hosts = Hosts::local();
        for given in [
            "http://127.0.0.1:4700",
            "http://[::1]:4700",
            "http://localhost:1",
            "https://eu2.api.concursolutions.com",
        ] {
            assert_eq!(hosts.geolocation(given).unwrap().as_str(), given);
        }
        for given in [
            "http://10.0.0.1",
            "http://localhost.evil.example",
            "https://example.com",
            "http://0.0.0.0:1",
        ] {
            assert!(hosts.geolocation(given).is_err(), "{given}");
        }
    }

    #[test]
    fn the_test_host_is_one_host() {
        let hosts = Hosts::concur()
            .with_test_host("https://proxy.example:8443/x")
            .unwrap();
        assert!(hosts.geolocation("https://proxy.example:8443").is_ok());
        assert!(hosts.geolocation("https://proxy.example").is_err());
        assert!(hosts.geolocation("http://proxy.example:8443").is_err());
        assert!(
            Hosts::concur()
                .with_test_host("http://proxy.example")
                .is_err()
        );
    }

    #[test]
    fn a_refusal_shows_no_credential() {
        for given in [
            "https://user:hunter2@evil.example",
            "https://evil.example/?token=hunter2",
        ] {
            let refused = Hosts::concur().geolocation(given).unwrap_err();
            assert!(!format!("{refused} {refused:?}").contains("hunter2"));
        }
    }
}
