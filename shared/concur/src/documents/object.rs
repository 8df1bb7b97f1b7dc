//! The macro that declares an object of a document: its fields with their types, its families, and how both are read
//! and walked. One declaration instead of three lists that would have to agree.

/// Declares a wire object. `field: Type = "key"` reads one key; after a `;`, `field = "prefix"` collects a family.
macro_rules! object {
    (
        $(#[$about:meta])*
        $name:ident {
            $( $(#[$field_about:meta])* $field:ident: $type:ty = $key:literal, )*
            $( ; $( $(#[$family_about:meta])* $family:ident = $prefix:literal, )* )?
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name {
            $(
                #[doc = concat!("`", $key, "`.")]
                $(#[$field_about])*
                pub $field: $type,
            )*
            $($(
                #[doc = concat!("`", $prefix, "NCode` and `", $prefix, "NValue`.")]
                $(#[$family_about])*
                pub $family: $crate::value::Family,
            )*)?
        }

        impl $crate::value::Object for $name {
            fn take<'de, A: ::serde::de::MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
                match key {
                    $( $key => self.$field = map.next_value()?, )*
                    _ => {
                        $($(
                            if let Some(side) = $crate::value::Side::of(key, $prefix) {
                                self.$family.put(side, map.next_value()?);
                                return Ok(());
                            }
                        )*)?
                        map.next_value::<::serde::de::IgnoredAny>()?;
                    }
                }
                Ok(())
            }
        }

        impl $crate::value::Walk for $name {
            fn walk(&self, at: &$crate::value::Path<'_>, found: &mut Vec<$crate::value::Oddity>) {
                $( self.$field.walk(&at.key($key), found); )*
                $($( self.$family.walk(at, $prefix, found); )*)?
            }
        }
    };
}
