//! What an instance says about itself.

use jiff::Timestamp;
use serde::Deserialize;

use crate::site::Site;

/// The build of an instance and the endpoints it offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instance {
    /// Such as `24.203.0015`; older builds do not tell.
    pub build: Option<String>,
    /// Without a token only the built-in ones.
    pub endpoints: Vec<Endpoint>,
    /// Its clock when it answered, to the second; a gateway may leave it out.
    pub clock: Option<Timestamp>,
}

/// One endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Endpoint {
    /// Such as `Default`.
    pub name: String,
    /// Such as `24.200.001`.
    pub version: String,
}

impl Instance {
    /// Whether it offers the endpoint and version of this site, letter for letter.
    #[must_use]
    pub fn offers(&self, site: &Site) -> bool {
        self.endpoints
            .iter()
            .any(|row| row.name == site.endpoint() && row.version == site.version().as_str())
    }
}

impl<'de> Deserialize<'de> for Instance {
    /// Newer builds answer with an object, older ones with the bare list.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Shape {
            Object {
                version: Option<Version>,
                endpoints: Vec<Endpoint>,
            },
            List(Vec<Endpoint>),
        }
        #[derive(Deserialize)]
        struct Version {
            #[serde(rename = "acumaticaBuildVersion")]
            build: Option<String>,
        }
        Ok(match Shape::deserialize(deserializer)? {
            Shape::Object { version, endpoints } => Self {
                build: version.and_then(|version| version.build),
                endpoints,
                clock: None,
            },
            Shape::List(endpoints) => Self {
                build: None,
                endpoints,
                clock: None,
            },
        })
    }
}
