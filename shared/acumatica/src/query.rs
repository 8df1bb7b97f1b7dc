//! Which records, and how much of each.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::custom::CustomField;
use crate::entity::{Entity, Keyed, names};
use crate::filter::Filter;
use crate::version::EndpointVersion;

/// Kept as they are in a query; everything else is percent-encoded, so that `&`, `+` and `#` stay part of a value.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/')
    .remove(b',');

/// Whether detail lists and linked records are read along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rows {
    /// The record's own fields.
    #[default]
    Without,
    /// With all of them.
    With,
}

/// What a list is asked for. The fields are always those of the type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    filter: Option<Filter>,
    custom: Vec<String>,
    top: Option<u32>,
    rows: Rows,
}

impl Query {
    /// Every record of the tenant that the user may see; there is no default page size.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// The records that meet a condition.
    #[must_use]
    pub fn matching(filter: Filter) -> Self {
        Self {
            filter: Some(filter),
            ..Self::default()
        }
    }

    /// Reads fields outside the contract along.
    #[must_use]
    pub fn custom(self, fields: impl IntoIterator<Item = CustomField>) -> Self {
        self.custom_paths(fields.into_iter().map(|field| field.to_string()))
    }

    /// Also fields of rows, as `List/View.Field`.
    pub(crate) fn custom_paths(mut self, paths: impl IntoIterator<Item = String>) -> Self {
        self.custom.extend(paths);
        self
    }

    /// At most so many records. Their order is the server's.
    #[must_use]
    pub fn top(mut self, records: u32) -> Self {
        self.top = Some(records);
        self
    }

    /// Only the records whose key stands behind that of this one, so that a long list can be read page by page; with
    /// [`top`](Self::top). Source: Integration Development Guide, "$filter Parameter"; the contract has no order of its own.
    #[must_use]
    pub fn after<E: Keyed>(mut self, last: &E) -> Self {
        let mut behind: Option<Filter> = None;
        for (name, value) in E::KEYS.iter().copied().zip(last.key()).rev() {
            let greater = Filter::gt(name, value);
            behind = Some(match behind {
                None => greater,
                Some(rest) => greater.or(Filter::eq(name, value).and(rest)),
            });
        }
        self.filter = match (self.filter.take(), behind) {
            (Some(filter), Some(behind)) => Some(filter.and(behind)),
            (filter, behind) => filter.or(behind),
        };
        self
    }

    /// Reads detail lists and linked records along. Some lists cannot be read so (`CannotOptimizeException`): then read record by record.
    #[must_use]
    pub fn rows(mut self, rows: Rows) -> Self {
        self.rows = rows;
        self
    }

    /// The query part of the address, percent-encoded, without `?`.
    pub(crate) fn encode<E: Entity>(&self, version: EndpointVersion) -> String {
        let mut names = names::<E>(version);
        let mut options = Vec::new();
        if let Some(filter) = &self.filter {
            options.push(("$filter", filter.as_str().to_owned()));
        }
        if self.rows == Rows::With && !names.lists.is_empty() {
            names.fields.append(&mut names.detail_fields);
            options.push(("$expand", names.lists.join(",")));
        }
        options.push(("$select", names.fields.join(",")));
        if !self.custom.is_empty() {
            options.push(("$custom", self.custom.join(",")));
        }
        if let Some(top) = self.top {
            options.push(("$top", top.to_string()));
        }
        let encoded = options
            .into_iter()
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(&value, ENCODED)));
        encoded.collect::<Vec<_>>().join("&")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bill::Bill;
    use crate::period::FinancialPeriod;
    use proptest::prelude::*;

    #[test]
    fn the_type_names_the_fields() {
        let query = Query::matching(Filter::eq("FinancialYear", "2026"))
            .rows(Rows::With)
            .top(1);
        assert_eq!(
            query.encode::<FinancialPeriod>(EndpointVersion::V24),
            "$filter=FinancialYear%20eq%20%272026%27&$expand=Details&$select=FinancialYear,Details/AdjustmentPeriod,\
             Details/ClosedInAP,Details/EndDate,Details/FinancialPeriodID,Details/StartDate,Details/Status&$top=1"
        );
        let header = Query::all().custom(["Document.AttributeKEY".parse().unwrap()]);
        let encoded = header.encode::<Bill>(EndpointVersion::V22);
        assert!(
            !encoded.contains("IsTaxValid")
                && !encoded.contains("Details")
                && !encoded.contains("custom,"),
            "{encoded}"
        );
        assert!(
            encoded.ends_with("&$custom=Document.AttributeKEY"),
            "{encoded}"
        );
        assert!(
            header
                .encode::<Bill>(EndpointVersion::V23)
                .contains("IsTaxValid")
        );
    }

    proptest! {
        #[test]
        fn a_server_reads_back_what_was_asked(value in "\\PC{0,20}|['&+#?%=/ ]{0,6}") {
            let filter = Filter::eq("VendorRef", value.as_str());
            let mut url = url::Url::parse("https://a.example/x").unwrap();
            url.set_query(Some(&Query::matching(filter.clone()).encode::<Bill>(EndpointVersion::V24)));
            let (name, read) = url.query_pairs().next().unwrap();
            prop_assert_eq!((name.as_ref(), read.as_ref()), ("$filter", filter.as_str()));
        }
    }
}
