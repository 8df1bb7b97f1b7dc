//! One tenant's endpoint: where every call goes.

use std::net::IpAddr;

use url::{Host, Url};

use crate::version::EndpointVersion;

/// Which hosts may be addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// `https` only.
    Https,
    /// Also plain `http`, but only to loopback hosts: for a stack on one machine.
    Local,
}

/// An Acumatica site, tenant and endpoint, checked when made. Nothing here is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    base: Url,
    tenant: String,
    endpoint: String,
    version: EndpointVersion,
}

/// Why an address or a name is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    /// Not an absolute address.
    #[error("{0:?} is not an address such as https://acme.acumatica.com")]
    Address(String),
    /// Something other than https.
    #[error(
        "the address must begin with https://; plain http is for loopback hosts of a local stack only"
    )]
    Insecure,
    /// A host no certificate of a public authority can name: a number, this machine, or a name inside a network only.
    #[error(
        "the host must be a full name such as acme.acumatica.com, found {0:?}: numbers, localhost and names inside a network are never called"
    )]
    Host(String),
    /// User name, query or fragment in the address.
    #[error("the address must hold only host and site path")]
    Extra,
    /// An empty name, or one that cannot be a part of an address.
    #[error("{what} {value:?} is empty or has characters that cannot stand in an address")]
    Name {
        /// `tenant` or `endpoint`.
        what: &'static str,
        /// What was given.
        value: String,
    },
}

impl Site {
    /// Checks and combines the parts.
    ///
    /// `url` is the instance, with its site path if it has one (`https://host/site`); `tenant` the login name of the
    /// tenant; `endpoint` usually `Default`.
    ///
    /// # Errors
    /// A [`SiteError`] naming the part that is wrong.
    pub fn new(
        url: &str,
        tenant: &str,
        endpoint: &str,
        version: EndpointVersion,
        hosts: Hosts,
    ) -> Result<Self, SiteError> {
        let mut base = Url::parse(url.trim()).map_err(|_| SiteError::Address(url.to_owned()))?;
        let plain_allowed = hosts == Hosts::Local && is_loopback(&base);
        match base.scheme() {
            "https" => {}
            "http" if plain_allowed => {}
            _ => return Err(SiteError::Insecure),
        }
        if !plain_allowed && !is_public_name(&base) {
            return Err(SiteError::Host(
                base.host_str().unwrap_or_default().to_owned(),
            ));
        }
        let has_user = !base.username().is_empty() || base.password().is_some();
        if has_user || base.query().is_some() || base.fragment().is_some() {
            return Err(SiteError::Extra);
        }
        let path = base.path().trim_end_matches('/').to_owned();
        base.set_path(&path);
        Ok(Self {
            base,
            tenant: name("tenant", tenant)?,
            endpoint: name("endpoint", endpoint)?,
            version,
        })
    }

    /// The login name of the tenant.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The name of the endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The version of the endpoint.
    #[must_use]
    pub fn version(&self) -> EndpointVersion {
        self.version
    }

