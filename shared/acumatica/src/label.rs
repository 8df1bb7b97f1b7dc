//! Drop-downs travel as display labels; a closed set of them is an enum, and a label nobody documented is kept as text.

/// Declares such an enum. Labels are compared without regard to case.
macro_rules! labels {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $label:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A label this client does not know, as it came.
            Other(String),
        }

        impl $name {
            /// The label as Acumatica shows it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $label,)+
                    Self::Other(label) => label,
                }
            }
        }

        impl From<&str> for $name {
            fn from(label: &str) -> Self {
                $(if label.eq_ignore_ascii_case($label) {
                    return Self::$variant;
                })+
                Self::Other(label.to_owned())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(|label| Self::from(label.as_str()))
            }
        }
    };
}
pub(crate) use labels;
