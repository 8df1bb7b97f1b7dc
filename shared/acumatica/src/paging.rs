//! Whole lists, page by page: the contract has neither a page size of its own nor an order to rely on but the key's.

use std::collections::BTreeSet;

use reqwest::Method;

use crate::client::Session;
use crate::entity::Keyed;
use crate::error::{Effect, Error, Kind, Label};
use crate::query::Query;

/// How a whole list is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    /// Records asked for in one call.
    pub page_records: u32,
    /// Calls made at most.
    pub pages_max: u32,
}

impl Default for Paging {
    /// A thousand records in a call, two hundred calls.
    fn default() -> Self {
        Self {
            page_records: 1_000,
            pages_max: 200,
        }
    }
}

impl Session {
    /// All records a query describes, in one call per page. The query's own `top` is not used.
    ///
    /// Whole or an error: whoever takes a part for the whole takes what is missing for wrong.
    ///
    /// # Errors
    /// An [`Error`]; may be repeated. [`Kind::Unreadable`] when a page does not go on where the one before ended, when a
    /// record has no key, or when there are more than `page_records` times `pages_max`.
    pub async fn list_all<E: Keyed>(
        &mut self,
        query: &Query,
        paging: Paging,
    ) -> Result<Vec<E>, Error> {
        let label = Label::of(
            Effect::Read,
            &Method::GET,
            &self.site().entity(E::NAME, &[]),
        );
        let mut records: Vec<E> = Vec::new();
        let mut keys: BTreeSet<Vec<String>> = BTreeSet::new();
        for _ in 0..paging.pages_max {
            let next = query.clone().top(paging.page_records);
            let next = match records.last() {
                Some(last) => next.after(last),
                None => next,
            };
            let page: Vec<E> = self.list(&next).await?;
            let is_last = u32::try_from(page.len()).is_ok_and(|count| count < paging.page_records);
            for record in &page {
                let key: Vec<String> = record.key().into_iter().map(str::to_owned).collect();
                if key.iter().any(String::is_empty) {
                    let message = "a record has no key";
                    return Err(Error::new(Kind::Unreadable, &label, message));
                }
                if !keys.insert(key) {
                    let message = "a page does not go on where the one before ended";
                    return Err(Error::new(Kind::Unreadable, &label, message));
                }
            }
            records.extend(page);
            if is_last {
                return Ok(records);
            }
        }
        let message = format!(
            "the list is longer than {} pages of {} records",
            paging.pages_max, paging.page_records
        );
        Err(Error::new(Kind::Unreadable, &label, message))
    }
}