    /// An address under the instance, e.g. `entity/auth/logout`.
    pub(crate) fn at(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// Whether an address belongs to this site: same scheme, host and port, and below its path.
    pub(crate) fn owns(&self, url: &Url) -> bool {
        let below = url
            .path()
            .strip_prefix(self.base.path().trim_end_matches('/'));
        url.origin() == self.base.origin()
            && url.username().is_empty()
            && url.password().is_none()
            && below.is_some_and(|rest| rest.starts_with("/entity/"))
    }

    /// An address under the endpoint: entity and keys.
    pub(crate) fn entity(&self, entity: &str, keys: &[&str]) -> Url {
        let mut segments = vec!["entity", &self.endpoint, self.version.as_str(), entity];
        segments.extend(keys);
        self.at(&segments)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(domain)) => domain.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// Endings of names that lead to this machine or have no meaning outside a network (RFC 6761, RFC 6762, ICANN 2024).
const PRIVATE_ENDINGS: [&str; 3] = [".localhost", ".local", ".internal"];

/// A name of several parts. Numbers in any spelling are read as addresses, and an address has no certificate: whoever writes
/// one means another machine than the vendor's.
fn is_public_name(url: &Url) -> bool {
    let Some(Host::Domain(domain)) = url.host() else {
        return false;
    };
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    let mut endings = PRIVATE_ENDINGS.iter();
    domain.contains('.') && !endings.any(|ending| domain.ends_with(ending))
}

fn name(what: &'static str, value: &str) -> Result<String, SiteError> {
    let trimmed = value.trim();
    let unfit = |c: char| c.is_control() || matches!(c, '/' | '\\' | '?' | '#' | '%');
    if trimmed.is_empty() || matches!(trimmed, "." | "..") || trimmed.contains(unfit) {
        return Err(SiteError::Name {
            what,
            value: value.to_owned(),
        });
    }
    Ok(trimmed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(url: &str, hosts: Hosts) -> Result<Site, SiteError> {
        Site::new(url, "ACME", "Default", EndpointVersion::V24, hosts)
    }

    #[test]
    fn addresses() {
        for (url, hosts, expected) in [
            (
                "https://acme.acumatica.com",
                Hosts::Https,
                "https://acme.acumatica.com/entity/Default/24.200.001/Bill/Debit%20Adj./01",
            ),
            (
                "https://erp.example/site/",
                Hosts::Https,
                "https://erp.example/site/entity/Default/24.200.001/Bill/Debit%20Adj./01",
            ),
            (
                "http://127.0.0.1:8080/",
                Hosts::Local,
                "http://127.0.0.1:8080/entity/Default/24.200.001/Bill/Debit%20Adj./01",
            ),
            (
                "http://[::1]:8080",
                Hosts::Local,
                "http://[::1]:8080/entity/Default/24.200.001/Bill/Debit%20Adj./01",
            ),
        ] {
            let made = site(url, hosts)
                .unwrap()
                .entity("Bill", &["Debit Adj.", "01"]);
            assert_eq!(made.as_str(), expected);
        }
    }

    #[test]
    fn refusals() {
        for (url, hosts, expected) in [
            (
                "acme.acumatica.com",
                Hosts::Https,
                SiteError::Address("acme.acumatica.com".into()),
            ),
            ("http://127.0.0.1", Hosts::Https, SiteError::Insecure),
            (
                "http://acme.acumatica.com",
                Hosts::Local,
                SiteError::Insecure,
            ),
            (
                "http://localhost.evil.com",
                Hosts::Local,
                SiteError::Insecure,
            ),
            (
                "ftp://acme.acumatica.com",
                Hosts::Https,
                SiteError::Insecure,
            ),
            (
                "https://user@acme.acumatica.com",
                Hosts::Https,
                SiteError::Extra,
            ),
            (
                "https://acme.acumatica.com/?a=b",
                Hosts::Https,
                SiteError::Extra,
            ),
        ] {
            assert_eq!(site(url, hosts), Err(expected), "{url}");
        }
        for endpoint in ["", " ", "a/b", "..", "a?b"] {
            let made = Site::new(
                "https://a.example",
                "ACME",
                endpoint,
                EndpointVersion::V24,
                Hosts::Https,
            );
            assert!(
                matches!(
                    made,
                    Err(SiteError::Name {
                        what: "endpoint",
                        ..
                    })
                ),
                "{endpoint}"
            );
        }
    }

    #[test]
    fn hosts_that_nobody_certifies() {
        for (url, host) in [
            ("https://169.254.169.254", "169.254.169.254"),
            ("https://2852039166", "169.254.169.254"),
            ("https://0xa9fea9fe", "169.254.169.254"),
            ("https://0251.0376.0251.0376/", "169.254.169.254"),
            ("https://0xa9.254.43518", "169.254.169.254"),
            ("https://127.1", "127.0.0.1"),
            ("https://10.0.0.8", "10.0.0.8"),
            ("https://8.8.8.8", "8.8.8.8"),
            ("https://[::1]", "[::1]"),
            ("https://[fe80::1]", "[fe80::1]"),
            ("https://[fd00:ec2::254]", "[fd00:ec2::254]"),
            ("https://[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]"),
            ("https://localhost", "localhost"),
            ("https://LOCALHOST.", "localhost."),
            ("https://erp.localhost", "erp.localhost"),
            ("https://erp", "erp"),
            ("https://erp.local", "erp.local"),
            (
                "https://metadata.google.internal",
                "metadata.google.internal",
            ),
            (
                "https://ip-10-0-0-1.ec2.internal.",
                "ip-10-0-0-1.ec2.internal.",
            ),
        ] {
            let expected = Err(SiteError::Host(host.to_owned()));
            assert_eq!(site(url, Hosts::Https), expected, "{url}");
            // The local stage adds loopback and nothing more.
            let local = site(url, Hosts::Local);
            let is_loopback = ["127.0.0.1", "[::1]", "localhost"].contains(&host);
            assert_eq!(local.is_ok(), is_loopback, "{url}");
        }
    }
}
